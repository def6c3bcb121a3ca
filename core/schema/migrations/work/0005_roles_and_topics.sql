-- A mention of a disease or an institution has a role; a document has topics: what it is about and what it only names.
ALTER TABLE mention ADD COLUMN role TEXT;
CREATE TABLE topic (
    document TEXT NOT NULL,
    concept  TEXT NOT NULL,
    about    INTEGER NOT NULL,
    weight   REAL NOT NULL,
    role     TEXT,
    why      TEXT NOT NULL,
    PRIMARY KEY (document, concept)
) STRICT, WITHOUT ROWID;
CREATE INDEX topic_concept ON topic (concept) WHERE about = 1;
