CREATE OR REPLACE SQL SECURITY INVOKER VIEW quality_by_month AS
SELECT meter.name AS meter, DATE(CONVERT_TZ(quality_month.time, 'UTC', '{timezone}')) AS month, figure, low, high,
    100 * share AS wanted_percent, 100 * inside / NULLIF(measured, 0) AS inside_percent, measured, expected - measured AS missing,
    good, mean, lowest, highest, p5, p95, method
FROM quality_month
JOIN meter ON meter.id = quality_month.meter_id
