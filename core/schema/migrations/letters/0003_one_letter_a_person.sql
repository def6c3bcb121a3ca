-- A person (an address of a channel) has subscriptions and gets one letter; before, each subscription had letters of its own.
CREATE TABLE fact (
    subject TEXT NOT NULL,
    number  INTEGER NOT NULL,
    value   TEXT NOT NULL,
    told    TEXT NOT NULL,
    night   INTEGER NOT NULL,
    item    INTEGER NOT NULL,
    PRIMARY KEY (subject, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX fact_night ON fact (night);
CREATE INDEX fact_item ON fact (item);
CREATE TABLE subscriber (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    channel TEXT NOT NULL,
    address TEXT NOT NULL,
    created TEXT NOT NULL,
    state   TEXT NOT NULL CHECK (state IN ('active', 'paused', 'refused')),
    bounces INTEGER NOT NULL,
    links   INTEGER NOT NULL,
    secret  TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX subscriber_once ON subscriber (channel, lower(address));
-- One that was paused after refusals stays so only if all of the address were.
INSERT INTO subscriber (channel, address, created, state, bounces, links, secret)
SELECT channel, min(address), min(created), CASE WHEN max(state = 'active') THEN 'active' ELSE 'refused' END,
    CASE WHEN max(state = 'active') THEN 0 ELSE max(bounces) END, 1, ''
FROM subscription GROUP BY channel, lower(address) ORDER BY min(id);
ALTER TABLE subscription RENAME TO subscription_before;
DROP INDEX subscription_once;
CREATE TABLE subscription (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    subscriber INTEGER NOT NULL,
    kind       TEXT NOT NULL CHECK (kind IN ('search', 'story', 'own')),
    query      TEXT NOT NULL,
    name       TEXT NOT NULL,
    every      TEXT NOT NULL CHECK (every IN ('daily', 'weekly', 'at once')),
    weekday    INTEGER,
    stages     TEXT NOT NULL,
    most       INTEGER NOT NULL,
    created    TEXT NOT NULL,
    since      INTEGER NOT NULL,
    began      INTEGER NOT NULL,
    mark       INTEGER NOT NULL,
    night      INTEGER,
    day        TEXT,
    state      TEXT NOT NULL CHECK (state IN ('active', 'paused')),
    reading    TEXT NOT NULL,
    welcomed   TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE UNIQUE INDEX subscription_once ON subscription (subscriber, kind, query);
-- What changed before a subscription began is no change for it: its night is not known, so it is the newest.
INSERT INTO subscription
SELECT b.id, s.id, 'search', b.query, '', b.every, NULL, '[]', 40, b.created, b.since,
    coalesce((SELECT max(number) FROM night), 0), b.mark, b.night, b.day, 'active', '',
    coalesce((SELECT max(l.id) FROM letter l WHERE l.subscription = b.id AND l.state NOT IN ('refused', 'dropped')), '')
FROM subscription_before b JOIN subscriber s ON s.channel = b.channel AND lower(s.address) = lower(b.address);
-- Numbers of subscriptions that ended are not used again.
UPDATE sqlite_sequence SET seq = max(seq, (SELECT seq FROM sqlite_sequence WHERE name = 'subscription_before'))
WHERE name = 'subscription';
INSERT INTO sqlite_sequence (name, seq)
SELECT 'subscription', seq FROM sqlite_sequence
WHERE name = 'subscription_before' AND NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'subscription');
CREATE TABLE owned (
    subscription INTEGER NOT NULL,
    identifier   TEXT NOT NULL,
    PRIMARY KEY (subscription, identifier)
) STRICT, WITHOUT ROWID;
CREATE INDEX owned_identifier ON owned (identifier);
ALTER TABLE letter RENAME TO letter_before;
DROP INDEX letter_state;
CREATE TABLE letter (
    id          TEXT PRIMARY KEY,
    subscriber  INTEGER NOT NULL,
    number      INTEGER NOT NULL,
    every       TEXT NOT NULL,
    night       INTEGER NOT NULL,
    facts       INTEGER NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('pending', 'sending', 'sent', 'uncertain', 'refused', 'dropped')),
    tries       INTEGER NOT NULL,
    retry_after TEXT,
    reply       TEXT,
    message     BLOB NOT NULL,
    content     TEXT NOT NULL,
    run         TEXT NOT NULL,
    UNIQUE (subscriber, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX letter_state ON letter (state);
-- The night of a letter: of its run where that was the first of a day, else of the newest document that it brought.
INSERT INTO letter
SELECT l.id, s.subscriber, row_number() OVER (PARTITION BY s.subscriber ORDER BY l.number, l.subscription), s.every,
    coalesce((SELECT number FROM night WHERE run = l.run),
        (SELECT max(a.night) FROM delivery d JOIN arrival a ON a.document = d.document WHERE d.letter = l.id),
        (SELECT max(number) FROM night), 1),
    0, l.state, l.tries, l.retry_after, l.reply, l.message, '', l.run
FROM letter_before l JOIN subscription s ON s.id = l.subscription;
DROP TABLE letter_before;
DROP TABLE subscription_before;
ALTER TABLE delivery RENAME TO delivery_before;
DROP INDEX delivery_letter;
CREATE TABLE delivery (
    subscriber   INTEGER NOT NULL,
    item         INTEGER NOT NULL,
    document     TEXT NOT NULL,
    subscription INTEGER NOT NULL,
    fact         TEXT NOT NULL CHECK (fact IN ('new', 'before', 'elsewhere', 'counted', 'wider')),
    letter       TEXT NOT NULL,
    PRIMARY KEY (subscriber, item)
) STRICT, WITHOUT ROWID;
CREATE INDEX delivery_letter ON delivery (letter);
CREATE INDEX delivery_document ON delivery (document, subscriber);
-- What two searches of a person brought was shown if one of them showed it.
INSERT OR IGNORE INTO delivery
SELECT s.subscriber, d.item, d.document, d.subscription, d.fact, d.letter
FROM delivery_before d JOIN subscription s ON s.id = d.subscription
ORDER BY CASE d.fact WHEN 'new' THEN 1 WHEN 'before' THEN 2 ELSE 3 END, d.subscription;
DROP TABLE delivery_before;
CREATE TABLE notice (
    subscriber INTEGER NOT NULL,
    subject    TEXT NOT NULL,
    number     INTEGER NOT NULL,
    letter     TEXT NOT NULL,
    PRIMARY KEY (subscriber, subject, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX notice_letter ON notice (letter);
CREATE TABLE request (
    id      TEXT PRIMARY KEY,
    channel TEXT NOT NULL,
    address TEXT NOT NULL,
    wanted  TEXT NOT NULL,
    made    TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE attempt (
    what TEXT NOT NULL,
    who  TEXT NOT NULL,
    made TEXT NOT NULL,
    PRIMARY KEY (what, who, made)
) STRICT, WITHOUT ROWID;
