CREATE OR REPLACE SQL SECURITY INVOKER VIEW energy_by_day AS
SELECT meter.name AS meter, DATE(CONVERT_TZ(reading_1d.time, 'UTC', '{timezone}')) AS day,
    COALESCE({active_energy_import_increase}, {active_energy_import_t1_increase}
        + COALESCE({active_energy_import_t2_increase}, 0)
        + COALESCE({active_energy_import_t3_increase}, 0) + COALESCE({active_energy_import_t4_increase}, 0)) / 1000 AS import_kwh,
    COALESCE({active_energy_export_increase}, {active_energy_export_t1_increase}
        + COALESCE({active_energy_export_t2_increase}, 0)
        + COALESCE({active_energy_export_t3_increase}, 0) + COALESCE({active_energy_export_t4_increase}, 0)) / 1000 AS export_kwh
FROM reading_1d
JOIN meter ON meter.id = reading_1d.meter_id
