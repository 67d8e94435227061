CREATE OR REPLACE SQL SECURITY INVOKER VIEW energy_by_band AS
SELECT meter.name AS meter, DATE(CONVERT_TZ(energy_day.time, 'UTC', '{timezone}')) AS day, energy_day.tariff,
    energy_day.band, energy_day.import_kwh, energy_day.export_kwh, energy_day.reactive_kvarh, energy_day.quarters,
    energy_day.estimated, energy_day.peak_kw, CONVERT_TZ(energy_day.peak_time, 'UTC', '{timezone}') AS peak_time
FROM energy_day
JOIN meter ON meter.id = energy_day.meter_id
