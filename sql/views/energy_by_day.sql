CREATE OR REPLACE SQL SECURITY INVOKER VIEW energy_by_day AS
SELECT meter.name AS meter, DATE(CONVERT_TZ(reading_1d.time, 'UTC', '{timezone}')) AS day,
    {active_energy_import_increase} / 1000 AS import_kwh,
    {active_energy_export_increase} / 1000 AS export_kwh
FROM reading_1d
JOIN meter ON meter.id = reading_1d.meter_id
