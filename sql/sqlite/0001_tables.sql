-- Phaselog's tables in SQLite. Times are UTC in ms since 1970. The columns of the quantities are added by
-- `phaselog db migrate`, from the closed list in collector/model/quantity.py.

CREATE TABLE IF NOT EXISTS meter (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);

CREATE TABLE IF NOT EXISTS quantity (
    name TEXT PRIMARY KEY,
    unit TEXT NOT NULL,
    kind TEXT NOT NULL,
    description TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS reading (
    meter_id INTEGER NOT NULL,
    time INTEGER NOT NULL,
    flags INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (meter_id, time)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS reading_1m (
    meter_id INTEGER NOT NULL,
    time INTEGER NOT NULL,
    flags INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (meter_id, time)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS reading_15m (
    meter_id INTEGER NOT NULL,
    time INTEGER NOT NULL,
    flags INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (meter_id, time)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS reading_1h (
    meter_id INTEGER NOT NULL,
    time INTEGER NOT NULL,
    flags INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (meter_id, time)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS reading_1d (
    meter_id INTEGER NOT NULL,
    time INTEGER NOT NULL,
    flags INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (meter_id, time)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS latest_value (
    meter_id INTEGER NOT NULL,
    quantity TEXT NOT NULL,
    time INTEGER NOT NULL,
    value REAL NOT NULL,
    first_time INTEGER NOT NULL,
    PRIMARY KEY (meter_id, quantity)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS rollup_due (
    level INTEGER NOT NULL,
    meter_id INTEGER NOT NULL,
    time INTEGER NOT NULL,
    PRIMARY KEY (level, meter_id, time)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS retained_from (
    level INTEGER PRIMARY KEY,
    time INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS event (
    time INTEGER NOT NULL,
    kind TEXT NOT NULL,
    meter TEXT NOT NULL DEFAULT '',
    message TEXT NOT NULL,
    PRIMARY KEY (time, kind, meter)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS batch (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    meter_id INTEGER NOT NULL,
    time_from INTEGER NOT NULL,
    time_to INTEGER NOT NULL,
    `rows` INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS boot (
    boot TEXT PRIMARY KEY,
    shift_ms INTEGER NOT NULL,
    true_shift_ms INTEGER
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS tariff (
    valid_from INTEGER NOT NULL,
    name TEXT NOT NULL,
    price REAL NOT NULL,
    currency TEXT NOT NULL,
    PRIMARY KEY (valid_from, name)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS forecast (
    meter_id INTEGER NOT NULL,
    quantity TEXT NOT NULL,
    made INTEGER NOT NULL,
    time INTEGER NOT NULL,
    value REAL NOT NULL,
    PRIMARY KEY (meter_id, quantity, made, time)
) WITHOUT ROWID;
