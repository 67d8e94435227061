CREATE OR REPLACE SQL SECURITY INVOKER VIEW disturbances AS
SELECT meter.name AS meter, CONVERT_TZ(disturbance.time, 'UTC', '{timezone}') AS local_time,
    TIMESTAMPDIFF(SECOND, disturbance.time, disturbance.until) AS seconds, kind, phases, 100 * extreme AS percent_of_nominal,
    disturbance.time AS utc
FROM disturbance
JOIN meter ON meter.id = disturbance.meter_id
