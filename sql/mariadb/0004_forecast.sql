-- What is expected and what was not. Table forecast of 0001 was never filled: forecast_hour has the band, and its key
-- begins with the time, so that a period of all quantities is one range of it.

CREATE TABLE IF NOT EXISTS forecast_hour (
    meter_id SMALLINT NOT NULL,
    time DATETIME(3) NOT NULL COMMENT 'UTC: start of the hour',
    quantity VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    value DOUBLE NOT NULL COMMENT 'expected mean, of a counter its increase',
    low DOUBLE NOT NULL COMMENT '95 of 100 hours lie between low and high',
    high DOUBLE NOT NULL,
    made DATETIME(3) NOT NULL COMMENT 'UTC: from what was known then',
    PRIMARY KEY (meter_id, time, quantity)
) ENGINE=InnoDB;

CREATE TABLE IF NOT EXISTS forecast_model (
    meter_id SMALLINT NOT NULL,
    time DATETIME(3) NOT NULL COMMENT 'UTC: when it was estimated',
    quantity VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    season VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'day, or week: day and week',
    level DOUBLE NOT NULL COMMENT 'share of an error that goes into the level',
    day DOUBLE NOT NULL COMMENT 'into the hour of the day',
    week DOUBLE NOT NULL COMMENT 'into the hour of the week',
    memory DOUBLE NOT NULL COMMENT 'what is left of an error an hour later',
    error DOUBLE NULL COMMENT 'mean error over 24 h ahead',
    PRIMARY KEY (meter_id, time, quantity, season)
) ENGINE=InnoDB;

CREATE TABLE IF NOT EXISTS anomaly (
    meter_id SMALLINT NOT NULL,
    time DATETIME(3) NOT NULL COMMENT 'UTC: when it began',
    quantity VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    kind VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'spike, step, drift, base or stuck',
    until DATETIME(3) NOT NULL COMMENT 'UTC: end of its last hour',
    lasting TINYINT NOT NULL COMMENT '1: it still lasts',
    score DOUBLE NOT NULL COMMENT 'times what would be remarkable',
    expected DOUBLE NOT NULL COMMENT 'mean that was expected',
    difference DOUBLE NOT NULL COMMENT 'mean of what was more',
    kwh DOUBLE NULL COMMENT 'energy that was more',
    amount DOUBLE NULL COMMENT 'what that cost',
    currency CHAR(3) CHARACTER SET ascii NULL,
    PRIMARY KEY (meter_id, time, quantity, kind)
) ENGINE=InnoDB;
