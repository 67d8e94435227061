CREATE OR REPLACE SQL SECURITY INVOKER VIEW quality_by_week AS
SELECT meter.name AS meter, DATE(CONVERT_TZ(quality_week.time, 'UTC', '{timezone}')) AS week, figure, low, high,
    100 * share AS wanted_percent, 100 * inside / NULLIF(measured, 0) AS inside_percent, measured, expected - measured AS missing,
    good, mean, lowest, highest, p5, p95, method
FROM quality_week
JOIN meter ON meter.id = quality_week.meter_id
