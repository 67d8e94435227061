-- By what the sum at the end of a bill is expected, and how it stands with the lists of market prices.

ALTER TABLE bill ADD COLUMN expected_by TEXT;

CREATE TABLE IF NOT EXISTS price_list (
    source TEXT NOT NULL PRIMARY KEY,
    asked INTEGER NOT NULL,
    fetched INTEGER,
    failing INTEGER,
    problem TEXT
) WITHOUT ROWID;
