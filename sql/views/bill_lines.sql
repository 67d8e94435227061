CREATE OR REPLACE SQL SECURITY INVOKER VIEW bill_lines AS
SELECT meter.name AS meter, DATE(CONVERT_TZ(bill_line.time, 'UTC', '{timezone}')) AS begins, bill_line.tariff,
    bill_line.number, bill_line.kind, bill_line.label, bill_line.quantity, bill_line.unit, bill_line.price,
    bill_line.amount
FROM bill_line
JOIN meter ON meter.id = bill_line.meter_id
