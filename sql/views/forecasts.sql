CREATE OR REPLACE SQL SECURITY INVOKER VIEW forecasts AS
SELECT meter.name AS meter, CONVERT_TZ(forecast_hour.time, 'UTC', '{timezone}') AS local_time, forecast_hour.quantity,
    forecast_hour.value, forecast_hour.low, forecast_hour.high, quantity.unit, forecast_hour.made, forecast_hour.time AS utc
FROM forecast_hour
JOIN meter ON meter.id = forecast_hour.meter_id
JOIN quantity ON quantity.name = forecast_hour.quantity
