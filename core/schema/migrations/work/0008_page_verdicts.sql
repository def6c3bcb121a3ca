-- Whether an answer is the page that was asked for.
CREATE TABLE page_facts (
    capture        TEXT PRIMARY KEY,
    form           TEXT NOT NULL,
    title          TEXT NOT NULL,
    words          INTEGER NOT NULL,
    lines          TEXT NOT NULL,
    asked_in_title REAL,
    asked_in_text  REAL,
    signs          TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE page_verdict (
    entry     TEXT PRIMARY KEY,
    capture   TEXT NOT NULL,
    kind      TEXT NOT NULL,
    why       TEXT NOT NULL,
    better    TEXT,
    better_at TEXT,
    worse     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
