-- An edition: what the public may see of work.db, made anew at each publication and never changed afterwards.
-- Comments inside a table are its public description: Datasette shows them beside the columns.

CREATE TABLE meta (
    -- What this edition is: format, built, content, documents, newest, night.
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE source (
    -- Where documents come from, as its source file declares it.
    id        TEXT PRIMARY KEY,
    name      TEXT NOT NULL,
    kind      TEXT NOT NULL,        -- news, press_release, explainer, clinic, journal, preprint, registry or stem_cell_bank
    country   TEXT,                 -- of the publisher, ISO 3166-1 alpha-2
    lang      TEXT,                 -- ISO 639-1
    about     TEXT NOT NULL,
    licence   TEXT NOT NULL,        -- what is shown of its texts: full, abstract or headline-and-link
    home      TEXT,                 -- address for people
    documents INTEGER NOT NULL,     -- how many are in this edition
    newest    TEXT                  -- day of the newest of them
) STRICT, WITHOUT ROWID;

CREATE TABLE document (
    -- One story, release, paper, preprint, trial or page; numbered in the order of publication.
    id             INTEGER PRIMARY KEY,  -- number in this edition, changes from edition to edition
    day            TEXT NOT NULL,        -- published, or first seen where no date is known
    kind           TEXT NOT NULL,        -- news, release, explainer, clinic, paper, preprint or trial
    title          TEXT NOT NULL,
    source         TEXT NOT NULL REFERENCES source (id),
    country        TEXT,                 -- of the source, ISO 3166-1 alpha-2
    lang           TEXT,                 -- ISO 639-1
    url            TEXT NOT NULL,        -- where it was published
    authors        TEXT NOT NULL,        -- JSON array
    journal        TEXT,                 -- as the source names it
    published      TEXT,                 -- YYYY-MM-DD as the page or feed states it
    published_from TEXT,                 -- where that date stood
    first_seen     TEXT NOT NULL,        -- when we first met it, UTC
    tonight        INTEGER NOT NULL,     -- 1 if it is new in the latest night
    licence        TEXT NOT NULL,        -- what is shown of its text: full, abstract or headline-and-link
    translated     TEXT,                 -- its own notice that it is a translation
    words          INTEGER NOT NULL,     -- length of the whole text at its source
    terms          INTEGER NOT NULL,     -- how many different things are named in it
    month          TEXT NOT NULL,        -- YYYY-MM of day
    dates          TEXT NOT NULL,        -- JSON array of every date found: date, where, raw
    ident          TEXT NOT NULL,        -- DOI, PubMed or registry number, else its address
    "key"          TEXT NOT NULL UNIQUE, -- stable name, the end of its address here
    slug           TEXT NOT NULL         -- its title in the address here
) STRICT;
CREATE INDEX document_day ON document (day);
CREATE INDEX document_source_day ON document (source, day);
CREATE INDEX document_kind_month ON document (kind, month);
CREATE INDEX document_country_month ON document (country, month);
CREATE INDEX document_lang_month ON document (lang, month);
CREATE INDEX document_month ON document (month);
CREATE INDEX document_tonight ON document (tonight) WHERE tonight = 1;

CREATE TABLE document_text (
    -- What may be shown of a document's text; none for headline-and-link.
    document INTEGER PRIMARY KEY REFERENCES document (id),
    text     TEXT NOT NULL,              -- paragraphs parted by an empty line; the whole text, or its abstract
    part     TEXT NOT NULL,              -- text or abstract
    cut      INTEGER NOT NULL            -- 1 if it goes on at its source
) STRICT;

CREATE TABLE quote (
    -- Short quotations from texts that are not shown, each with something that is named in it.
    document INTEGER NOT NULL REFERENCES document (id),
    place    INTEGER NOT NULL,           -- order in the text
    text     TEXT NOT NULL,              -- at most 200 characters
    start    INTEGER NOT NULL,           -- of the named thing, in characters of the quotation
    "end"    INTEGER NOT NULL,
    PRIMARY KEY (document, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE identifier (
    -- DOI, PubMed, registry and other numbers found with a document.
    document INTEGER NOT NULL REFERENCES document (id),
    scheme   TEXT NOT NULL,              -- doi, pmid, pmcid, nct …
    value    TEXT NOT NULL,
    PRIMARY KEY (document, scheme, value)
) STRICT, WITHOUT ROWID;
CREATE INDEX identifier_value ON identifier (value);

CREATE TABLE appearance (
    -- Other places where the same document was announced.
    document INTEGER NOT NULL REFERENCES document (id),
    source   TEXT NOT NULL REFERENCES source (id),
    url      TEXT NOT NULL,
    PRIMARY KEY (document, source, url)
) STRICT, WITHOUT ROWID;

CREATE TABLE version (
    -- When a document's page was seen to have changed (the earlier texts are kept, not published).
    document INTEGER NOT NULL REFERENCES document (id),
    replaced TEXT NOT NULL,              -- UTC
    retitled INTEGER NOT NULL,           -- 1 if the title changed too
    PRIMARY KEY (document, replaced)
) STRICT, WITHOUT ROWID;

CREATE TABLE tombstone (
    -- Documents whose source has withdrawn them: no text is kept here.
    "key"     TEXT PRIMARY KEY,
    slug      TEXT NOT NULL,
    source    TEXT NOT NULL REFERENCES source (id),
    title     TEXT NOT NULL,
    url       TEXT NOT NULL,
    published TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE entity (
    -- A disease, cell type, institution, journal … that documents name, by its public identifier.
    id        INTEGER PRIMARY KEY,       -- number in this edition
    concept   TEXT NOT NULL UNIQUE,      -- MONDO:0010726, CL:0000134, ROR:025h1m602 …
    type      TEXT NOT NULL,             -- disease, cell_type, institution, journal …
    name      TEXT NOT NULL,
    country   TEXT,                      -- of an institution
    url       TEXT,                      -- its page at the registry or ontology
    origin    TEXT NOT NULL,             -- ontology or registry, version, licence
    documents INTEGER NOT NULL,          -- how many name it
    first     TEXT NOT NULL,             -- day of the oldest of them
    last      TEXT NOT NULL              -- day of the newest of them
) STRICT;
CREATE INDEX entity_type_documents ON entity (type, documents);

CREATE TABLE entity_document (
    -- Which document names which thing, and how often.
    entity   INTEGER NOT NULL REFERENCES entity (id),
    day      TEXT NOT NULL,
    document INTEGER NOT NULL REFERENCES document (id),
    mentions INTEGER NOT NULL,
    PRIMARY KEY (entity, day, document)
) STRICT, WITHOUT ROWID;
CREATE INDEX entity_document_document ON entity_document (document);

CREATE TABLE entity_month (
    -- Documents that name a thing, by month.
    entity    INTEGER NOT NULL REFERENCES entity (id),
    month     TEXT NOT NULL,
    documents INTEGER NOT NULL,
    PRIMARY KEY (entity, month)
) STRICT, WITHOUT ROWID;

CREATE TABLE entity_pair (
    -- Things named together in at least one document: the forty closest of each.
    entity    INTEGER NOT NULL REFERENCES entity (id),
    place     INTEGER NOT NULL,          -- 1 is the closest
    other     INTEGER NOT NULL REFERENCES entity (id),
    documents INTEGER NOT NULL,          -- that name both
    PRIMARY KEY (entity, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE alias (
    -- Names under which a thing was met, folded to compare.
    type   TEXT NOT NULL,
    name   TEXT NOT NULL,
    entity INTEGER NOT NULL REFERENCES entity (id),
    PRIMARY KEY (type, name, entity)
) STRICT, WITHOUT ROWID;

CREATE TABLE mention (
    -- Where a thing is named. Offsets only where the text is shown.
    document INTEGER NOT NULL REFERENCES document (id),
    number   INTEGER NOT NULL,
    part     TEXT NOT NULL,              -- title or text
    start    INTEGER,                    -- characters; empty where the text is not shown
    "end"    INTEGER,                    -- exclusive
    type     TEXT NOT NULL,
    surface  TEXT NOT NULL,              -- as it is written there
    entity   INTEGER REFERENCES entity (id), -- empty where it could not be tied to one
    score    REAL NOT NULL,              -- 0 to 1
    why      TEXT NOT NULL,              -- how it was tied, or why not
    PRIMARY KEY (document, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX mention_entity ON mention (entity);

CREATE TABLE facet (
    -- How many documents have a value, for every value of every filter of the search.
    facet     TEXT NOT NULL,             -- kind, country, source, lang, month, disease, cell …
    value     TEXT NOT NULL,
    label     TEXT NOT NULL,
    tag       TEXT NOT NULL UNIQUE,      -- its word in the column tags of search
    documents INTEGER NOT NULL,
    PRIMARY KEY (facet, value)
) STRICT, WITHOUT ROWID;
CREATE INDEX facet_documents ON facet (facet, documents);

-- The index of all words. Contentless: whole texts can be searched, none can be read back out of it. Korean, Chinese and
-- Japanese are in it as overlapping pairs of signs (publish/search.py, segment). Rowid is document.id.
CREATE VIRTUAL TABLE search USING fts5 (
    title, body, tags,
    content = '',
    tokenize = "porter unicode61 remove_diacritics 2 tokenchars '_'"
);
INSERT INTO search (search, rank) VALUES ('rank', 'bm25(8.0, 1.0, 0.0)');
