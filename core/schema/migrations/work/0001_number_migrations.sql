-- The number of the newest migration is kept in PRAGMA user_version, no longer in this table.
DROP TABLE IF EXISTS _sqlite_migrations;

-- Tables that files from before 22 November 2026 lack.
CREATE TABLE IF NOT EXISTS identity (
    identifier TEXT PRIMARY KEY,
    work TEXT NOT NULL,
    entry TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS identity_work ON identity (work);
CREATE TABLE IF NOT EXISTS notice (
    id TEXT PRIMARY KEY,
    entry TEXT NOT NULL,
    about TEXT NOT NULL,
    nature TEXT NOT NULL,
    day TEXT,
    notice TEXT,
    reasons TEXT NOT NULL,
    url TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS notice_about ON notice (about);
CREATE INDEX IF NOT EXISTS notice_entry ON notice (entry);
CREATE TABLE IF NOT EXISTS link (
    src TEXT NOT NULL,
    relation TEXT NOT NULL,
    dst TEXT NOT NULL,
    score REAL NOT NULL,
    how TEXT NOT NULL,
    why TEXT NOT NULL,
    component TEXT NOT NULL,
    PRIMARY KEY (src, relation, dst)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS link_dst ON link (dst);
CREATE TABLE IF NOT EXISTS standing (
    document TEXT PRIMARY KEY,
    status TEXT NOT NULL,
    since TEXT,
    notice TEXT,
    reasons TEXT NOT NULL,
    url TEXT,
    why TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS fact (
    document TEXT NOT NULL,
    kind TEXT NOT NULL,
    about TEXT NOT NULL,
    value TEXT NOT NULL,
    day TEXT,
    text TEXT NOT NULL,
    first_seen TEXT NOT NULL,
    PRIMARY KEY (document, kind, about)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS figure (
    document TEXT NOT NULL,
    part TEXT NOT NULL,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    value REAL NOT NULL,
    high REAL,
    unit TEXT NOT NULL,
    subject TEXT NOT NULL,
    period TEXT,
    place TEXT,
    modifier TEXT NOT NULL,
    series TEXT,
    sentence TEXT NOT NULL,
    component TEXT NOT NULL,
    PRIMARY KEY (document, part, start, "end")
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS figure_series ON figure (series);
CREATE TABLE IF NOT EXISTS quotation (
    document TEXT NOT NULL,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    speaker TEXT NOT NULL,
    affiliation TEXT,
    concept TEXT,
    independent TEXT NOT NULL,
    why TEXT NOT NULL,
    component TEXT NOT NULL,
    PRIMARY KEY (document, start, "end")
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS promise (
    document TEXT NOT NULL,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    sentence TEXT NOT NULL,
    who TEXT,
    what TEXT NOT NULL,
    due TEXT,
    state TEXT NOT NULL,
    why TEXT NOT NULL,
    component TEXT NOT NULL,
    PRIMARY KEY (document, start, "end")
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS kin (
    document TEXT NOT NULL,
    other TEXT NOT NULL,
    relation TEXT NOT NULL,
    score REAL NOT NULL,
    kept REAL,
    why TEXT NOT NULL,
    against TEXT NOT NULL,
    PRIMARY KEY (document, other)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS kin_other ON kin (other);
CREATE TABLE IF NOT EXISTS story (
    id TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    first TEXT NOT NULL,
    last TEXT NOT NULL,
    origin TEXT NOT NULL,
    documents INTEGER NOT NULL,
    outlets INTEGER NOT NULL,
    why TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS member (
    story TEXT NOT NULL,
    document TEXT NOT NULL,
    role TEXT NOT NULL,
    score REAL NOT NULL,
    kept REAL,
    added TEXT NOT NULL,
    dropped TEXT NOT NULL,
    why TEXT NOT NULL,
    PRIMARY KEY (story, document)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS member_document ON member (document);
CREATE TABLE IF NOT EXISTS registry_check (
    document TEXT NOT NULL,
    start INTEGER NOT NULL,
    "end" INTEGER NOT NULL,
    claim TEXT NOT NULL,
    value REAL NOT NULL,
    verdict TEXT NOT NULL,
    found REAL,
    query TEXT NOT NULL,
    snapshot TEXT NOT NULL,
    why TEXT NOT NULL,
    PRIMARY KEY (document, start, "end", claim)
) STRICT, WITHOUT ROWID;
