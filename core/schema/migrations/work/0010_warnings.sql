-- What a reader should know before believing a document: a table of its own, with the reason of each warning.
CREATE TABLE warning (
    document TEXT NOT NULL, kind TEXT NOT NULL, other TEXT, sentence TEXT NOT NULL, why TEXT NOT NULL,
    score REAL NOT NULL, first_seen TEXT NOT NULL, PRIMARY KEY (document, kind)
) STRICT, WITHOUT ROWID;
