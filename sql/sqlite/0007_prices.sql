-- How it stands with the lists of market prices.

CREATE TABLE IF NOT EXISTS price_list (
    source TEXT NOT NULL PRIMARY KEY,
    asked INTEGER NOT NULL,
    fetched INTEGER,
    failing INTEGER,
    problem TEXT
) WITHOUT ROWID;
