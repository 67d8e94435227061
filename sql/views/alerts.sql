CREATE OR REPLACE SQL SECURITY INVOKER VIEW alerts AS
SELECT CONVERT_TZ(raised, 'UTC', '{timezone}') AS local_time, CONVERT_TZ(ended, 'UTC', '{timezone}') AS ended_local, rule, meter, text,
    acknowledged_by, raised AS utc
FROM alert
