CREATE OR REPLACE SQL SECURITY INVOKER VIEW bills AS
SELECT meter.name AS meter, DATE(CONVERT_TZ(bill.time, 'UTC', '{timezone}')) AS begins, bill.tariff, bill.days,
    bill.import_kwh, bill.export_kwh, bill.total, bill.expected, bill.expected_by, bill.currency,
    1 - bill.quarters / NULLIF(bill.expected_quarters, 0) AS missing, bill.unpriced_kwh
FROM bill
JOIN meter ON meter.id = bill.meter_id
