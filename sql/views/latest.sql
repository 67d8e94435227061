CREATE OR REPLACE SQL SECURITY INVOKER VIEW latest AS
SELECT meter.name AS meter, latest_value.quantity, latest_value.value, quantity.unit,
    CONVERT_TZ(latest_value.time, 'UTC', '{timezone}') AS local_time, latest_value.time AS utc
FROM latest_value
JOIN meter ON meter.id = latest_value.meter_id
LEFT JOIN quantity ON quantity.name = latest_value.quantity
