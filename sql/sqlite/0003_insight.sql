-- What is computed from stored series, as in mariadb/0003. Times are UTC in ms since 1970; exact decimals are text.

CREATE TABLE IF NOT EXISTS insight_calculation (
    name TEXT NOT NULL PRIMARY KEY,
    follows TEXT,
    fingerprint TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS insight_due (
    calculation TEXT NOT NULL,
    meter_id INTEGER NOT NULL,
    time INTEGER NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (calculation, meter_id, time)
) WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS insight_due_newest ON insight_due (calculation, time);

CREATE TABLE IF NOT EXISTS energy_day (
    meter_id INTEGER NOT NULL,
    time INTEGER NOT NULL,
    tariff TEXT NOT NULL,
    band TEXT NOT NULL,
    import_kwh TEXT,
    export_kwh TEXT,
    reactive_kvarh TEXT,
    quarters INTEGER NOT NULL,
    estimated INTEGER NOT NULL,
    peak_kw TEXT,
    peak_time INTEGER,
    market_import TEXT,
    market_export TEXT,
    unpriced_kwh TEXT,
    unpriced_export_kwh TEXT,
    PRIMARY KEY (meter_id, time, tariff, band)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS cost_day (
    meter_id INTEGER NOT NULL,
    time INTEGER NOT NULL,
    tariff TEXT NOT NULL,
    kind TEXT NOT NULL,
    label TEXT NOT NULL,
    quantity TEXT,
    amount TEXT,
    currency TEXT NOT NULL,
    PRIMARY KEY (meter_id, time, tariff, kind, label)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS bill_line (
    meter_id INTEGER NOT NULL,
    time INTEGER NOT NULL,
    tariff TEXT NOT NULL,
    number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    label TEXT NOT NULL,
    quantity TEXT,
    unit TEXT NOT NULL,
    price TEXT,
    amount TEXT,
    PRIMARY KEY (meter_id, time, tariff, number)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS bill (
    meter_id INTEGER NOT NULL,
    time INTEGER NOT NULL,
    tariff TEXT NOT NULL,
    currency TEXT NOT NULL,
    until INTEGER NOT NULL,
    days INTEGER NOT NULL,
    import_kwh TEXT,
    export_kwh TEXT,
    total TEXT NOT NULL,
    expected TEXT,
    expected_by TEXT,
    quarters INTEGER NOT NULL,
    estimated INTEGER NOT NULL,
    expected_quarters INTEGER NOT NULL,
    unpriced_kwh TEXT NOT NULL,
    PRIMARY KEY (meter_id, time, tariff)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS market_price (
    source TEXT NOT NULL,
    time INTEGER NOT NULL,
    until INTEGER NOT NULL,
    price TEXT NOT NULL,
    PRIMARY KEY (source, time)
) WITHOUT ROWID;
