-- What is computed from stored series: which days wait for which calculation, energy and cost. Amounts and energies are
-- exact decimals. Table tariff of 0001 was never filled: tariffs stand in the configuration, what they come to in bill.

CREATE TABLE IF NOT EXISTS insight_calculation (
    name VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    follows VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'computed after this one, from its results',
    fingerprint CHAR(64) CHARACTER SET ascii NOT NULL COMMENT 'of its settings: another one computes all days anew'
) ENGINE=InnoDB;

CREATE TABLE IF NOT EXISTS insight_due (
    calculation VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    meter_id SMALLINT NOT NULL,
    time DATETIME(3) NOT NULL COMMENT 'a moment of the local day that changed, UTC',
    version BIGINT NOT NULL COMMENT 'grows with every change',
    PRIMARY KEY (calculation, meter_id, time),
    KEY newest (calculation, time)
) ENGINE=InnoDB;

CREATE TABLE IF NOT EXISTS energy_day (
    meter_id SMALLINT NOT NULL,
    time DATETIME(3) NOT NULL COMMENT 'the site''s local day: its beginning in UTC',
    tariff VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'empty: none',
    band VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'empty: no bands',
    import_kwh DECIMAL(18,6) NULL,
    export_kwh DECIMAL(18,6) NULL,
    reactive_kvarh DECIMAL(18,6) NULL COMMENT 'inductive',
    quarters SMALLINT NOT NULL COMMENT 'quarters of an hour whose energy is known',
    estimated SMALLINT NOT NULL COMMENT 'of these: spread evenly over a gap',
    peak_kw DECIMAL(18,6) NULL COMMENT 'highest mean of a quarter',
    peak_time DATETIME(3) NULL COMMENT 'UTC',
    market_import DECIMAL(24,12) NULL COMMENT 'import at market prices',
    market_export DECIMAL(24,12) NULL,
    unpriced_kwh DECIMAL(18,6) NULL COMMENT 'import whose market price is not known',
    unpriced_export_kwh DECIMAL(18,6) NULL,
    PRIMARY KEY (meter_id, time, tariff, band)
) ENGINE=InnoDB;

CREATE TABLE IF NOT EXISTS cost_day (
    meter_id SMALLINT NOT NULL,
    time DATETIME(3) NOT NULL COMMENT 'the site''s local day: its beginning in UTC',
    tariff VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    kind VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    label VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    quantity DECIMAL(18,6) NULL,
    amount DECIMAL(24,12) NULL COMMENT 'not rounded',
    currency CHAR(3) CHARACTER SET ascii NOT NULL,
    PRIMARY KEY (meter_id, time, tariff, kind, label)
) ENGINE=InnoDB;

CREATE TABLE IF NOT EXISTS bill_line (
    meter_id SMALLINT NOT NULL,
    time DATETIME(3) NOT NULL COMMENT 'beginning of the local month, or of the tariff within it, in UTC',
    tariff VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    number SMALLINT NOT NULL COMMENT 'order on the bill',
    kind VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    label VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    quantity DECIMAL(18,6) NULL,
    unit VARCHAR(10) CHARACTER SET utf8mb4 NOT NULL,
    price DECIMAL(24,12) NULL,
    amount DECIMAL(18,6) NULL COMMENT 'rounded to the currency''s smallest unit',
    PRIMARY KEY (meter_id, time, tariff, number)
) ENGINE=InnoDB;

CREATE TABLE IF NOT EXISTS bill (
    meter_id SMALLINT NOT NULL,
    time DATETIME(3) NOT NULL COMMENT 'beginning of the local month, or of the tariff within it, in UTC',
    tariff VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    currency CHAR(3) CHARACTER SET ascii NOT NULL,
    until DATETIME(3) NOT NULL COMMENT 'UTC, up to when it was computed',
    days SMALLINT NOT NULL COMMENT 'of this month under this tariff, until then',
    import_kwh DECIMAL(18,6) NULL,
    export_kwh DECIMAL(18,6) NULL,
    total DECIMAL(18,6) NOT NULL COMMENT 'sum of the lines',
    expected DECIMAL(18,6) NULL COMMENT 'at its end',
    expected_by VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NULL
        COMMENT 'forecast, or weekdays: like the same ones before',
    quarters INT NOT NULL COMMENT 'quarters of an hour whose energy is known',
    estimated INT NOT NULL,
    expected_quarters INT NOT NULL COMMENT 'that there were until then',
    unpriced_kwh DECIMAL(18,6) NOT NULL COMMENT 'energy without a price: not in the total',
    PRIMARY KEY (meter_id, time, tariff)
) ENGINE=InnoDB;

CREATE TABLE IF NOT EXISTS market_price (
    source VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    time DATETIME(3) NOT NULL COMMENT 'UTC, from when on',
    until DATETIME(3) NOT NULL COMMENT 'UTC',
    price DECIMAL(18,9) NOT NULL COMMENT 'for one kWh',
    PRIMARY KEY (source, time)
) ENGINE=InnoDB;
