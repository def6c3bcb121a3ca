-- letters.db: subscriptions, and what was sent to whom. Private: the site's process never opens it. Back it up: it cannot be rebuilt.

-- Days on which digests were made, counted. The count is what "every seven nights" is measured by: it never runs backwards.
CREATE TABLE night (
    number INTEGER PRIMARY KEY, -- counted from 1
    day    TEXT NOT NULL,       -- YYYY-MM-DD by the clock
    run    TEXT NOT NULL        -- first run of that day
) STRICT;

-- Every document that the site has ever shown, in the order in which it came. Windows are cut by item, never by time.
CREATE TABLE arrival (
    document TEXT PRIMARY KEY,  -- the site's key of the document
    item     INTEGER NOT NULL,  -- number of the arrival; a document that only changed its id keeps it
    likeness TEXT,              -- fingerprint of source, title and day: equal for a document that only changed its id
    night    INTEGER NOT NULL   -- night in which it was first there
) STRICT, WITHOUT ROWID;
CREATE INDEX arrival_item ON arrival (item);
CREATE INDEX arrival_likeness ON arrival (likeness) WHERE likeness IS NOT NULL;
CREATE INDEX arrival_night ON arrival (night, item);

-- One address subscribed to one search.
CREATE TABLE subscription (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used again: an old link must not end another person's subscription
    address TEXT NOT NULL,      -- where letters go, as its channel writes it
    query   TEXT NOT NULL,      -- the search, as it was written
    every   TEXT NOT NULL CHECK (every IN ('daily', 'weekly')),  -- daily | weekly
    created TEXT NOT NULL,      -- UTC, for people
    since   INTEGER NOT NULL,   -- newest item when it began: what came before is not news
    mark    INTEGER NOT NULL,   -- newest item at its last turn
    night   INTEGER,            -- number of the night of its last turn
    day     TEXT,               -- day of its last turn by the clock
    bounces INTEGER NOT NULL,   -- letters refused for good, in a row
    state   TEXT NOT NULL CHECK (state IN ('active', 'paused')),  -- active | paused after three refused letters
    channel TEXT NOT NULL DEFAULT 'mail'  -- how its letters are delivered: a module of publish/letters/channels
) STRICT;
CREATE UNIQUE INDEX subscription_once ON subscription (channel, lower(address), query);

-- The outbox. A letter is sent at most once: it is committed as `sending` before the first byte leaves.
CREATE TABLE letter (
    id           TEXT PRIMARY KEY,  -- fingerprint of the subscription and the number of its letter
    subscription INTEGER NOT NULL,  -- subscription.id
    number       INTEGER NOT NULL,  -- its first, second … letter
    state        TEXT NOT NULL CHECK (state IN ('pending', 'sending', 'sent', 'uncertain', 'refused')),  -- how far it came
    tries        INTEGER NOT NULL,  -- times it was put off
    retry_after  TEXT,              -- UTC; not before
    reply        TEXT,              -- last reply of the mail server, without the address
    message      BLOB NOT NULL,     -- as it is sent; emptied once it is
    run          TEXT NOT NULL,     -- run that wrote it
    UNIQUE (subscription, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX letter_state ON letter (state);

-- This fact went to this subscriber, by this letter.
CREATE TABLE delivery (
    subscription INTEGER NOT NULL,    -- subscription.id
    item         INTEGER NOT NULL,    -- arrival.item
    document     TEXT NOT NULL,       -- the site's key of the document
    fact         TEXT NOT NULL CHECK (fact IN ('new', 'before', 'counted')),  -- shown as new, as already there, or only counted
    letter       TEXT NOT NULL,       -- letter.id
    PRIMARY KEY (subscription, item)
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_letter ON delivery (letter);
