-- Phaselog's tables in MariaDB. Times are UTC. The columns of the quantities are added by `phaselog db migrate`, from
-- the closed list in collector/model/quantity.py; so are the monthly partitions of table reading.

CREATE TABLE IF NOT EXISTS meter (
    id SMALLINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    name VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL UNIQUE
) ENGINE=InnoDB;

CREATE TABLE IF NOT EXISTS quantity (
    name VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    unit VARCHAR(10) CHARACTER SET utf8mb4 NOT NULL,
    kind VARCHAR(10) CHARACTER SET ascii NOT NULL,
    description VARCHAR(200) CHARACTER SET utf8mb4 NOT NULL
) ENGINE=InnoDB;

-- No foreign keys: a partitioned table cannot have them.
CREATE TABLE IF NOT EXISTS reading (
    meter_id SMALLINT NOT NULL,
    time DATETIME(3) NOT NULL COMMENT 'UTC',
    flags SMALLINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'sum of quality numbers, see docs/reference/schema.md',
    PRIMARY KEY (meter_id, time)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC
PARTITION BY RANGE COLUMNS (time) (PARTITION later VALUES LESS THAN (MAXVALUE));

CREATE TABLE IF NOT EXISTS reading_1m (
    meter_id SMALLINT NOT NULL,
    time DATETIME(3) NOT NULL COMMENT 'UTC minute',
    flags SMALLINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'what any of the readings had',
    PRIMARY KEY (meter_id, time)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC;

CREATE TABLE IF NOT EXISTS reading_15m (
    meter_id SMALLINT NOT NULL,
    time DATETIME(3) NOT NULL COMMENT 'UTC quarter of an hour',
    flags SMALLINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'what any of the readings had',
    PRIMARY KEY (meter_id, time)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC;

CREATE TABLE IF NOT EXISTS reading_1h (
    meter_id SMALLINT NOT NULL,
    time DATETIME(3) NOT NULL COMMENT 'UTC hour',
    flags SMALLINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'what any of the readings had',
    PRIMARY KEY (meter_id, time)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC;

CREATE TABLE IF NOT EXISTS reading_1d (
    meter_id SMALLINT NOT NULL,
    time DATETIME(3) NOT NULL COMMENT 'the site''s local day: its beginning in UTC',
    flags SMALLINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'what any of the readings had',
    PRIMARY KEY (meter_id, time)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC;

CREATE TABLE IF NOT EXISTS latest_value (
    meter_id SMALLINT NOT NULL,
    quantity VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    time DATETIME(3) NOT NULL COMMENT 'UTC, of the newest value',
    value DOUBLE NOT NULL,
    first_time DATETIME(3) NOT NULL COMMENT 'UTC, of the oldest value',
    PRIMARY KEY (meter_id, quantity)
) ENGINE=InnoDB;

CREATE TABLE IF NOT EXISTS rollup_due (
    level SMALLINT NOT NULL COMMENT 'minutes: 1, 15, 60, 1440',
    meter_id SMALLINT NOT NULL,
    time DATETIME(3) NOT NULL,
    PRIMARY KEY (level, meter_id, time)
) ENGINE=InnoDB;

CREATE TABLE IF NOT EXISTS retained_from (
    level SMALLINT NOT NULL PRIMARY KEY COMMENT '0: reading, 1: reading_1m',
    time DATETIME(3) NOT NULL
) ENGINE=InnoDB;

CREATE TABLE IF NOT EXISTS event (
    time DATETIME(3) NOT NULL COMMENT 'UTC',
    kind VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    meter VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '',
    message TEXT CHARACTER SET utf8mb4 NOT NULL,
    PRIMARY KEY (time, kind, meter)
) ENGINE=InnoDB;

CREATE TABLE IF NOT EXISTS batch (
    seq BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    meter_id SMALLINT NOT NULL,
    time_from DATETIME(3) NOT NULL,
    time_to DATETIME(3) NOT NULL,
    `rows` INT UNSIGNED NOT NULL
) ENGINE=InnoDB;

CREATE TABLE IF NOT EXISTS boot (
    boot CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    shift_ms BIGINT NOT NULL COMMENT 'estimated: UTC ms = boot ms + shift_ms',
    true_shift_ms BIGINT NULL COMMENT 'once it was known and the rows were moved'
) ENGINE=InnoDB;

CREATE TABLE IF NOT EXISTS tariff (
    valid_from DATETIME(3) NOT NULL COMMENT 'UTC',
    name VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    price DOUBLE NOT NULL COMMENT 'for one kWh',
    currency CHAR(3) CHARACTER SET ascii NOT NULL,
    PRIMARY KEY (valid_from, name)
) ENGINE=InnoDB;

CREATE TABLE IF NOT EXISTS forecast (
    meter_id SMALLINT NOT NULL,
    quantity VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    made DATETIME(3) NOT NULL,
    time DATETIME(3) NOT NULL,
    value DOUBLE NOT NULL,
    PRIMARY KEY (meter_id, quantity, made, time)
) ENGINE=InnoDB;

CREATE TABLE IF NOT EXISTS view_definition (
    name VARCHAR(64) CHARACTER SET ascii NOT NULL PRIMARY KEY,
    checksum CHAR(64) CHARACTER SET ascii NOT NULL
) ENGINE=InnoDB;
