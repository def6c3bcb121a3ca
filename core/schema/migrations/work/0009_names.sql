-- Every name of a concept, and what is wider than it, so that a search finds a thing by any name.
CREATE TABLE concept_name (
    concept TEXT NOT NULL, type TEXT NOT NULL, name TEXT NOT NULL, lang TEXT NOT NULL, how TEXT NOT NULL,
    senses INTEGER NOT NULL, origin TEXT NOT NULL, PRIMARY KEY (concept, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE wider (
    concept TEXT NOT NULL, wider TEXT NOT NULL, steps INTEGER NOT NULL, PRIMARY KEY (concept, wider)
) STRICT, WITHOUT ROWID;
CREATE INDEX wider_wider ON wider (wider);
