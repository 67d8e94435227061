CREATE OR REPLACE SQL SECURITY INVOKER VIEW cost_by_day AS
SELECT meter.name AS meter, DATE(CONVERT_TZ(reading_1d.time, 'UTC', '{timezone}')) AS day, tariff.name AS tariff,
    COALESCE({active_energy_import_increase}, {active_energy_import_t1_increase}
        + COALESCE({active_energy_import_t2_increase}, 0)
        + COALESCE({active_energy_import_t3_increase}, 0) + COALESCE({active_energy_import_t4_increase}, 0)) / 1000 AS import_kwh,
    COALESCE({active_energy_import_increase}, {active_energy_import_t1_increase}
        + COALESCE({active_energy_import_t2_increase}, 0)
        + COALESCE({active_energy_import_t3_increase}, 0) + COALESCE({active_energy_import_t4_increase}, 0)) / 1000 * tariff.price AS cost, tariff.currency
FROM reading_1d
JOIN meter ON meter.id = reading_1d.meter_id
JOIN tariff ON tariff.valid_from = (
    SELECT MAX(earlier.valid_from) FROM tariff AS earlier
    WHERE earlier.name = tariff.name AND earlier.valid_from <= reading_1d.time
)
