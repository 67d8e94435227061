CREATE OR REPLACE SQL SECURITY INVOKER VIEW cost_by_day AS
SELECT meter.name AS meter, DATE(CONVERT_TZ(cost_day.time, 'UTC', '{timezone}')) AS day, cost_day.tariff,
    SUM(CASE WHEN cost_day.kind IN ('energy') THEN cost_day.quantity END) AS import_kwh,
    SUM(cost_day.amount) AS cost, cost_day.currency
FROM cost_day
JOIN meter ON meter.id = cost_day.meter_id
GROUP BY meter.name, cost_day.time, cost_day.tariff, cost_day.currency
