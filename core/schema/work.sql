-- work.db: everything made out of raw.db. It can be deleted and rebuilt offline. One writer per table, named at each.

-- One night or command. Writer: the driver.
CREATE TABLE run (
    id        TEXT PRIMARY KEY,  -- start of the run
    command   TEXT NOT NULL,     -- what was asked for
    started   TEXT NOT NULL,     -- UTC
    finished  TEXT,              -- UTC; empty while it runs, and if it was killed
    recorded  TEXT,              -- folder that the answers came from; empty on the live network
    exit_code INTEGER            -- 0 good, 1 finished with failed sources
) STRICT, WITHOUT ROWID;

-- What one stage did in one run. Writer: the driver.
CREATE TABLE report (
    run     TEXT NOT NULL,                   -- run.id
    stage   TEXT NOT NULL,                   -- name of the stage
    seen    INTEGER NOT NULL,    -- rows that were due
    done    INTEGER NOT NULL,                -- rows that gave a result
    skipped INTEGER NOT NULL,                -- rows that were out of scope
    failed  INTEGER NOT NULL,                -- rows that could not be read
    seconds REAL NOT NULL,                   -- how long the stage took
    due_new     INTEGER NOT NULL DEFAULT 0,  -- of seen: never worked before; 0 if the stage is not a step over rows
    due_changed INTEGER NOT NULL DEFAULT 0,  -- of seen: the input has changed
    due_version INTEGER NOT NULL DEFAULT 0,  -- of seen: the stage has another version
    due_retry   INTEGER NOT NULL DEFAULT 0,  -- of seen: failed before, tried again
    PRIMARY KEY (run, stage)
) STRICT, WITHOUT ROWID;

-- What a TOML in the sources folder declares. Writer: collect.
CREATE TABLE source (
    id      TEXT PRIMARY KEY,    -- stem of the TOML
    name    TEXT NOT NULL,       -- name for people
    kind    TEXT NOT NULL,       -- news | press_release | explainer | clinic | journal | preprint | registry | stem_cell_bank
    country TEXT,                -- ISO 3166-1 alpha-2
    lang    TEXT,                -- ISO 639-1
    about   TEXT NOT NULL,       -- one sentence on what it is
    licence TEXT NOT NULL,       -- full | abstract | headline-and-link
    home    TEXT,                -- address for people
    scope   TEXT NOT NULL,       -- all: everything it gives is about stem cells | mixed
    rules   TEXT NOT NULL        -- JSON: how its pages are read
) STRICT, WITHOUT ROWID;

-- One item as a feed, listing, sitemap or API lists it. Writer: collect.
CREATE TABLE entry (
    id            TEXT PRIMARY KEY,  -- source:native-id
    source        TEXT NOT NULL,     -- source.id
    native        TEXT NOT NULL,     -- the source's own id
    url           TEXT,              -- http(s) address of its page
    title         TEXT NOT NULL,     -- as the source gives it, plain text
    summary       TEXT NOT NULL,     -- plain text
    published     TEXT,              -- UTC day or time, clamped to 1990 .. fetched + 1 day
    published_raw TEXT,              -- as the feed gives it
    authors       TEXT NOT NULL,     -- JSON array
    identifiers   TEXT NOT NULL,     -- JSON object of arrays
    extra         TEXT NOT NULL,     -- JSON object: journal, issn, licence …
    hash          TEXT NOT NULL,     -- of the source's own data
    capture       TEXT NOT NULL,     -- raw.capture.id
    first_seen    TEXT NOT NULL,     -- UTC
    content       TEXT NOT NULL DEFAULT ''  -- the list's own full text, plain; empty where `summary` is all it gives
) STRICT, WITHOUT ROWID;
CREATE INDEX entry_source ON entry (source);

-- This entry was seen in its source on this night. Writer: collect.
CREATE TABLE sighting (
    entry TEXT NOT NULL,      -- entry.id
    run   TEXT NOT NULL,      -- run.id
    PRIMARY KEY (entry, run)
) STRICT, WITHOUT ROWID;

-- Which capture holds the page of an entry. Writer: collect.
CREATE TABLE page (
    entry       TEXT PRIMARY KEY,    -- entry.id
    url         TEXT NOT NULL,       -- http(s) address that was fetched
    capture     TEXT,                -- raw.capture.id
    fetched     TEXT,                -- UTC
    first_visit TEXT NOT NULL,       -- UTC
    last_visit  TEXT NOT NULL,       -- UTC
    state       TEXT NOT NULL,       -- held | gone | failed
    gone_nights INTEGER NOT NULL     -- nights in a row that answered 410
) STRICT, WITHOUT ROWID;

-- What an answer shows that tells whether it is the page asked for. Writer: inspect.
CREATE TABLE page_facts (
    capture        TEXT PRIMARY KEY,  -- raw.capture.id
    form           TEXT NOT NULL,     -- empty | html | pdf | file | unread: too large, no encoding
    title          TEXT NOT NULL,     -- the first text that serves as its title
    words          INTEGER NOT NULL,  -- of running text
    lines          TEXT NOT NULL,     -- JSON array: fingerprint and words of its longest lines
    asked_in_title REAL,              -- share of the words of the list's title in its titles; empty: no title
    asked_in_text  REAL,              -- the same for the whole page
    signs          TEXT NOT NULL      -- JSON array: article, login, noindex, noscript, marks, header, title:… and text:…
) STRICT, WITHOUT ROWID;

-- Whether the newest answer for an entry is its page. Writer: judge.
CREATE TABLE page_verdict (
    entry     TEXT PRIMARY KEY,       -- entry.id
    capture   TEXT NOT NULL,          -- raw.capture.id of the newest answer
    kind      TEXT NOT NULL,          -- page | challenge | login | wall | missing | home | empty | part | maintenance | file
    why       TEXT NOT NULL,          -- what it rests on; empty for a page
    better    TEXT,                   -- raw.capture.id of the newest answer that is a page
    better_at TEXT,                   -- when it was fetched last, UTC
    worse     INTEGER NOT NULL        -- answers since then
) STRICT, WITHOUT ROWID;

-- What we hold an entry and its page to be. Writer: extract.
CREATE TABLE document (
    id             TEXT PRIMARY KEY,  -- doi:… pmid:… nct:… or the canonical URL
    entry          TEXT NOT NULL,     -- entry it was made from
    source         TEXT NOT NULL,     -- source.id of that entry
    kind           TEXT NOT NULL,     -- news | release | explainer | clinic | paper | preprint | trial
    url            TEXT NOT NULL,     -- http(s) address where it was published
    title          TEXT NOT NULL,     -- headline or title
    text           TEXT NOT NULL,     -- paragraphs parted by one empty line
    summary        TEXT NOT NULL,     -- abstract or teaser, plain text
    authors        TEXT NOT NULL,     -- JSON array
    lang           TEXT,              -- ISO 639-1
    published      TEXT,              -- YYYY-MM-DD
    published_from TEXT,              -- where the chosen date was found
    dates          TEXT NOT NULL,     -- JSON array of candidates
    identifiers    TEXT NOT NULL,     -- JSON object of arrays
    links          TEXT NOT NULL,     -- JSON array
    extra          TEXT NOT NULL,     -- JSON object
    licence        TEXT NOT NULL,     -- full | abstract | headline-and-link
    translated     TEXT,              -- the page's notice that it is a translation
    state          TEXT NOT NULL,     -- current | gone
    capture        TEXT NOT NULL,     -- raw.capture.id that it was made from
    first_seen     TEXT NOT NULL,     -- UTC
    hash           TEXT NOT NULL,     -- of title, text, date and state
    basis          TEXT NOT NULL DEFAULT 'page'  -- page | feed: its page could not be had or holds no text | record
) STRICT, WITHOUT ROWID;
CREATE INDEX document_entry ON document (entry);

-- Earlier texts of documents whose pages changed. Writer: extract.
CREATE TABLE version (
    document  TEXT NOT NULL,          -- id of the document
    hash      TEXT NOT NULL,          -- of that text, as in document.hash
    title     TEXT NOT NULL,          -- title that it had
    text      TEXT NOT NULL,          -- text that it had
    published TEXT,                   -- date that it had, YYYY-MM-DD
    capture   TEXT NOT NULL,          -- raw.capture.id of that text
    replaced  TEXT NOT NULL,          -- UTC
    PRIMARY KEY (document, hash)
) STRICT, WITHOUT ROWID;

-- Which entries announced a document. Writer: extract.
CREATE TABLE appearance (
    entry    TEXT PRIMARY KEY,  -- entry.id
    document TEXT NOT NULL,     -- id of the document
    source   TEXT NOT NULL,     -- source.id of the entry
    url      TEXT               -- address that the entry gives
) STRICT, WITHOUT ROWID;
CREATE INDEX appearance_document ON appearance (document);

-- The addresses by which an entry, its page and its list name the document, as keys for comparing. Writer: extract.
CREATE TABLE claim (
    entry TEXT NOT NULL,      -- entry.id
    "key" TEXT NOT NULL,      -- an address without scheme, www. and the like (crawlers/addresses.py)
    PRIMARY KEY (entry, "key")
) STRICT, WITHOUT ROWID;
CREATE INDEX claim_key ON claim ("key");

-- Ids that documents had before. Writer: extract.
CREATE TABLE former_id (
    id       TEXT PRIMARY KEY,  -- the id before; it may be in use again, then it leads nowhere
    document TEXT NOT NULL,     -- id of the document now
    first    INTEGER NOT NULL   -- 1: the first id of this document; 0: a later one, or of one that became part of it
) STRICT, WITHOUT ROWID;
CREATE INDEX former_id_document ON former_id (document);

-- Spans with type and concept, or the reason for none. Writer: enrich.
CREATE TABLE mention (
    document  TEXT NOT NULL,          -- id of the document
    part      TEXT NOT NULL,          -- title | text
    start     INTEGER NOT NULL,       -- characters
    "end"     INTEGER NOT NULL,       -- exclusive
    type      TEXT NOT NULL,          -- DISEASE, CELL_TYPE, INSTITUTION …
    surface   TEXT NOT NULL,          -- as it is written there
    concept   TEXT,                   -- concept.id; empty where it could not be tied to one
    score     REAL NOT NULL,          -- 0 .. 1
    why       TEXT NOT NULL,          -- how it was tied, or why not
    component TEXT NOT NULL,          -- who found it, with its version
    role      TEXT,                   -- of a disease: studied, treated, cause, side_effect, risk, denied, background, advert; of an institution: did_the_work, treats, makes, funds, publishes, regulates, comments, mentioned
    PRIMARY KEY (document, part, start, "end", type)
) STRICT, WITHOUT ROWID;
CREATE INDEX mention_concept ON mention (concept);

-- What a document is about, and what it only names: diseases, cell types and institutions. Writer: enrich.
CREATE TABLE topic (
    document TEXT NOT NULL,          -- id of the document
    concept  TEXT NOT NULL,          -- concept.id
    about    INTEGER NOT NULL,       -- 1: the document is about it; 0: it only names it
    weight   REAL NOT NULL,          -- title, lead and times
    role     TEXT,                   -- role of most of its mentions
    why      TEXT NOT NULL,          -- where it is named, or why it is only named
    PRIMARY KEY (document, concept)
) STRICT, WITHOUT ROWID;
CREATE INDEX topic_concept ON topic (concept) WHERE about = 1;

-- Things that mentions point to. Writer: enrich.
CREATE TABLE concept (
    id      TEXT PRIMARY KEY,         -- MONDO:0010726, CL:0000134, ROR:025h1m602 …
    type    TEXT NOT NULL,            -- DISEASE, CELL_TYPE, INSTITUTION …
    name    TEXT NOT NULL,            -- preferred name
    country TEXT,                     -- of an institution or place, ISO 3166-1 alpha-2
    url     TEXT,                     -- its page at the ontology or registry
    origin  TEXT NOT NULL             -- ontology or registry, version, licence
) STRICT, WITHOUT ROWID;

-- The names by which a concept goes, in all languages: of concepts that are mentioned, and of wider ones. Writer: names.
CREATE TABLE concept_name (
    concept TEXT NOT NULL,            -- concept.id, or wider.wider
    type    TEXT NOT NULL,            -- DISEASE, CELL_TYPE, INSTITUTION …
    name    TEXT NOT NULL,            -- as the lexicon writes it
    lang    TEXT NOT NULL,            -- ISO 639-1; la for scientific names
    how     TEXT NOT NULL,            -- label | name | short | used: a name of a narrower concept, often used for this one
    senses  INTEGER NOT NULL,         -- different concepts that go by it; 1 for the one that is meant by default
    origin  TEXT NOT NULL,            -- ontology, registry or list, version, licence
    PRIMARY KEY (concept, name)
) STRICT, WITHOUT ROWID;

-- Which concepts are wider: all of them, not only the nearest. Classes that nobody asks for are left out. Writer: names.
CREATE TABLE wider (
    concept TEXT NOT NULL,            -- concept.id
    wider   TEXT NOT NULL,            -- id of a concept that it is a kind or a part of
    steps   INTEGER NOT NULL,         -- how many levels there are between them; 1 for the nearest
    PRIMARY KEY (concept, wider)
) STRICT, WITHOUT ROWID;
CREATE INDEX wider_wider ON wider (wider);

-- A facet's value for a document, with the sentence that it rests on. Writer: classify.
CREATE TABLE label (
    document  TEXT NOT NULL,          -- id of the document
    facet     TEXT NOT NULL,          -- scope, evidence, source_kind … (nlp/classify)
    value     TEXT NOT NULL,          -- of a facet: in | out, animal, release …
    score     REAL NOT NULL,          -- 0 .. 1
    sentence  TEXT NOT NULL,          -- empty where nothing was found to rest on
    start     INTEGER,                -- characters in the text; empty in the title
    "end"     INTEGER,                -- exclusive
    component TEXT NOT NULL,          -- family that gave it, with its version, and what it rests on
    PRIMARY KEY (document, facet, value)
) STRICT, WITHOUT ROWID;
CREATE INDEX label_value ON label (facet, value);

-- The work that an identifier of the literature or a registry belongs to. Writer: identify.
CREATE TABLE identity (
    identifier TEXT PRIMARY KEY,      -- doi:… pmid:… pmcid:… nct:…, and entry:SOURCE:NATIVE for each of their entries
    work       TEXT NOT NULL,         -- the document's id: its doi before its pmid before its pmcid
    entry      TEXT NOT NULL          -- the entry that gave the identifier first
) STRICT, WITHOUT ROWID;
CREATE INDEX identity_work ON identity (work);

-- Retractions, corrections and other notices about works, as records give them. Writer: extract.
CREATE TABLE notice (
    id      TEXT PRIMARY KEY,         -- fingerprint of the notice
    entry   TEXT NOT NULL,            -- the entry with the notice
    about   TEXT NOT NULL,            -- identifier of the work: doi:… pmid:… nct:…
    nature  TEXT NOT NULL,            -- retraction | withdrawal | concern | correction | reinstatement
    day     TEXT,                     -- YYYY-MM-DD
    notice  TEXT,                     -- identifier of the notice itself
    reasons TEXT NOT NULL,            -- JSON array, as the record words them
    url     TEXT                      -- where it can be read
) STRICT, WITHOUT ROWID;
CREATE INDEX notice_about ON notice (about);
CREATE INDEX notice_entry ON notice (entry);

-- Links from a document to papers, trials and notices, each with its reason in words. Writer: link.
CREATE TABLE link (
    src       TEXT NOT NULL,          -- document
    relation  TEXT NOT NULL,          -- paper | trial | published | notice
    dst       TEXT NOT NULL,          -- document, or an identifier without a record here; empty: not identified
    score     REAL NOT NULL,          -- 0 .. 1
    how       TEXT NOT NULL,          -- identifier | address | statement | evidence | none
    why       TEXT NOT NULL,          -- the reason, in words
    component TEXT NOT NULL,          -- who found it, with its version
    PRIMARY KEY (src, relation, dst)
) STRICT, WITHOUT ROWID;
CREATE INDEX link_dst ON link (dst);

-- Works that were retracted, withdrawn or corrected, or are under a concern. Writer: retractions.
CREATE TABLE work_status (
    document TEXT PRIMARY KEY,        -- id of the document
    status   TEXT NOT NULL,           -- corrected | concern | retracted | withdrawn
    since    TEXT,                    -- YYYY-MM-DD of the notice
    notice   TEXT,                    -- identifier of the notice
    reasons  TEXT NOT NULL,           -- JSON array
    url      TEXT,                    -- address of the notice
    why      TEXT NOT NULL            -- the reason, in words
) STRICT, WITHOUT ROWID;

-- What became known of a document later: it was retracted, or a work that it cites was … Writer: retractions.
CREATE TABLE fact (
    document   TEXT NOT NULL,         -- id of the document
    kind       TEXT NOT NULL,         -- status
    about      TEXT NOT NULL,         -- the work that it is about
    value      TEXT NOT NULL,         -- corrected | concern | retracted | withdrawn
    day        TEXT,                  -- YYYY-MM-DD
    text       TEXT NOT NULL,         -- in words
    first_seen TEXT NOT NULL,         -- UTC
    PRIMARY KEY (document, kind, about)
) STRICT, WITHOUT ROWID;

-- The status of trials in their registry: a row for the record of a trial, and for each document about it. Writer: trials.
CREATE TABLE trial_status (
    document   TEXT NOT NULL,         -- id of the document: the record itself, or what is about the trial
    trial      TEXT NOT NULL,         -- id of the trial's record
    status     TEXT NOT NULL,         -- the registry's word in lower case: recruiting, terminated …
    day        TEXT,                  -- YYYY-MM-DD on which the registry last changed the record
    reason     TEXT NOT NULL,         -- why it was stopped, in the words of the registry; empty: not said
    text       TEXT NOT NULL,         -- in words
    first_seen TEXT NOT NULL,         -- UTC: when the status was first known here
    PRIMARY KEY (document, trial)
) STRICT, WITHOUT ROWID;

-- Quantitative statements, each with its sentence. Writer: figures.
CREATE TABLE figure (
    document  TEXT NOT NULL,          -- id of the document
    part      TEXT NOT NULL,          -- title | text
    start     INTEGER NOT NULL,       -- characters of the quantity
    "end"     INTEGER NOT NULL,       -- exclusive
    value     REAL NOT NULL,          -- the number, or the lower end of a range
    high      REAL,                   -- upper end of a range
    unit      TEXT NOT NULL,          -- %, years, mg/kg, "of 40" for a part of a whole; empty for a bare count
    subject   TEXT NOT NULL,          -- what is counted or measured
    period    TEXT,                   -- YYYY, YYYY-MM, YYYY/YYYY
    place     TEXT,                   -- ISO 3166-1 alpha-2
    modifier  TEXT NOT NULL,          -- exact | approximate | at least | at most | multiple
    series    TEXT,                   -- name of the series that it belongs to
    sentence  TEXT NOT NULL,          -- the sentence that gives it
    component TEXT NOT NULL,          -- who found it, with its version
    PRIMARY KEY (document, part, start, "end")
) STRICT, WITHOUT ROWID;
CREATE INDEX figure_series ON figure (series);

-- Who is quoted. Writer: figures.
CREATE TABLE quotation (
    document    TEXT NOT NULL,        -- id of the document
    start       INTEGER NOT NULL,     -- characters of the quotation in the text
    "end"       INTEGER NOT NULL,     -- exclusive
    speaker     TEXT NOT NULL,        -- who speaks, as the text writes it
    affiliation TEXT,                 -- as the text gives it
    concept     TEXT,                 -- of the affiliation
    independent TEXT NOT NULL,        -- yes | no | unknown: outside of the institutions of the study
    why         TEXT NOT NULL,        -- how speaker and affiliation were tied, in words
    component   TEXT NOT NULL,        -- who found it, with its version
    PRIMARY KEY (document, start, "end")
) STRICT, WITHOUT ROWID;

-- What is promised by when. Writer: figures.
CREATE TABLE promise (
    document  TEXT NOT NULL,          -- id of the document
    start     INTEGER NOT NULL,       -- characters of the sentence in the text
    "end"     INTEGER NOT NULL,       -- exclusive
    sentence  TEXT NOT NULL,          -- the sentence with the promise
    who       TEXT,                   -- who promises
    what      TEXT NOT NULL,          -- what is promised
    due       TEXT,                   -- YYYY or YYYY-MM
    state     TEXT NOT NULL,          -- open | due | kept | unknown
    why       TEXT NOT NULL,          -- why the state is what it is
    component TEXT NOT NULL,          -- who found it, with its version
    PRIMARY KEY (document, start, "end")
) STRICT, WITHOUT ROWID;

-- Copies, translations and other reports of the same event: a document and an earlier one. Writer: duplicates.
CREATE TABLE near_duplicate (
    document TEXT NOT NULL,           -- id of the document
    other    TEXT NOT NULL,           -- id of the other document
    relation TEXT NOT NULL,           -- copy | event | translation
    score    REAL NOT NULL,           -- 0 .. 1
    kept     REAL,                    -- share of the shorter text that is also in the other; empty for an event
    why      TEXT NOT NULL,           -- the reason, in words
    against  TEXT NOT NULL,           -- hash of the other document when they were compared
    PRIMARY KEY (document, other)
) STRICT, WITHOUT ROWID;
CREATE INDEX near_duplicate_other ON near_duplicate (other);

-- A story: the documents about one event. Writer: stories.
CREATE TABLE story (
    id        TEXT PRIMARY KEY,       -- story: and a fingerprint of the document that was seen first
    title     TEXT NOT NULL,          -- title of the origin
    first     TEXT NOT NULL,          -- day of its first document
    last      TEXT NOT NULL,          -- day of its newest document
    origin    TEXT NOT NULL,          -- document: the paper or the release that came first
    documents INTEGER NOT NULL,       -- how many it has
    outlets   INTEGER NOT NULL,       -- sources of its news and explainers
    why       TEXT NOT NULL           -- why the origin is the origin
) STRICT, WITHOUT ROWID;

-- The documents of a story, and the role of each. Writer: stories.
CREATE TABLE member (
    story    TEXT NOT NULL,           -- story.id
    document TEXT NOT NULL,           -- id of the document
    role     TEXT NOT NULL,           -- origin | release | copy | coverage
    score    REAL NOT NULL,           -- 0 .. 1
    kept     REAL,                    -- share of the origin's text
    added    TEXT NOT NULL,           -- the first sentence that the other text does not have; empty for none
    dropped  TEXT NOT NULL,           -- the first caveat of the other text that it leaves out; empty for none
    why      TEXT NOT NULL,           -- why it has this role, in words
    PRIMARY KEY (story, document)
) STRICT, WITHOUT ROWID;
CREATE INDEX member_document ON member (document);

-- What each edit of a page changed: an earlier text compared with the one that replaced it. Writer: edits.
CREATE TABLE edit (
    document TEXT NOT NULL,           -- id of the document
    replaced TEXT NOT NULL,           -- UTC: when the earlier text was replaced, as in version.replaced
    place    INTEGER NOT NULL,        -- order in the edit
    part     TEXT NOT NULL,           -- title | text
    kind     TEXT NOT NULL,           -- number | stage | name | correction note | wording | cosmetic
    before   TEXT NOT NULL,           -- the words before, with those around them; empty: there were none
    after    TEXT NOT NULL,           -- the words after; empty: taken out
    silent   INTEGER NOT NULL,        -- 1: no cosmetic change, and the new text has no note of a correction
    why      TEXT NOT NULL,           -- what makes it this kind, in words
    PRIMARY KEY (document, replaced, place)
) STRICT, WITHOUT ROWID;

-- Numbers that a text gives otherwise than the release or the paper it rests on. Writer: tellings.
CREATE TABLE changed_number (
    document     TEXT NOT NULL,       -- id of the outlet's document
    other        TEXT NOT NULL,       -- id of the release or paper it is compared with
    place        INTEGER NOT NULL,    -- order in the document
    part         TEXT NOT NULL,       -- title | text: where the number is in the document
    start        INTEGER NOT NULL,    -- figure.start in the document
    was_part     TEXT NOT NULL,       -- title | text: where it is in the other
    was_start    INTEGER NOT NULL,    -- figure.start in the other
    subject      TEXT NOT NULL,       -- what is counted or measured
    unit         TEXT NOT NULL,       -- empty for a bare count
    period       TEXT,                -- YYYY, YYYY-MM, YYYY/YYYY, where the texts give one
    value        REAL NOT NULL,       -- in the document
    high         REAL,                -- upper end of a range
    was          REAL NOT NULL,       -- in the other
    was_high     REAL,                -- upper end of a range
    sentence     TEXT NOT NULL,       -- of the document
    was_sentence TEXT NOT NULL,       -- of the other
    why          TEXT NOT NULL,       -- why both are held to be numbers of the same thing
    PRIMARY KEY (document, other, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX changed_number_other ON changed_number (other);

-- How a text tells what the release or the paper it rests on says. Writer: tellings.
CREATE TABLE telling (
    document TEXT NOT NULL,           -- id of the outlet's document
    other    TEXT NOT NULL,           -- id of the release or paper it is compared with
    what     TEXT NOT NULL,           -- repeats | leaves out | adds
    place    INTEGER NOT NULL,        -- order in its `what`
    kind     TEXT NOT NULL,           -- a caveat of caveat_kinds.tsv: animals, cells, people …; else number | sentence
    text     TEXT NOT NULL,           -- the sentence: of the document if it repeats or adds, else of the other
    why      TEXT NOT NULL,           -- what it rests on, in words
    PRIMARY KEY (document, other, what, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX telling_other ON telling (other, what);

-- Claims about trials, compared with the trials that are here. Writer: checks.
CREATE TABLE registry_check (
    document TEXT NOT NULL,           -- id of the document
    start    INTEGER NOT NULL,        -- characters of the figure in the text
    "end"    INTEGER NOT NULL,        -- exclusive
    claim    TEXT NOT NULL,           -- claim type
    value    REAL NOT NULL,           -- the number of the text
    verdict  TEXT NOT NULL,           -- consistent | differs | cannot tell
    found    REAL,                    -- the count of the query; empty when no trials are here
    query    TEXT NOT NULL,           -- SQL, with its values filled in
    snapshot TEXT NOT NULL,           -- day of the newest trial that could be counted
    why      TEXT NOT NULL,           -- the verdict in words
    PRIMARY KEY (document, start, "end", claim)
) STRICT, WITHOUT ROWID;

-- What a reader should know before believing a news item, release or explainer, each with its reason. Writer: warnings.
CREATE TABLE warning (
    document   TEXT NOT NULL,         -- id of the document
    kind       TEXT NOT NULL,         -- headline leaves out animals | rests on a preprint | says more than its paper | no independent voice | rests on retracted work
    other      TEXT,                  -- id of the document that it rests on; empty where it rests on its own text
    sentence   TEXT NOT NULL,         -- sentence of the document that shows it; empty where none does
    why        TEXT NOT NULL,         -- the reason, in words
    score      REAL NOT NULL,         -- 0 .. 1, of what it was found by
    first_seen TEXT NOT NULL,         -- UTC: when this was first known here
    PRIMARY KEY (document, kind)
) STRICT, WITHOUT ROWID;

-- The ledger: how each row ended in each stage. Writer: the driver.
CREATE TABLE outcome (
    stage   TEXT NOT NULL,            -- name of the stage
    "key"   TEXT NOT NULL,            -- id of the row that was due
    version TEXT NOT NULL,            -- of the stage
    input   TEXT NOT NULL,            -- hash of the row it read
    state   TEXT NOT NULL,            -- done | skipped | failed
    reason  TEXT,                     -- why it was skipped or failed
    tries   INTEGER NOT NULL,         -- failures in a row on this input
    run     TEXT NOT NULL,            -- run.id of the last attempt
    PRIMARY KEY (stage, "key")
) STRICT, WITHOUT ROWID;

-- Something for a person to look at. Writer: the driver.
CREATE TABLE issue (
    id         TEXT PRIMARY KEY,      -- fingerprint of kind, source and subject
    source     TEXT,                  -- source.id, where it is about a source
    kind       TEXT NOT NULL,         -- what sort of problem
    subject    TEXT NOT NULL,         -- what it is about
    text       TEXT NOT NULL,         -- one line for people
    first_seen TEXT NOT NULL,         -- run
    last_seen  TEXT NOT NULL,         -- run
    resolved   TEXT                   -- run in which it was no longer seen
) STRICT, WITHOUT ROWID;

-- Published builds of the site's database. Writer: publish.
CREATE TABLE edition (
    name      TEXT PRIMARY KEY,       -- name of its file
    built     TEXT NOT NULL,          -- UTC
    content   TEXT NOT NULL,          -- fingerprint of its rows
    documents INTEGER NOT NULL,       -- how many it holds
    sha256    TEXT NOT NULL           -- of the file
) STRICT, WITHOUT ROWID;
