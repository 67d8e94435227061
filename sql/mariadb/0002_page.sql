-- Who may use the page. Its account may change these tables and no other. Secrets are stored as hashes only.

CREATE TABLE IF NOT EXISTS page_user (
    name VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    role VARCHAR(10) CHARACTER SET ascii NOT NULL COMMENT 'viewer or admin',
    password VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'scrypt, with its parameters and salt',
    created DATETIME(3) NOT NULL COMMENT 'UTC'
) ENGINE=InnoDB;

CREATE TABLE IF NOT EXISTS page_session (
    token CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY COMMENT 'SHA-256 of the cookie',
    user VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    created DATETIME(3) NOT NULL,
    seen DATETIME(3) NOT NULL,
    KEY user (user)
) ENGINE=InnoDB;

CREATE TABLE IF NOT EXISTS page_key (
    name VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    token CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL UNIQUE COMMENT 'SHA-256 of the key',
    role VARCHAR(10) CHARACTER SET ascii NOT NULL,
    made_by VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    created DATETIME(3) NOT NULL,
    used DATETIME(3) NULL
) ENGINE=InnoDB;

CREATE TABLE IF NOT EXISTS page_tries (
    account VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'empty: a name that is no user''s',
    address VARCHAR(45) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    failures INT NOT NULL COMMENT 'since the last good one',
    last DATETIME(3) NOT NULL,
    known SMALLINT NOT NULL COMMENT '1: there was a good one',
    PRIMARY KEY (account, address)
) ENGINE=InnoDB;

CREATE TABLE IF NOT EXISTS page_code (
    number SMALLINT NOT NULL PRIMARY KEY COMMENT 'always 1: there is one code at most',
    code CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'SHA-256 of the one-time code',
    role VARCHAR(10) CHARACTER SET ascii NOT NULL,
    expires DATETIME(3) NOT NULL
) ENGINE=InnoDB;
