-- Quality of the electricity: 10-minute values, disturbances, and what they say of each day, week and month. As in mariadb/0005.

CREATE TABLE IF NOT EXISTS quality_10m (
    meter_id INTEGER NOT NULL,
    time INTEGER NOT NULL,
    voltage_l1_n REAL NULL,
    voltage_l2_n REAL NULL,
    voltage_l3_n REAL NULL,
    voltage_l1_l2 REAL NULL,
    voltage_l2_l3 REAL NULL,
    voltage_l3_l1 REAL NULL,
    current_l1 REAL NULL,
    current_l2 REAL NULL,
    current_l3 REAL NULL,
    voltage_thd_l1 REAL NULL,
    voltage_thd_l2 REAL NULL,
    voltage_thd_l3 REAL NULL,
    frequency REAL NULL,
    frequency_low REAL NULL,
    frequency_high REAL NULL,
    active_power_total REAL NULL,
    reactive_power_total REAL NULL,
    apparent_power_total REAL NULL,
    voltage_unbalance REAL NULL,
    unbalance_voltage REAL NULL,
    unbalance_current REAL NULL,
    unbalance_method TEXT NULL,
    PRIMARY KEY (meter_id, time)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS disturbance (
    meter_id INTEGER NOT NULL,
    time INTEGER NOT NULL,
    kind TEXT NOT NULL,
    until INTEGER NOT NULL,
    phases TEXT NOT NULL,
    extreme REAL NOT NULL,
    PRIMARY KEY (meter_id, time, kind)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS quality_day (
    meter_id INTEGER NOT NULL,
    time INTEGER NOT NULL,
    figure TEXT NOT NULL,
    number INTEGER NOT NULL,
    low REAL NULL,
    high REAL NULL,
    share REAL NULL,
    expected INTEGER NULL,
    measured INTEGER NULL,
    inside INTEGER NULL,
    good INTEGER NULL,
    mean REAL NULL,
    lowest REAL NULL,
    highest REAL NULL,
    p5 REAL NULL,
    p95 REAL NULL,
    method TEXT NULL,
    worst TEXT NULL,
    PRIMARY KEY (meter_id, time, figure, number)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS quality_week (
    meter_id INTEGER NOT NULL,
    time INTEGER NOT NULL,
    figure TEXT NOT NULL,
    number INTEGER NOT NULL,
    low REAL NULL,
    high REAL NULL,
    share REAL NULL,
    expected INTEGER NULL,
    measured INTEGER NULL,
    inside INTEGER NULL,
    good INTEGER NULL,
    mean REAL NULL,
    lowest REAL NULL,
    highest REAL NULL,
    p5 REAL NULL,
    p95 REAL NULL,
    method TEXT NULL,
    worst TEXT NULL,
    PRIMARY KEY (meter_id, time, figure, number)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS quality_month (
    meter_id INTEGER NOT NULL,
    time INTEGER NOT NULL,
    figure TEXT NOT NULL,
    number INTEGER NOT NULL,
    low REAL NULL,
    high REAL NULL,
    share REAL NULL,
    expected INTEGER NULL,
    measured INTEGER NULL,
    inside INTEGER NULL,
    good INTEGER NULL,
    mean REAL NULL,
    lowest REAL NULL,
    highest REAL NULL,
    p5 REAL NULL,
    p95 REAL NULL,
    method TEXT NULL,
    worst TEXT NULL,
    PRIMARY KEY (meter_id, time, figure, number)
) WITHOUT ROWID;
