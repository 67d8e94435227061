-- What alert rules found, and messages that somebody wants to be tried.

CREATE TABLE IF NOT EXISTS alert (
    raised DATETIME(3) NOT NULL COMMENT 'UTC',
    rule VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    subject VARCHAR(120) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL COMMENT 'what the rule is about: a meter, a part of the logger',
    meter VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '',
    text TEXT CHARACTER SET utf8mb4 NOT NULL,
    ended DATETIME(3) NULL COMMENT 'NULL: it lasts',
    acknowledged DATETIME(3) NULL,
    acknowledged_by VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
    PRIMARY KEY (raised, rule, subject),
    KEY alert_lasting (ended, rule, subject)
) ENGINE=InnoDB;

CREATE TABLE IF NOT EXISTS alert_test (
    asked DATETIME(3) NOT NULL COMMENT 'UTC',
    channel VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    asked_by VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    tried DATETIME(3) NULL,
    outcome TEXT CHARACTER SET utf8mb4 NULL COMMENT 'empty: it was taken',
    PRIMARY KEY (asked, channel)
) ENGINE=InnoDB;
