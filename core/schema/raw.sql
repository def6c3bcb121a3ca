-- raw.db: what came from outside, exactly as it came. Append-only; back it up: work.db can be rebuilt from it offline.

-- One answer: headers, and the body compressed with zstd. The same body from the same address is kept once.
CREATE TABLE capture (
    id        TEXT PRIMARY KEY,  -- hash of source, url and body
    source    TEXT NOT NULL,     -- stem of the source's TOML
    url       TEXT NOT NULL,     -- address asked for
    final_url TEXT NOT NULL,     -- address that answered, after redirects
    role      TEXT NOT NULL,     -- feed | sitemap | listing | api | page | robots
    status    INTEGER NOT NULL,  -- HTTP status
    headers   TEXT NOT NULL,     -- JSON object, names in lower case
    body      BLOB NOT NULL,     -- zstd
    sha256    TEXT NOT NULL,     -- of the body before compression
    size      INTEGER NOT NULL,  -- bytes before compression
    fetched   TEXT NOT NULL      -- UTC
) STRICT, WITHOUT ROWID;
CREATE INDEX capture_url ON capture (url);

-- Every request made or held back, and what came of it. Validators, back-off and counts of 410 are read from the newest rows.
CREATE TABLE visit (
    run         TEXT NOT NULL,   -- night
    source      TEXT NOT NULL,   -- stem of the source's TOML
    url         TEXT NOT NULL,   -- address asked for
    role        TEXT NOT NULL,   -- feed | sitemap | listing | api | page | robots
    at          TEXT NOT NULL,   -- UTC
    outcome     TEXT NOT NULL,   -- fetched | unchanged | gone | refused | held | failed
    status      INTEGER,         -- HTTP status, if there was an answer
    capture     TEXT,            -- capture that holds the body; an older one when unchanged
    entry       TEXT,            -- entry whose page this is
    etag        TEXT,            -- validator to send next time
    modified    TEXT,            -- validator to send next time
    retry_after TEXT,            -- the host asked not to be called before this time
    reason      TEXT,            -- why it was refused, held or failed
    seconds     REAL NOT NULL    -- from request to answer
) STRICT;
CREATE INDEX visit_url ON visit (url, at);
CREATE INDEX visit_run ON visit (run, source);
