CREATE OR REPLACE SQL SECURITY INVOKER VIEW anomalies AS
SELECT meter.name AS meter, CONVERT_TZ(anomaly.time, 'UTC', '{timezone}') AS local_time,
    CONVERT_TZ(anomaly.until, 'UTC', '{timezone}') AS until_local, anomaly.quantity, anomaly.kind, anomaly.lasting, anomaly.score,
    anomaly.expected, anomaly.difference, quantity.unit, anomaly.kwh, anomaly.amount, anomaly.currency, anomaly.time AS utc
FROM anomaly
JOIN meter ON meter.id = anomaly.meter_id
JOIN quantity ON quantity.name = anomaly.quantity
