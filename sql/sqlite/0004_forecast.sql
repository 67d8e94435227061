-- What is expected and what was not, as in mariadb/0004. Times are UTC in ms since 1970.

CREATE TABLE IF NOT EXISTS forecast_hour (
    meter_id INTEGER NOT NULL,
    time INTEGER NOT NULL,
    quantity TEXT NOT NULL,
    value REAL NOT NULL,
    low REAL NOT NULL,
    high REAL NOT NULL,
    made INTEGER NOT NULL,
    PRIMARY KEY (meter_id, time, quantity)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS forecast_model (
    meter_id INTEGER NOT NULL,
    time INTEGER NOT NULL,
    quantity TEXT NOT NULL,
    season TEXT NOT NULL,
    level REAL NOT NULL,
    day REAL NOT NULL,
    week REAL NOT NULL,
    memory REAL NOT NULL,
    error REAL,
    PRIMARY KEY (meter_id, time, quantity, season)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS anomaly (
    meter_id INTEGER NOT NULL,
    time INTEGER NOT NULL,
    quantity TEXT NOT NULL,
    kind TEXT NOT NULL,
    until INTEGER NOT NULL,
    lasting INTEGER NOT NULL,
    score REAL NOT NULL,
    expected REAL NOT NULL,
    difference REAL NOT NULL,
    kwh REAL,
    amount REAL,
    currency TEXT,
    PRIMARY KEY (meter_id, time, quantity, kind)
) WITHOUT ROWID;
