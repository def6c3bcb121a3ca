-- An edition: what the public may see of work.db, made anew at each publication and never changed afterwards.
-- Comments inside a table are its public description: Datasette shows them beside the columns.

CREATE TABLE meta (
    -- What this edition is: format, built, content, documents, newest, night.
    name  TEXT PRIMARY KEY,              -- what is said: format, built, content, documents, newest, night
    value TEXT NOT NULL                  -- its value, as text
) STRICT, WITHOUT ROWID;

CREATE TABLE source (
    -- Where documents come from, as its source file declares it.
    id        TEXT PRIMARY KEY,          -- name of its source file
    name      TEXT NOT NULL,             -- name for people
    kind      TEXT NOT NULL,        -- news, press_release, explainer, clinic, journal, preprint, registry or stem_cell_bank
    country   TEXT,                 -- of the publisher, ISO 3166-1 alpha-2
    lang      TEXT,                 -- ISO 639-1
    about     TEXT NOT NULL,             -- one sentence on what it is
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
    title          TEXT NOT NULL,        -- headline or title
    source         TEXT NOT NULL REFERENCES source (id), -- the source file that it came by
    country        TEXT,                 -- of the source, ISO 3166-1 alpha-2
    lang           TEXT,                 -- ISO 639-1
    url            TEXT NOT NULL,        -- where it was published
    authors        TEXT NOT NULL,        -- JSON array
    journal        TEXT,                 -- as the source names it
    published      TEXT,                 -- YYYY-MM-DD as the page or feed states it
    published_from TEXT,                 -- where that date stood
    first_seen     TEXT NOT NULL,        -- when we first met it, UTC
    night          TEXT NOT NULL,        -- YYYY-MM-DD of the night in which it came in
    arrived        INTEGER NOT NULL,     -- number in the order in which documents came in
    tonight        INTEGER NOT NULL,     -- 1 if it came in in the latest night
    changed        TEXT NOT NULL,        -- when it came in, or its text, standing, trial or story last changed, UTC
    moved          TEXT NOT NULL,        -- night in which it came in, or a later one that knew more of its paper or trial
    licence        TEXT NOT NULL,        -- what is shown of its text: full, abstract or headline-and-link
    translated     TEXT,                 -- its own notice that it is a translation
    basis          TEXT NOT NULL,        -- page, feed (made of what its list gave, its page could not be had) or record
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
CREATE INDEX document_month_changed ON document (month, changed);
CREATE INDEX document_tonight ON document (tonight) WHERE tonight = 1;
CREATE INDEX document_night ON document (night, kind);
CREATE INDEX document_moved ON document (moved, arrived);
CREATE INDEX document_undated ON document (id) WHERE published IS NULL;

CREATE TABLE night (
    -- What came in, by night. A night is named by the day on which its run began.
    day       TEXT PRIMARY KEY,          -- YYYY-MM-DD
    ended     TEXT NOT NULL,             -- when the last of it came in or became known, UTC
    documents INTEGER NOT NULL,          -- that came in
    sources   INTEGER NOT NULL,          -- that they came from
    stories   INTEGER NOT NULL,          -- that they tell
    late      INTEGER NOT NULL,          -- documents that had been published more than seven days before
    works     INTEGER NOT NULL,          -- that were found to be retracted, corrected or in doubt
    trials    INTEGER NOT NULL           -- known before, whose status changed
) STRICT, WITHOUT ROWID;

CREATE TABLE source_night (
    -- How each source answered in the last thirty nights. Not part of the fingerprint of an edition.
    source    TEXT NOT NULL REFERENCES source (id), -- the source
    night     TEXT NOT NULL,             -- YYYY-MM-DD
    state     TEXT NOT NULL,             -- good: something new came in; nothing new: its lists were read; failed; not asked
    documents INTEGER NOT NULL,          -- of this edition that came in then
    entries   INTEGER NOT NULL,          -- that its lists had
    reason    TEXT NOT NULL,             -- why it failed or was not asked; empty
    PRIMARY KEY (source, night)
) STRICT, WITHOUT ROWID;

CREATE TABLE source_health (
    -- How each source does. Not part of the fingerprint of an edition.
    source    TEXT PRIMARY KEY REFERENCES source (id), -- the source
    asked     INTEGER NOT NULL,          -- nights of the last thirty in which it was asked
    failed    INTEGER NOT NULL,          -- of them: in which it failed
    last_good TEXT,                      -- the last night, of all, in which its lists could be read; empty: never
    since     TEXT,                      -- the first of the nights without a break in which it has failed; empty: it does not fail
    reason    TEXT NOT NULL,             -- why it failed in the last night in which it was asked; empty
    entries   INTEGER NOT NULL,          -- that its lists ever had
    dated     INTEGER NOT NULL           -- of them: that had a date
) STRICT, WITHOUT ROWID;

CREATE VIEW card AS
    -- Documents as other pages name them.
    SELECT d.id, d.title, d.kind, d.day, d.slug, d."key", d.lang, d.source, d.country, s.name AS source_name
    FROM document d JOIN source s ON s.id = d.source;

CREATE TABLE document_text (
    -- What may be shown of a document's text; none for headline-and-link.
    document INTEGER PRIMARY KEY REFERENCES document (id), -- number of the document
    text     TEXT NOT NULL,              -- paragraphs parted by an empty line; the whole text, or its abstract
    part     TEXT NOT NULL,              -- text or abstract
    cut      INTEGER NOT NULL            -- 1 if it goes on at its source
) STRICT;

CREATE TABLE quote (
    -- Short quotations from texts that are not shown, each with something that is named in it.
    document INTEGER NOT NULL REFERENCES document (id), -- number of the document
    place    INTEGER NOT NULL,           -- order in the text
    text     TEXT NOT NULL,              -- at most 200 characters
    start    INTEGER NOT NULL,           -- of the named thing, in characters of the quotation
    "end"    INTEGER NOT NULL,           -- of the named thing, exclusive
    PRIMARY KEY (document, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE identifier (
    -- DOI, PubMed, registry and other numbers found with a document.
    document INTEGER NOT NULL REFERENCES document (id), -- number of the document
    scheme   TEXT NOT NULL,              -- doi, pmid, pmcid, nct …
    value    TEXT NOT NULL,              -- in its one spelling, such as 10.1038/nature12345
    PRIMARY KEY (document, scheme, value)
) STRICT, WITHOUT ROWID;
CREATE INDEX identifier_value ON identifier (value);

CREATE TABLE appearance (
    -- Other places where the same document was announced.
    document INTEGER NOT NULL REFERENCES document (id), -- number of the document
    source   TEXT NOT NULL REFERENCES source (id), -- the source that announced it too
    url      TEXT NOT NULL,              -- address that it had there
    PRIMARY KEY (document, source, url)
) STRICT, WITHOUT ROWID;

CREATE TABLE version (
    -- When a document's page was seen to have changed (the earlier texts are kept, not published).
    document INTEGER NOT NULL REFERENCES document (id), -- number of the document
    replaced TEXT NOT NULL,              -- UTC
    retitled INTEGER NOT NULL,           -- 1 if the title changed too
    PRIMARY KEY (document, replaced)
) STRICT, WITHOUT ROWID;
CREATE INDEX version_replaced ON version (replaced);

CREATE TABLE tombstone (
    -- Documents whose source has withdrawn them: no text is kept here.
    "key"     TEXT PRIMARY KEY,          -- stable name, the end of its address here
    slug      TEXT NOT NULL,             -- its title in the address here
    source    TEXT NOT NULL REFERENCES source (id), -- source that withdrew it
    title     TEXT NOT NULL,             -- title that it had
    url       TEXT NOT NULL,             -- where it was published
    published TEXT                       -- YYYY-MM-DD, where a date was given
) STRICT, WITHOUT ROWID;

CREATE TABLE former_key (
    -- Stable names that documents had here before: their addresses lead on.
    "key"    TEXT PRIMARY KEY,           -- the name before
    document TEXT NOT NULL,              -- stable name of the document now
    first    INTEGER NOT NULL            -- 1: the first name of this document, which feeds go on using
) STRICT, WITHOUT ROWID;
CREATE INDEX former_key_document ON former_key (document);

CREATE TABLE entity (
    -- A disease, cell type, institution, person … that documents name, by its public identifier, or by an own key.
    id        INTEGER PRIMARY KEY,       -- number in this edition
    concept   TEXT NOT NULL UNIQUE,      -- MONDO:0010726, ROR:025h1m602 …; stemwire:institution-… for a name that no register has
    type      TEXT NOT NULL,             -- disease, cell_type, institution, journal …
    name      TEXT NOT NULL,             -- preferred name in its ontology or registry; of an own key as most documents write it
    country   TEXT,                      -- of an institution
    url       TEXT,                      -- its page at the registry or ontology
    origin    TEXT NOT NULL,             -- ontology or registry, version, licence
    documents INTEGER NOT NULL,          -- how many are about it; of journals, places and the like: how many name it
    named     INTEGER NOT NULL,          -- how many name it at all
    first     TEXT NOT NULL,             -- day of the oldest that names it
    last      TEXT NOT NULL              -- day of the newest that names it
) STRICT;
CREATE INDEX entity_type_documents ON entity (type, documents);

CREATE TABLE entity_document (
    -- Which document names which thing, how often, and whether it is about it.
    entity   INTEGER NOT NULL REFERENCES entity (id), -- number of the thing
    day      TEXT NOT NULL,              -- day of the document
    document INTEGER NOT NULL REFERENCES document (id), -- number of the document
    mentions INTEGER NOT NULL,           -- how often it is named there
    about    INTEGER,                    -- 1: the document is about it, 0: it only names it; empty: not asked of this type
    weight   REAL NOT NULL,              -- by which the things of a document are put in order: title, lead and times
    role     TEXT,                       -- of a disease or an institution: treated, risk, did_the_work …; of a person: author
    checked  TEXT,                       -- day on which a person said whether the document is about it
    PRIMARY KEY (entity, day, document)
) STRICT, WITHOUT ROWID;
CREATE INDEX entity_document_document ON entity_document (document);

CREATE TABLE entity_month (
    -- Documents that are about a thing, by month; of journals, places and the like: that name it.
    entity    INTEGER NOT NULL REFERENCES entity (id), -- number of the thing
    month     TEXT NOT NULL,             -- YYYY-MM of publication
    documents INTEGER NOT NULL,          -- how many
    PRIMARY KEY (entity, month)
) STRICT, WITHOUT ROWID;

CREATE TABLE entity_pair (
    -- Things that at least one document is about together: the forty closest of each.
    entity    INTEGER NOT NULL REFERENCES entity (id), -- number of the thing
    place     INTEGER NOT NULL,          -- 1 is the closest
    other     INTEGER NOT NULL REFERENCES entity (id), -- number of the other thing
    documents INTEGER NOT NULL,          -- that are about both
    PRIMARY KEY (entity, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE alias (
    -- Every name of a thing that documents name, and of what is wider than such a thing, folded to compare.
    type    TEXT NOT NULL,               -- type of the thing: disease, cell_type …
    name    TEXT NOT NULL,               -- lower case, without punctuation, possessives and plural
    concept TEXT NOT NULL,               -- MONDO:0010726, CL:0000134, ROR:025h1m602 …
    entity  INTEGER REFERENCES entity (id), -- number of the thing; empty where only narrower things are named
    shown   TEXT NOT NULL,               -- the name as it is written
    how     TEXT NOT NULL,               -- label, name, short; exact: only with these capitals; used: of a narrower thing, often used for this one; met: in a text here
    senses  INTEGER NOT NULL,            -- how many different things go by it; 1 for the one that is meant by default
    PRIMARY KEY (name, type, concept)
) STRICT, WITHOUT ROWID;

CREATE TABLE wider (
    -- Which things are kinds or parts of a wider one, over all steps, out of MONDO (CC BY 4.0), CL (CC BY 4.0) and UBERON (CC BY 3.0). A search for the wider one finds the documents of both.
    concept TEXT NOT NULL,               -- the narrower thing: MONDO:0005147 …
    wider   TEXT NOT NULL,               -- the wider one: MONDO:0005015 …
    steps   INTEGER NOT NULL,            -- levels between them; 1 for the nearest
    PRIMARY KEY (concept, wider)
) STRICT, WITHOUT ROWID;
CREATE INDEX wider_wider ON wider (wider);

CREATE TABLE word (
    -- Words of titles, texts and names as people write them, for "did you mean".
    word      TEXT PRIMARY KEY,          -- in lower case
    documents INTEGER NOT NULL           -- how many have it; 0: only a name of something here has it
) STRICT, WITHOUT ROWID;

CREATE TABLE word_near (
    -- Each word without one of its letters: words of which the same is left are near each other.
    form TEXT NOT NULL,                  -- the word without one letter
    word TEXT NOT NULL,                  -- the word
    PRIMARY KEY (form, word)
) STRICT, WITHOUT ROWID;

CREATE TABLE mention (
    -- Where a thing is named. Offsets only where the text is shown.
    document INTEGER NOT NULL REFERENCES document (id), -- number of the document
    number   INTEGER NOT NULL,           -- order in the document
    part     TEXT NOT NULL,              -- title or text
    start    INTEGER,                    -- characters; empty where the text is not shown
    "end"    INTEGER,                    -- exclusive
    type     TEXT NOT NULL,              -- disease, cell_type, institution, journal …
    surface  TEXT NOT NULL,              -- as it is written there
    entity   INTEGER REFERENCES entity (id), -- empty where it could not be tied to one
    score    REAL NOT NULL,              -- 0 to 1
    why      TEXT NOT NULL,              -- how it was tied, or why not
    role     TEXT,                       -- of a disease or an institution: treated, risk, did_the_work, comments …
    PRIMARY KEY (document, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX mention_entity ON mention (entity);

CREATE TABLE label (
    -- What a document is held to be, each with the sentence that says so (shortened where its text may not be shown).
    document INTEGER NOT NULL REFERENCES document (id), -- number of the document
    facet    TEXT NOT NULL,              -- evidence, species, system, source_kind, therapy, marketing …
    value    TEXT NOT NULL,              -- what it is held to be: animal, phase 1, nervous …
    score    REAL NOT NULL,              -- 0 to 1
    sentence TEXT NOT NULL,              -- what it rests on; empty where it rests on no sentence
    rule     TEXT NOT NULL,              -- rule or model, with its version; `person:` and the day where a person checked it
    PRIMARY KEY (document, facet, value)
) STRICT, WITHOUT ROWID;
CREATE INDEX label_value ON label (facet, value);

CREATE TABLE unsure (
    -- Labels and links that are not sure enough to be shown as such. Only the document's page tells of them.
    document INTEGER NOT NULL REFERENCES document (id), -- number of the document
    facet    TEXT NOT NULL,              -- of a label; or the relation of a link: paper, trial …
    value    TEXT NOT NULL,              -- what it may be held to be; of a link the number of the record
    score    REAL NOT NULL,              -- 0 to 1, below the facet's threshold
    sentence TEXT NOT NULL,              -- what the text says; of a link the reason, in words
    rule     TEXT NOT NULL,              -- rule or model, with its version; how a link was found
    PRIMARY KEY (document, facet, value)
) STRICT, WITHOUT ROWID;

CREATE TABLE correction (
    -- What people corrected, every line of it. The values of those in force are in the other tables, marked as checked.
    number   INTEGER PRIMARY KEY,        -- order in which they were written
    document INTEGER REFERENCES document (id), -- number of the document; empty where it is not in this edition
    record   TEXT NOT NULL,              -- its id: DOI, PubMed or registry number, else its address
    title    TEXT NOT NULL,              -- title that it had
    field    TEXT NOT NULL,              -- evidence, species, disease, paper, kind …
    action   TEXT NOT NULL,              -- is, add, remove or withdraw
    value    TEXT NOT NULL,              -- what a person says, in words; empty for nothing
    before   TEXT NOT NULL,              -- what stood there, in words; empty for nothing
    why      TEXT NOT NULL,              -- the reason
    day      TEXT NOT NULL,              -- YYYY-MM-DD
    state    TEXT NOT NULL               -- in force, replaced or withdrawn
) STRICT;
CREATE INDEX correction_document ON correction (document);

CREATE VIEW labelled AS
    -- Labels, what became of the work of a document or of the one that it cites, the status of its trials, warnings, and what it rests on.
    SELECT document, facet, value FROM label
    UNION ALL SELECT document, 'status', status FROM banner GROUP BY document, status
    UNION ALL SELECT document, 'trial_status', status FROM trial_status GROUP BY document, status
    UNION ALL SELECT document, 'warning', kind FROM warning
    UNION ALL SELECT document, 'rests', value FROM rests_on;

CREATE TABLE link (
    -- The papers and trials that a document rests on, each with the reason in words.
    document INTEGER NOT NULL REFERENCES document (id), -- number of the document
    relation TEXT NOT NULL,              -- paper, trial, published or notice
    place    INTEGER NOT NULL,           -- the surest first
    other    INTEGER REFERENCES document (id), -- empty where the record is not in this edition
    ident    TEXT NOT NULL,              -- DOI, PubMed or registry number; empty for: not identified
    score    REAL NOT NULL,              -- 0 to 1
    how      TEXT NOT NULL,              -- identifier, address, statement, evidence, person or none
    why      TEXT NOT NULL,              -- the reason, in words
    PRIMARY KEY (document, relation, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX link_other ON link (other);

CREATE TABLE banner (
    -- What became of a document's paper, or of the paper that it cites: retracted, corrected, a concern.
    document INTEGER NOT NULL REFERENCES document (id), -- number of the document
    about    TEXT NOT NULL,              -- the work that it is about
    status   TEXT NOT NULL,              -- corrected, concern, retracted or withdrawn
    own      INTEGER NOT NULL,           -- 1 for the work itself, 0 for what cites it
    day      TEXT,                       -- of the notice
    text     TEXT NOT NULL,              -- what happened, in one sentence
    url      TEXT,                       -- the notice
    noticed  TEXT NOT NULL,              -- when this was first known here, UTC
    night    TEXT NOT NULL,              -- YYYY-MM-DD of the night in which that was
    PRIMARY KEY (document, about)
) STRICT, WITHOUT ROWID;
CREATE INDEX banner_about ON banner (about, own, status);
CREATE INDEX banner_day ON banner (day);
CREATE INDEX banner_night ON banner (night);

CREATE TABLE work_status (
    -- What became of works, as notices say: every work with a notice, also those that no document here is about.
    identifier TEXT PRIMARY KEY,         -- of the work: doi:10.1038/nature12345, pmid:12345678 …; a row for each
    document   INTEGER REFERENCES document (id), -- number of its record; empty where it is not in this edition
    status     TEXT NOT NULL,            -- corrected, concern, retracted or withdrawn
    day        TEXT,                     -- of the notice
    text       TEXT NOT NULL,            -- what the notice says, in words
    url        TEXT                      -- the notice
) STRICT, WITHOUT ROWID;

CREATE TABLE trial_status (
    -- The status of a trial in its registry: of its own record, and of documents about it. Not a retraction.
    document INTEGER NOT NULL REFERENCES document (id), -- number of the document
    trial    TEXT NOT NULL,              -- the trial
    other    INTEGER,                    -- number of the trial's record; empty where it is not in this edition
    status   TEXT NOT NULL,              -- recruiting, completed, withdrawn, terminated, suspended, unknown …
    own      INTEGER NOT NULL,           -- 1 for the trial's record, 0 for what is about it
    alone    INTEGER NOT NULL,           -- 1 if the document is about no other trial
    day      TEXT,                       -- on which the registry last changed the record
    reason   TEXT NOT NULL,              -- why it was stopped, as the registry says; empty: not said
    text     TEXT NOT NULL,              -- the status in one sentence
    noticed  TEXT NOT NULL,              -- when this status was first known here, UTC
    night    TEXT NOT NULL,              -- YYYY-MM-DD of the night in which that was
    PRIMARY KEY (document, trial)
) STRICT, WITHOUT ROWID;
CREATE INDEX trial_status_night ON trial_status (night);
CREATE INDEX trial_status_status ON trial_status (status, own, day);

CREATE TABLE trial (
    -- What the registry's record of a trial says. Its status is in trial_status.
    document          INTEGER PRIMARY KEY REFERENCES document (id), -- number of the record
    number            TEXT NOT NULL,     -- registry number, nct:NCT…
    sponsor           TEXT NOT NULL,     -- as the record names it; empty: not said
    sponsor_entity    INTEGER REFERENCES entity (id), -- the institution, if nothing else here goes by that name
    collaborators     TEXT NOT NULL,     -- JSON array
    phase             TEXT NOT NULL,     -- phase 2, phase 1 and 2 …; empty: it has none or does not say
    study_type        TEXT NOT NULL,     -- interventional, observational …
    allocation        TEXT NOT NULL,     -- randomized …; empty: not said, or there is only one group
    masking           TEXT NOT NULL,     -- none, single, double …
    enrolment         INTEGER,           -- number of participants
    enrolment_type    TEXT NOT NULL,     -- planned, actual or empty
    countries         TEXT NOT NULL,     -- JSON array, where it is done
    conditions        TEXT NOT NULL,     -- JSON array
    interventions     TEXT NOT NULL,     -- JSON array
    officials         TEXT NOT NULL,     -- JSON array, the people responsible
    official_title    TEXT NOT NULL,     -- its long title
    registered        TEXT,              -- YYYY-MM-DD or a part of it, as all days here
    started           TEXT,              -- a day in the future is a plan
    primary_completed TEXT,              -- last examination for the main outcome; a day in the future is a plan
    completed         TEXT,              -- a day in the future is a plan
    results_posted    TEXT,              -- when results were put into the registry
    updated           TEXT,              -- when the registry last changed the record
    has_results       INTEGER            -- 1: the registry has results, 0: it has none; empty: not said
) STRICT;
CREATE INDEX trial_sponsor_entity ON trial (sponsor_entity, document);

CREATE TABLE milestone (
    -- The life of a paper or preprint: each step with its day and the record that says so.
    document INTEGER NOT NULL REFERENCES document (id), -- number of the paper or preprint
    place    INTEGER NOT NULL,           -- in the order of the days; a step without a day comes last
    kind     TEXT NOT NULL,              -- preprint, published, corrected, concern, retracted, withdrawn or reinstated
    day      TEXT,                       -- YYYY-MM-DD; empty: the record does not say
    other    INTEGER REFERENCES document (id), -- number of the record or notice; empty where it is not in this edition
    ident    TEXT NOT NULL,              -- its DOI or PubMed number; empty: no record gives one
    url      TEXT,                       -- its address
    PRIMARY KEY (document, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE story (
    -- One thing that happened, in however many documents.
    id        INTEGER PRIMARY KEY,       -- number in this edition, in the order of its newest document
    "key"     TEXT NOT NULL UNIQUE,      -- stable name, the end of its address here
    slug      TEXT NOT NULL,             -- its title in the address here
    title     TEXT NOT NULL,             -- title of the origin
    first     TEXT NOT NULL,             -- day of its first document
    last      TEXT NOT NULL,             -- day of its newest document
    origin    INTEGER NOT NULL REFERENCES document (id), -- number of the document that it began with
    documents INTEGER NOT NULL,          -- how many tell it
    outlets   INTEGER NOT NULL,          -- sources of its news and explainers; press desks, papers and registries do not count
    copies    INTEGER NOT NULL,          -- documents that repeat the origin or a release
    why       TEXT NOT NULL,             -- why the origin is the origin
    changed   TEXT NOT NULL              -- when a document of it last came in, UTC
) STRICT;
CREATE INDEX story_documents ON story (documents, last);

CREATE TABLE member (
    -- Which documents tell a story, and as what.
    story    INTEGER NOT NULL REFERENCES story (id), -- number of the story
    document INTEGER NOT NULL REFERENCES document (id), -- number of the document
    role     TEXT NOT NULL,              -- origin, release, copy or coverage
    score    REAL NOT NULL,              -- 0 to 1
    kept     REAL,                       -- share of the origin's text that stands in it
    added    TEXT NOT NULL,              -- first thing that it adds (shortened where its text may not be shown)
    dropped  TEXT NOT NULL,              -- first caveat of the origin that it leaves out
    why      TEXT NOT NULL,              -- why it has this role, in words
    PRIMARY KEY (story, document)
) STRICT, WITHOUT ROWID;
CREATE INDEX member_document ON member (document);

CREATE TABLE declared (
    -- What the records of papers and preprints say of money and interests, and where the whole text is free.
    document INTEGER NOT NULL REFERENCES document (id), -- number of the document
    place    INTEGER NOT NULL,           -- order in the record
    what     TEXT NOT NULL,              -- funder, funding, interests or full text
    value    TEXT NOT NULL,              -- name of the funder; the statement, shortened; where the text is free
    number   TEXT NOT NULL,              -- numbers of the grants; empty where none is given
    url      TEXT,                       -- address of the free text
    PRIMARY KEY (document, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE contact (
    -- The press contact that a release gives in its own text; of a person only that there is one.
    document INTEGER NOT NULL REFERENCES document (id), -- number of the release
    place    INTEGER NOT NULL,           -- order in its text
    kind     TEXT NOT NULL,              -- email or phone of a desk; at its source: may be a person's
    value    TEXT NOT NULL,              -- the address or number; empty for: at its source
    PRIMARY KEY (document, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE story_summary (
    -- What the documents of a story come to: one sentence, how far the work has come, who tells it. Empty is not known.
    story     INTEGER PRIMARY KEY REFERENCES story (id), -- number of the story
    sentence  TEXT NOT NULL,             -- what was done in what, as a document has it; empty where no sentence says so
    sentence_document INTEGER REFERENCES document (id), -- number of the document that the sentence is quoted from
    step      INTEGER,                   -- 1 cells, 2 animals, 3 first people, 4 controlled trial, 5 licensed; empty: not sure
    step_value TEXT NOT NULL,            -- evidence that the documents agree on: animal, phase 1, review …
    step_sentence TEXT NOT NULL,         -- sentence that says so; empty where a record does
    step_document INTEGER REFERENCES document (id), -- number of the document that says so
    step_why  TEXT NOT NULL,             -- the step in words, or why it is not sure
    species   TEXT NOT NULL,             -- JSON array: species in which the work was done
    outlets   INTEGER NOT NULL,          -- news outlets that tell it
    countries TEXT NOT NULL,             -- JSON array: countries of the news outlets that tell it
    first_source TEXT REFERENCES source (id), -- the first outlet or press office that had it; empty where several did
    paper     INTEGER REFERENCES document (id), -- number of its paper or preprint; empty where it is not in this edition
    paper_ident TEXT NOT NULL,           -- DOI or PubMed number of its paper; empty: not identified
    paper_status TEXT NOT NULL,          -- what became of its paper: corrected, concern, retracted or withdrawn
    preprint  INTEGER NOT NULL,          -- 1 if its paper is a preprint of which no published version is known here
    trial     INTEGER REFERENCES document (id), -- number of the record of its trial
    trial_ident TEXT NOT NULL            -- registry number of its trial; empty: not identified
) STRICT;

CREATE TABLE story_number (
    -- Numbers of note of a story, at most three: those of a series first.
    story    INTEGER NOT NULL REFERENCES story (id), -- number of the story
    place    INTEGER NOT NULL,           -- 1 is the first
    document INTEGER NOT NULL,           -- number of the document
    number   INTEGER NOT NULL,           -- number of the figure in its document
    documents INTEGER NOT NULL,          -- documents of the story that give it
    PRIMARY KEY (story, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE front (
    -- The stories of a night in the order in which its page shows them, for the last 60 nights.
    night  TEXT NOT NULL,                -- YYYY-MM-DD
    place  INTEGER NOT NULL,             -- 1 is the first
    story  INTEGER NOT NULL REFERENCES story (id), -- number of the story
    part   TEXT NOT NULL,                -- stories, papers (its paper was retracted or put in doubt then) or clinics
    weight REAL NOT NULL,                -- by which the stories are put in order
    came   INTEGER NOT NULL,             -- documents of it that came in that night
    why    TEXT NOT NULL,                -- why it is where it is, in words
    PRIMARY KEY (night, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX front_story ON front (story);

CREATE TABLE figure (
    -- Quantitative statements, each with its sentence (shortened where its text may not be shown).
    document INTEGER NOT NULL REFERENCES document (id), -- number of the document
    number   INTEGER NOT NULL,           -- order in the text
    value    REAL NOT NULL,              -- the number, or the lower end of a range
    high     REAL,                       -- upper end of a range
    unit     TEXT NOT NULL,              -- unit of the value; empty for a bare count
    subject  TEXT NOT NULL,              -- what is counted or measured
    period   TEXT,                       -- year, month or day that it is about
    place    TEXT,                       -- ISO 3166-1 alpha-2
    modifier TEXT NOT NULL,              -- exact, approximate, at least, at most or multiple
    series   TEXT,                       -- what it is a point of
    sentence TEXT NOT NULL,              -- the sentence that gives it
    PRIMARY KEY (document, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX figure_series ON figure (series, period);
CREATE INDEX figure_unit ON figure (unit);
CREATE INDEX figure_period ON figure (period);
CREATE INDEX figure_place ON figure (place);
CREATE INDEX figure_modifier ON figure (modifier);

CREATE TABLE figure_word (
    -- Words of what figures count or measure, folded to be searched.
    word     TEXT NOT NULL,              -- folded, without its plural
    document INTEGER NOT NULL REFERENCES document (id), -- number of the document
    number   INTEGER NOT NULL,           -- of the figure there
    PRIMARY KEY (word, document, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE figure_value (
    -- How many figures have a unit, a year, a place or a way of saying: the choices of the page of figures.
    what  TEXT NOT NULL,                 -- unit, year, place or modifier
    value TEXT NOT NULL,                 -- as it is asked for; of shares such as "5 of 20" the unit is `of`
    n     INTEGER NOT NULL,              -- how many figures have it
    PRIMARY KEY (what, value)
) STRICT, WITHOUT ROWID;

CREATE TABLE series (
    -- Figures of one thing over time, whoever gave them.
    "key"   TEXT NOT NULL,               -- stable name, the end of its address here
    name    TEXT NOT NULL,               -- who publishes it and what is counted, as figures name it
    title   TEXT NOT NULL,               -- the same for readers: what is counted, where, by year
    unit    TEXT NOT NULL,               -- unit of the values; empty for a bare count
    counted TEXT NOT NULL,               -- the unit in words; of a bare count what is counted
    entity  INTEGER REFERENCES entity (id), -- the institution that publishes it
    period  TEXT NOT NULL,               -- year, month or day
    value   REAL NOT NULL,               -- what most documents say
    others  TEXT NOT NULL,               -- JSON array of other values that were given for the same period
    documents INTEGER NOT NULL,          -- that give one
    agree   INTEGER NOT NULL,            -- of them: that give this value
    differ  INTEGER NOT NULL,            -- that give another value, or a limit that it is beyond
    jump    REAL,                        -- over the mean of the periods before, where it is 1.5 times or more
    PRIMARY KEY ("key", period)
) STRICT, WITHOUT ROWID;
CREATE INDEX series_name ON series (name, period);
CREATE INDEX series_entity ON series (entity);

CREATE TABLE series_source (
    -- What each document says for each period of a series, compared with what most say. Multiples are not compared.
    "key"    TEXT NOT NULL,              -- of the series
    period   TEXT NOT NULL,              -- year, month or day
    document INTEGER NOT NULL REFERENCES document (id), -- number of the document
    number   INTEGER NOT NULL,           -- of its figure there
    says     TEXT NOT NULL,              -- same: the value of most; near: a rounded value, a limit or a range that it fits; another: a different value; also: it gives the value of most, too, so it may speak of something else
    PRIMARY KEY ("key", period, document, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX series_source_document ON series_source (document);

CREATE TABLE speaker (
    -- Who is quoted in a document (the words are at its source).
    document    INTEGER NOT NULL REFERENCES document (id), -- number of the document
    name        TEXT NOT NULL,           -- as the text writes it
    affiliation TEXT,                    -- where the person works, as the text says
    entity      INTEGER REFERENCES entity (id), -- the affiliation
    independent TEXT NOT NULL,           -- yes, no or unknown: outside of the institutions of the study
    quotations  INTEGER NOT NULL,        -- how many of the person the document has
    why         TEXT NOT NULL,           -- how name and affiliation were tied, in words
    PRIMARY KEY (document, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE institution_kind (
    -- What sort of institution it is, where a word of its name or what it does says so.
    entity INTEGER PRIMARY KEY REFERENCES entity (id), -- number of the institution
    kind   TEXT NOT NULL                 -- hospital (clinics too), university or company
) STRICT;
CREATE INDEX institution_kind_kind ON institution_kind (kind);

CREATE TABLE affiliation (
    -- Where a person works, as documents say it.
    person   INTEGER NOT NULL REFERENCES entity (id), -- number of the person
    document INTEGER NOT NULL REFERENCES document (id), -- number of the document that says it
    place    TEXT NOT NULL,              -- as it is written there
    how      TEXT NOT NULL,              -- what says it: the text, or the record of the paper
    PRIMARY KEY (person, document, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE thing_name (
    -- Names of things that documents name, and of what is wider than they are, with their languages: thirty of each.
    concept TEXT NOT NULL,               -- MONDO:0010726, CL:0000134 …
    place   INTEGER NOT NULL,            -- 1 is the preferred name
    name    TEXT NOT NULL,               -- as its register writes it
    lang    TEXT NOT NULL,               -- ISO 639-1; la for scientific names
    how     TEXT NOT NULL,               -- label, name or short
    PRIMARY KEY (concept, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE thing_kind (
    -- How many documents of each kind are about a thing; of journals, places and the like: name it.
    entity    INTEGER NOT NULL REFERENCES entity (id), -- number of the thing
    kind      TEXT NOT NULL,             -- news, paper, trial …
    documents INTEGER NOT NULL,          -- how many
    PRIMARY KEY (entity, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE thing_newest (
    -- The newest documents of each kind about a thing: six of each.
    entity   INTEGER NOT NULL REFERENCES entity (id), -- number of the thing
    kind     TEXT NOT NULL,              -- news, paper, trial …
    place    INTEGER NOT NULL,           -- 1 is the newest
    document INTEGER NOT NULL REFERENCES document (id), -- number of the document
    PRIMARY KEY (entity, kind, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE thing_figure (
    -- Figures whose sentence names a thing: the newest eight.
    entity   INTEGER NOT NULL REFERENCES entity (id), -- number of the thing
    place    INTEGER NOT NULL,           -- 1 is the newest
    document INTEGER NOT NULL REFERENCES document (id), -- number of the document
    number   INTEGER NOT NULL,           -- of the figure in it
    PRIMARY KEY (entity, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE workplace (
    -- Who works at an institution, as records of papers and texts say: the twelve in most documents.
    entity    INTEGER NOT NULL REFERENCES entity (id), -- number of the institution
    place     INTEGER NOT NULL,          -- 1 is the one in most documents
    person    INTEGER NOT NULL REFERENCES entity (id), -- number of the person
    documents INTEGER NOT NULL,          -- that say so
    PRIMARY KEY (entity, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE promise (
    -- What was promised by when.
    document INTEGER NOT NULL REFERENCES document (id), -- number of the document
    number   INTEGER NOT NULL,           -- order in the text
    who      TEXT,                       -- who promises
    what     TEXT NOT NULL,              -- what is promised
    due      TEXT,                       -- YYYY or YYYY-MM
    state    TEXT NOT NULL,              -- open, due, kept or unknown
    sentence TEXT NOT NULL,              -- the sentence that says so
    why      TEXT NOT NULL,              -- why the state is what it is
    PRIMARY KEY (document, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX promise_due ON promise (due);

CREATE TABLE edit (
    -- What each edit of a page changed, one change a row (shortened where its text may not be shown).
    document INTEGER NOT NULL REFERENCES document (id), -- number of the document
    replaced TEXT NOT NULL,              -- when the earlier text was replaced, UTC
    place    INTEGER NOT NULL,           -- order in the edit
    part     TEXT NOT NULL,              -- title or text
    kind     TEXT NOT NULL,              -- number, stage, name, correction note, wording or cosmetic
    before   TEXT NOT NULL,              -- the words before, with those around them; empty: there were none
    after    TEXT NOT NULL,              -- the words after; empty: taken out
    silent   INTEGER NOT NULL,           -- 1: no cosmetic change, and the new text has no note of a correction
    why      TEXT NOT NULL,              -- what makes it this kind, in words
    night    TEXT NOT NULL,              -- YYYY-MM-DD of the night in which it was seen
    PRIMARY KEY (document, replaced, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX edit_silent ON edit (silent, replaced);

CREATE TABLE changed_number (
    -- Numbers that a text gives otherwise than the release or the paper it rests on.
    document     INTEGER NOT NULL REFERENCES document (id), -- number of the outlet's document
    other        INTEGER NOT NULL REFERENCES document (id), -- number of the release or paper it is compared with
    place        INTEGER NOT NULL,       -- order in the document
    subject      TEXT NOT NULL,          -- what is counted or measured
    unit         TEXT NOT NULL,          -- empty for a bare count
    period       TEXT,                   -- year, month or years, where the texts give one
    value        REAL NOT NULL,          -- in the document
    high         REAL,                   -- upper end of a range
    was          REAL NOT NULL,          -- in the other
    was_high     REAL,                   -- upper end of a range
    sentence     TEXT NOT NULL,          -- of the document
    was_sentence TEXT NOT NULL,          -- of the other
    why          TEXT NOT NULL,          -- why both are held to be numbers of the same thing
    number       INTEGER NOT NULL,       -- figure.number of the document
    was_number   INTEGER NOT NULL,       -- figure.number of the other
    PRIMARY KEY (document, other, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX changed_number_other ON changed_number (other);

CREATE TABLE telling (
    -- What a text repeats or leaves out of the release or the paper it rests on, and what it adds.
    document INTEGER NOT NULL REFERENCES document (id), -- number of the outlet's document
    other    INTEGER NOT NULL REFERENCES document (id), -- number of the release or paper it is compared with
    what     TEXT NOT NULL,              -- repeats, leaves out or adds
    place    INTEGER NOT NULL,           -- order in its kind of telling
    kind     TEXT NOT NULL,              -- animals, cells, people, comparison, early, caution, harm, funding, interests, number or sentence
    text     TEXT NOT NULL,              -- the sentence, shortened or empty where it may not be shown; of the document, of the other if left out
    why      TEXT NOT NULL,              -- what it rests on, in words
    PRIMARY KEY (document, other, what, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX telling_other ON telling (other, what);

CREATE TABLE registry_check (
    -- Statements about trials, held against the part of the registries that is kept here.
    document INTEGER NOT NULL REFERENCES document (id), -- number of the document
    number   INTEGER NOT NULL,           -- order in the text
    claim    TEXT NOT NULL,              -- kind of statement, such as trials in a country
    value    REAL NOT NULL,              -- what is said
    verdict  TEXT NOT NULL,              -- consistent, differs or cannot tell
    found    REAL,                       -- what the registry here gives
    query    TEXT NOT NULL,              -- the question
    snapshot TEXT NOT NULL,              -- day of the newest record that was asked
    why      TEXT NOT NULL,              -- the verdict in words
    PRIMARY KEY (document, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE warning (
    -- What a reader should know before believing a news item, release or explainer, each with its sentence and reason.
    document INTEGER NOT NULL REFERENCES document (id), -- number of the document
    kind     TEXT NOT NULL,              -- headline leaves out animals, rests on a preprint, says more than its paper, no independent voice or rests on retracted work
    other    INTEGER,                    -- number of the document that it rests on; empty where the warning is of its own text
    sentence TEXT NOT NULL,              -- what shows it (shortened where its text may not be shown); empty where no sentence does
    why      TEXT NOT NULL,              -- the reason, in words
    score    REAL NOT NULL,              -- 0 to 1, of what it was found by
    noticed  TEXT NOT NULL,              -- when this was first known here, UTC
    night    TEXT NOT NULL,              -- YYYY-MM-DD of the night in which that was
    PRIMARY KEY (document, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX warning_kind ON warning (kind, night, document);

CREATE TABLE rests_on (
    -- What a news item, release or explainer rests on, as far as it is known here. Several are possible.
    document INTEGER NOT NULL REFERENCES document (id), -- number of the document
    value    TEXT NOT NULL,              -- paper, preprint, retracted, trial, paper elsewhere or nothing known
    PRIMARY KEY (document, value)
) STRICT, WITHOUT ROWID;
CREATE INDEX rests_on_value ON rests_on (value, document);

CREATE TABLE watch (
    -- The lists at /watch, row by row: what an editor looks at in the morning.
    list     TEXT NOT NULL,              -- status-changes, only-in-animals, rests-on-a-preprint …
    place    INTEGER NOT NULL,           -- order in the list
    document INTEGER NOT NULL REFERENCES document (id), -- number of the document
    other    INTEGER,                    -- number of the document that it is compared with, or rests on; empty for none
    night    TEXT NOT NULL,              -- YYYY-MM-DD of the night in which it was noticed
    told     TEXT NOT NULL,              -- what is notable, in a few words; empty where the warning says it
    sentence TEXT NOT NULL,              -- what shows it (shortened where its text may not be shown)
    why      TEXT NOT NULL,              -- the reason, in words
    page     TEXT NOT NULL,              -- address of a page here that tells more, or empty
    PRIMARY KEY (list, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX watch_document ON watch (document);

CREATE TABLE journal (
    -- What records of the literature say of a journal that documents name.
    entity        INTEGER PRIMARY KEY REFERENCES entity (id), -- number of the journal
    issnl         TEXT,                  -- linking ISSN, where a record gives it
    issn          TEXT NOT NULL,         -- JSON array of every ISSN
    abbreviations TEXT NOT NULL,         -- JSON array
    records       INTEGER NOT NULL       -- papers and preprints that were seen
) STRICT;

CREATE TABLE trial_count (
    -- Trials by body system, indication, cell product and country, counted once.
    facet  TEXT NOT NULL,                -- system, indication, cell_product or country
    value  TEXT NOT NULL,                -- value of the facet
    status TEXT NOT NULL,                -- as the registry words it; empty for all
    trials INTEGER NOT NULL,             -- how many trials have it
    PRIMARY KEY (facet, value, status)
) STRICT, WITHOUT ROWID;

CREATE TABLE counted (
    -- Counts that pages show, made once: licences, origins of identifiers, types of things, stories, trials by status.
    what  TEXT NOT NULL,                 -- licence, origin, type, institution_kind, trial_status, watch or story
    value TEXT NOT NULL,                 -- what is counted
    n     INTEGER NOT NULL,              -- how many there are
    PRIMARY KEY (what, value)
) STRICT, WITHOUT ROWID;

CREATE TABLE spelling (
    -- How a thing is written in documents, the twelve commonest spellings.
    entity   INTEGER NOT NULL REFERENCES entity (id), -- number of the thing
    place    INTEGER NOT NULL,           -- 1 is the commonest
    surface  TEXT NOT NULL,              -- as it is written
    mentions INTEGER NOT NULL,           -- how often
    PRIMARY KEY (entity, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE country_newest (
    -- The three newest documents on work that was done in a country.
    country  TEXT NOT NULL,              -- ISO 3166-1 alpha-2
    place    INTEGER NOT NULL,           -- 1 is the newest
    document INTEGER NOT NULL REFERENCES document (id), -- number of the document
    PRIMARY KEY (country, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE facet (
    -- How many documents have a value, for every value of every filter of the search.
    facet     TEXT NOT NULL,             -- kind, country, source, lang, month, disease, cell …
    value     TEXT NOT NULL,             -- value as a search writes it: KR, MONDO:0010726 …
    label     TEXT NOT NULL,             -- name of the value
    tag       TEXT NOT NULL UNIQUE,      -- its word in the column tags of search
    documents INTEGER NOT NULL,          -- how many have it
    PRIMARY KEY (facet, value)
) STRICT, WITHOUT ROWID;
CREATE INDEX facet_documents ON facet (facet, documents);

CREATE TABLE document_facets (
    -- The values of facets that a document has, in one row: counted for the hits of a search.
    document INTEGER PRIMARY KEY REFERENCES document (id), -- number of the document
    tags     TEXT NOT NULL               -- the column tag of facet, one for each value, with spaces between
) STRICT;

-- The index of all words. Contentless: whole texts can be searched, none can be read back out of it. Its words are folded
-- (publish/search/fold.py); Korean, Chinese and Japanese are in it as overlapping pairs of signs. Rowid is document.id.
CREATE VIRTUAL TABLE search USING fts5 (
    title, body, tags,
    content = '',
    tokenize = "porter unicode61 remove_diacritics 2 tokenchars '_'"
);
INSERT INTO search (search, rank) VALUES ('rank', 'bm25(8.0, 1.0, 0.0)');
