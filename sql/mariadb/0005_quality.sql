-- Quality of the electricity: 10-minute values, disturbances, and what they say of each day, week and month.

CREATE TABLE IF NOT EXISTS quality_10m (
    meter_id SMALLINT NOT NULL,
    time DATETIME(3) NOT NULL COMMENT 'UTC: start of the ten minutes',
    voltage_l1_n DOUBLE NULL,
    voltage_l2_n DOUBLE NULL,
    voltage_l3_n DOUBLE NULL,
    voltage_l1_l2 DOUBLE NULL,
    voltage_l2_l3 DOUBLE NULL,
    voltage_l3_l1 DOUBLE NULL,
    current_l1 DOUBLE NULL,
    current_l2 DOUBLE NULL,
    current_l3 DOUBLE NULL,
    voltage_thd_l1 DOUBLE NULL,
    voltage_thd_l2 DOUBLE NULL,
    voltage_thd_l3 DOUBLE NULL,
    frequency DOUBLE NULL,
    frequency_low DOUBLE NULL COMMENT 'lowest single reading',
    frequency_high DOUBLE NULL COMMENT 'highest single reading',
    active_power_total DOUBLE NULL,
    reactive_power_total DOUBLE NULL,
    apparent_power_total DOUBLE NULL,
    voltage_unbalance DOUBLE NULL COMMENT 'percent, as the meter computes it',
    unbalance_voltage DOUBLE NULL COMMENT 'percent, by unbalance_method',
    unbalance_current DOUBLE NULL COMMENT 'percent, largest deviation from the mean',
    unbalance_method VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NULL,
    PRIMARY KEY (meter_id, time)
) ENGINE=InnoDB;

CREATE TABLE IF NOT EXISTS disturbance (
    meter_id SMALLINT NOT NULL,
    time DATETIME(3) NOT NULL COMMENT 'UTC, to the minute',
    kind VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'interruption, dip or swell',
    until DATETIME(3) NOT NULL,
    phases VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    extreme DOUBLE NOT NULL COMMENT 'share of nominal that was reached',
    PRIMARY KEY (meter_id, time, kind)
) ENGINE=InnoDB;

CREATE TABLE IF NOT EXISTS quality_day (
    meter_id SMALLINT NOT NULL,
    time DATETIME(3) NOT NULL COMMENT 'the site''s local day: its beginning in UTC',
    figure VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    number INT NOT NULL COMMENT '0: statistics of the figure; from 1 on: a limit',
    low DOUBLE NULL,
    high DOUBLE NULL,
    share DOUBLE NULL COMMENT 'of the values that must lie inside',
    expected INT NULL COMMENT '10-minute values',
    measured INT NULL,
    inside INT NULL,
    good INT NULL COMMENT 'NULL: too little was measured',
    mean DOUBLE NULL,
    lowest DOUBLE NULL,
    highest DOUBLE NULL,
    p5 DOUBLE NULL,
    p95 DOUBLE NULL,
    method VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NULL,
    worst VARCHAR(200) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'UTC ms:value of the worst outside',
    PRIMARY KEY (meter_id, time, figure, number)
) ENGINE=InnoDB;

CREATE TABLE IF NOT EXISTS quality_week (
    meter_id SMALLINT NOT NULL,
    time DATETIME(3) NOT NULL COMMENT 'Monday to Sunday: its beginning in UTC',
    figure VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    number INT NOT NULL COMMENT '0: statistics of the figure; from 1 on: a limit',
    low DOUBLE NULL,
    high DOUBLE NULL,
    share DOUBLE NULL COMMENT 'of the values that must lie inside',
    expected INT NULL COMMENT '10-minute values',
    measured INT NULL,
    inside INT NULL,
    good INT NULL COMMENT 'NULL: too little was measured',
    mean DOUBLE NULL,
    lowest DOUBLE NULL,
    highest DOUBLE NULL,
    p5 DOUBLE NULL,
    p95 DOUBLE NULL,
    method VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NULL,
    worst VARCHAR(200) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'UTC ms:value of the worst outside',
    PRIMARY KEY (meter_id, time, figure, number)
) ENGINE=InnoDB;

CREATE TABLE IF NOT EXISTS quality_month (
    meter_id SMALLINT NOT NULL,
    time DATETIME(3) NOT NULL COMMENT 'the site''s local month: its beginning in UTC',
    figure VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    number INT NOT NULL COMMENT '0: statistics of the figure; from 1 on: a limit',
    low DOUBLE NULL,
    high DOUBLE NULL,
    share DOUBLE NULL COMMENT 'of the values that must lie inside',
    expected INT NULL COMMENT '10-minute values',
    measured INT NULL,
    inside INT NULL,
    good INT NULL COMMENT 'NULL: too little was measured',
    mean DOUBLE NULL,
    lowest DOUBLE NULL,
    highest DOUBLE NULL,
    p5 DOUBLE NULL,
    p95 DOUBLE NULL,
    method VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NULL,
    worst VARCHAR(200) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'UTC ms:value of the worst outside',
    PRIMARY KEY (meter_id, time, figure, number)
) ENGINE=InnoDB;
