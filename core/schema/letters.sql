-- letters.db: who subscribed to what, and what was sent to whom. Private: the site's process never opens it. Back it up: it cannot be rebuilt.

-- Days on which letters were made, counted. The count is what "every seven nights" is measured by: it never runs backwards.
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

-- What the site said of works, trials and texts, and since which night: a row a change.
CREATE TABLE fact (
    subject TEXT NOT NULL,     -- what it is about: work:doi:10.1038/…, trial:nct:NCT…, edit:<key of a document> …
    number  INTEGER NOT NULL,  -- 1 is what was known first
    value   TEXT NOT NULL,     -- retracted, recruiting, the time of an edit …; empty: no longer so
    told    TEXT NOT NULL,     -- JSON: what a letter needs to tell it
    night   INTEGER NOT NULL,  -- night.number in which it was first known here; 0: before facts were noted
    item    INTEGER NOT NULL,  -- number in the order in which changes were noted; 0: it is no change
    PRIMARY KEY (subject, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX fact_night ON fact (night);
CREATE INDEX fact_item ON fact (item);

-- A person, or a machine, that letters go to: one address of one channel.
CREATE TABLE subscriber (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used again: an old link must not reach another person
    channel TEXT NOT NULL,      -- how letters are delivered: a module of publish/letters/channels
    address TEXT NOT NULL,      -- where letters go, as the channel writes it
    created TEXT NOT NULL,      -- UTC, for people
    state   TEXT NOT NULL CHECK (state IN ('active', 'paused', 'refused')),  -- paused by the person | refused three times in a row
    bounces INTEGER NOT NULL,   -- letters refused for good, in a row
    links   INTEGER NOT NULL,   -- generation of the person's secret addresses: a higher one ends those before
    secret  TEXT NOT NULL       -- signs what a webhook gets; empty for other channels
) STRICT;
CREATE UNIQUE INDEX subscriber_once ON subscriber (channel, lower(address));

-- What a person follows: a search, a story, or works and trials of their own.
CREATE TABLE subscription (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used again
    subscriber INTEGER NOT NULL,  -- subscriber.id
    kind       TEXT NOT NULL CHECK (kind IN ('search', 'story', 'own')),  -- what is followed
    query      TEXT NOT NULL,     -- the search as it was written; the key of the story; a number of the list
    name       TEXT NOT NULL,     -- what the person calls it; empty: the search in words
    every      TEXT NOT NULL CHECK (every IN ('daily', 'weekly', 'at once')),  -- at once: only when the status of something changes
    weekday    INTEGER,           -- of a weekly one: 0 is Monday; empty: the day on which it began
    stages     TEXT NOT NULL,     -- JSON array: only documents of these kinds of evidence; [] for all
    most       INTEGER NOT NULL,  -- stories of it that one letter shows
    created    TEXT NOT NULL,     -- UTC, for people
    since      INTEGER NOT NULL,  -- newest item when it began: what came before is not news
    began      INTEGER NOT NULL,  -- newest night when it began: what changed before is no change
    mark       INTEGER NOT NULL,  -- newest item at its last turn
    night      INTEGER,           -- number of the night of its last turn; empty: it had none
    day        TEXT,              -- day of its last turn by the clock
    state      TEXT NOT NULL CHECK (state IN ('active', 'paused')),  -- paused by the person
    reading    TEXT NOT NULL,     -- JSON: how the search was last read (publish/letters/matching.py); empty before
    welcomed   TEXT NOT NULL DEFAULT ''  -- letter.id of the letter that said what it finds; empty: none yet
) STRICT;
CREATE UNIQUE INDEX subscription_once ON subscription (subscriber, kind, query);

-- The works and trials of a list that a person follows.
CREATE TABLE owned (
    subscription INTEGER NOT NULL,  -- subscription.id
    identifier   TEXT NOT NULL,     -- doi:10.1038/…, pmid:…, nct:NCT…
    PRIMARY KEY (subscription, identifier)
) STRICT, WITHOUT ROWID;
CREATE INDEX owned_identifier ON owned (identifier);

-- The outbox. A letter is sent at most once: it is committed as `sending` before the first byte leaves.
CREATE TABLE letter (
    id          TEXT PRIMARY KEY,  -- fingerprint of the subscriber and the number of the letter
    subscriber  INTEGER NOT NULL,  -- subscriber.id
    number      INTEGER NOT NULL,  -- the person's first, second … letter
    every       TEXT NOT NULL,     -- its rhythm: daily, weekly or at once
    night       INTEGER NOT NULL,  -- night.number in which it was written
    facts       INTEGER NOT NULL,  -- newest fact.item when it was written: what it says is as of then
    state       TEXT NOT NULL CHECK (state IN ('pending', 'sending', 'sent', 'uncertain', 'refused', 'dropped')),  -- how far it came
    tries       INTEGER NOT NULL,  -- times it was put off
    retry_after TEXT,              -- UTC; not before
    reply       TEXT,              -- last reply of the other side, without the address
    message     BLOB NOT NULL,     -- as it is sent; emptied once it is
    content     TEXT NOT NULL,     -- JSON of what it says, for its own page; empty for letters before there were pages
    run         TEXT NOT NULL,     -- run that wrote it
    UNIQUE (subscriber, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX letter_state ON letter (state);

-- This document went to this person, by this letter.
CREATE TABLE delivery (
    subscriber   INTEGER NOT NULL,  -- subscriber.id
    item         INTEGER NOT NULL,  -- arrival.item
    document     TEXT NOT NULL,     -- the site's key of the document
    subscription INTEGER NOT NULL,  -- subscription.id that brought it
    fact         TEXT NOT NULL CHECK (fact IN ('new', 'before', 'elsewhere', 'counted', 'wider')),  -- shown as new, as already there, as another text of a story; only counted; found by a wider reading and not sent
    letter       TEXT NOT NULL,     -- letter.id; empty for `wider`
    PRIMARY KEY (subscriber, item)
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_letter ON delivery (letter);
CREATE INDEX delivery_document ON delivery (document, subscriber);

-- This change went to this person, by this letter.
CREATE TABLE notice (
    subscriber INTEGER NOT NULL,  -- subscriber.id
    subject    TEXT NOT NULL,     -- fact.subject
    number     INTEGER NOT NULL,  -- fact.number
    letter     TEXT NOT NULL,     -- letter.id
    PRIMARY KEY (subscriber, subject, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX notice_letter ON notice (letter);

-- Requests to subscribe that wait for a click on the link in the confirmation. Deleted after two days.
CREATE TABLE request (
    id      TEXT PRIMARY KEY,  -- random
    channel TEXT NOT NULL,     -- a module of publish/letters/channels
    address TEXT NOT NULL,     -- where the confirmation went
    wanted  TEXT NOT NULL,     -- JSON: the subscription as it was asked for
    made    TEXT NOT NULL      -- UTC
) STRICT, WITHOUT ROWID;

-- What was done lately by whom, as salted hashes, so that nobody is flooded. Deleted after a day.
CREATE TABLE attempt (
    what TEXT NOT NULL,        -- confirmation, request …
    who  TEXT NOT NULL,        -- salted hash of an address or a network
    made TEXT NOT NULL,        -- UTC
    PRIMARY KEY (what, who, made)
) STRICT, WITHOUT ROWID;
