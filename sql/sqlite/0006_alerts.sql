-- What alert rules found, and messages that somebody wants to be tried.

CREATE TABLE IF NOT EXISTS alert (
    raised INTEGER NOT NULL,
    rule TEXT NOT NULL,
    subject TEXT NOT NULL,
    meter TEXT NOT NULL DEFAULT '',
    text TEXT NOT NULL,
    ended INTEGER,
    acknowledged INTEGER,
    acknowledged_by TEXT,
    PRIMARY KEY (raised, rule, subject)
) WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS alert_lasting ON alert (ended, rule, subject);

CREATE TABLE IF NOT EXISTS alert_test (
    asked INTEGER NOT NULL,
    channel TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    tried INTEGER,
    outcome TEXT,
    PRIMARY KEY (asked, channel)
) WITHOUT ROWID;
