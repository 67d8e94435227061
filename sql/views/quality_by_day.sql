CREATE OR REPLACE SQL SECURITY INVOKER VIEW quality_by_day AS
SELECT meter.name AS meter, DATE(CONVERT_TZ(quality_day.time, 'UTC', '{timezone}')) AS day, figure, low, high,
    100 * share AS wanted_percent, 100 * inside / NULLIF(measured, 0) AS inside_percent, measured, expected - measured AS missing,
    good, mean, lowest, highest, p5, p95, method
FROM quality_day
JOIN meter ON meter.id = quality_day.meter_id
