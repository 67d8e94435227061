-- Who may use the page; see the MariaDB file of the same number.

CREATE TABLE IF NOT EXISTS page_user (
    name TEXT PRIMARY KEY,
    role TEXT NOT NULL,
    password TEXT NOT NULL,
    created INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS page_session (
    token TEXT PRIMARY KEY,
    user TEXT NOT NULL,
    created INTEGER NOT NULL,
    seen INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS page_session_user ON page_session (user);

CREATE TABLE IF NOT EXISTS page_key (
    name TEXT PRIMARY KEY,
    token TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    made_by TEXT NOT NULL,
    created INTEGER NOT NULL,
    used INTEGER
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS page_tries (
    account TEXT NOT NULL,
    address TEXT NOT NULL,
    failures INTEGER NOT NULL,
    last INTEGER NOT NULL,
    known INTEGER NOT NULL,
    PRIMARY KEY (account, address)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS page_code (
    number INTEGER PRIMARY KEY,
    code TEXT NOT NULL,
    role TEXT NOT NULL,
    expires INTEGER NOT NULL
);
