-- How it stands with the lists of market prices.

CREATE TABLE IF NOT EXISTS price_list (
    source VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL PRIMARY KEY COMMENT 'tariff: file or URL',
    asked DATETIME(3) NOT NULL COMMENT 'UTC, the last time',
    fetched DATETIME(3) NULL COMMENT 'UTC, the last time that it could be read',
    failing DATETIME(3) NULL COMMENT 'UTC, since when it cannot be read; NULL: it can',
    problem TEXT CHARACTER SET utf8mb4 NULL COMMENT 'why not'
) ENGINE=InnoDB;
