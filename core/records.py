"""The records that all packages exchange: one frozen dataclass per table, without I/O.

Each field is a column of the schema (`core/schema/*.sql`; a test compares them). Tuples and dicts are stored as JSON
text. Times are ISO 8601 in UTC with seconds (`2026-11-22T04:51:00Z`), days are `YYYY-MM-DD`. Ids are natural keys, so a
re-run updates its own rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One night (or one command): id is its start, `20261122T045100Z` plus a counter if two share a second."""

    id: str
    command: str
    started: str
    finished: str | None = None
    recorded: str | None = None  # folder that the answers came from; None on the live network
    exit_code: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What one stage did in one run. Empty nights are recorded as zeros, not as absence.

    `seen` counts rows that were due; `due_…` count them by reason, if the stage is a step over rows.
    """

    run: str
    stage: str
    seen: int
    done: int
    skipped: int
    failed: int
    seconds: float
    due_new: int = 0
    due_changed: int = 0
    due_version: int = 0
    due_retry: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A source as its TOML file declares it; id is the file's stem."""

    id: str
    name: str
    kind: str
    country: str | None
    lang: str | None
    about: str
    licence: str
    home: str | None
    scope: str  # all | mixed
    rules: str  # JSON of the part of the TOML with the page rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """One answer exactly as it was received; id = hash(source, url, body). Append-only, in raw.db."""

    id: str
    source: str
    url: str
    final_url: str
    role: str  # feed | sitemap | listing | api | page | robots
    status: int
    headers: Json  # lower-case names
    body: bytes  # zstd
    sha256: str  # of the body before compression
    size: int  # bytes before compression
    fetched: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request that was made (or held back) and its outcome. Append-only, in raw.db.

    Validators, Retry-After and the count of 410s are read from the newest visits of a URL.
    """

    run: str
    source: str
    url: str
    role: str
    at: str
    outcome: str  # fetched | unchanged | gone | refused | held | failed
    status: int | None
    capture: str | None  # the capture that holds the body (an older one when unchanged)
    entry: str | None  # the entry whose page this is
    etag: str | None
    modified: str | None
    retry_after: str | None  # do not ask this host again before
    reason: str | None
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One item as a feed, listing, sitemap or API lists it; id = `source:native-id`."""

    id: str
    source: str
    native: str
    url: str | None
    title: str
    summary: str  # plain text
    published: str | None
    published_raw: str | None
    authors: tuple[str, ...]
    identifiers: Json  # {"doi": [...], "pmid": [...], …}, normalised
    extra: Json  # journal, issn, licence, conditions … as the source named them
    hash: str  # of the source's own data, with a version byte
    capture: str
    first_seen: str
    content: str = ""  # the list's own full text, where the page is the document; not in the hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """This entry was seen in this source on this night."""

    entry: str
    run: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The capture with the page of an entry, and the state of the page."""

    entry: str
    url: str
    capture: str | None
    fetched: str | None
    first_visit: str
    last_visit: str
    state: str  # held | gone | failed
    gone_nights: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFacts:
    """What an answer shows that tells whether it is the page asked for; see `crawlers.pages.facts`."""

    capture: str
    form: str  # empty | html | pdf | file | unread
    title: str
    words: int  # of running text
    lines: tuple[list[object], ...]  # [fingerprint, words] of its longest lines
    asked_in_title: float | None  # share of the words of the list's title
    asked_in_text: float | None
    signs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageVerdict:
    """Whether the newest answer for an entry is its page, and which answer is the newest that is."""

    entry: str
    capture: str  # the newest answer
    kind: str  # page | challenge | login | wall | missing | home | empty | part | maintenance | file
    why: str
    better: str | None  # the newest capture that is a page
    better_at: str | None  # when it was fetched last, UTC
    worse: int  # captures since then


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document made from an entry and its page; id = `doi:…`, `pmid:…`, `nct:…`, else the canonical URL."""

    id: str
    entry: str  # the entry that this document was made from
    source: str
    kind: str  # news | release | explainer | clinic | paper | preprint | trial
    url: str
    title: str
    text: str  # paragraphs parted by one empty line
    summary: str
    authors: tuple[str, ...]
    lang: str | None
    published: str | None
    published_from: str | None  # where the chosen date was found
    dates: tuple[Json, ...]  # every candidate: {"date", "where", "raw"}
    identifiers: Json
    links: tuple[str, ...]  # outgoing links of the body that name a paper, a trial or a registry
    extra: Json
    licence: str
    translated: str | None  # the page's own notice that it is a translation
    state: str  # current | gone
    capture: str
    first_seen: str
    hash: str
    basis: str = "page"  # page | feed (its page could not be had or holds no text) | record (the source gives no pages)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """An earlier text of a document whose page changed."""

    document: str
    hash: str
    title: str
    text: str
    published: str | None
    capture: str
    replaced: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Appearance:
    """This entry announced this document (several sources often announce the same one)."""

    entry: str
    document: str
    source: str
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """An address by which an entry, its page or its list names the document, as a key for comparing."""

    entry: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FormerId:
    """An id that a document had before; its addresses on the site lead on."""

    id: str
    document: str
    first: bool  # the first id of this document; of a document that became part of another one, never


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A span of a document's title or text, its type, and its concept or the reason for none."""

    document: str
    part: str  # title | text
    start: int  # characters, end exclusive
    end: int
    type: str
    surface: str
    concept: str | None
    score: float
    why: str  # how it was linked, or why not
    component: str  # what found it, with its version
    role: str | None = None  # of a disease or an institution: treated, risk, did_the_work, comments …


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """Whether a document is about a concept or only names it."""

    document: str
    concept: str
    about: int  # 1 or 0
    weight: float  # title, lead and times
    role: str | None  # of most of its mentions
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Concept:
    """A concept that mentions are linked to: `MONDO:0010726`, `CL:0000134`, `ROR:025h1m602`, `journal:cell`."""

    id: str
    type: str
    name: str
    country: str | None
    url: str | None
    origin: str  # ontology or registry with version and licence


@dataclass(frozen=True, slots=True, kw_only=True)
class ConceptName:
    """A name by which a concept goes, in any language: of one that is mentioned, or wider than one."""

    concept: str
    type: str
    name: str
    lang: str
    how: str  # label | name | short | used: of a narrower concept, often used for this one
    senses: int  # different concepts that go by it; 1 for the one that is meant when nothing says otherwise
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wider:
    """A concept is a kind or a part of a wider one, by so many steps."""

    concept: str
    wider: str
    steps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A facet's value for a document, and the sentence that it is based on."""

    document: str
    facet: str  # scope, evidence, source_kind …
    value: str
    score: float
    sentence: str  # empty if it is not based on a sentence
    start: int | None  # of the sentence in the text; None in the title
    end: int | None
    component: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """An identifier and the work that it belongs to."""

    identifier: str  # doi:… pmid:… pmcid:… nct:…
    work: str  # the document's id: its doi before its pmid before its pmcid
    entry: str  # the entry that gave the identifier first


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A notice about a work in a record: retracted, corrected …."""

    id: str
    entry: str  # the entry with the notice
    about: str  # identifier of the work: doi:… pmid:… nct:…
    nature: str  # retraction | withdrawal | concern | correction | reinstatement
    day: str | None  # YYYY-MM-DD
    notice: str | None  # identifier of the notice itself
    reasons: tuple[str, ...]  # as the record words them
    url: str | None  # where it can be read


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A typed link from a document, with its reason in words; dst is empty if nothing was identified."""

    src: str  # document
    relation: str  # paper | trial | published | notice
    dst: str  # document, or an identifier without a record here; empty: not identified
    score: float  # 0 .. 1
    how: str  # identifier | address | statement | evidence | none
    why: str
    component: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkStatus:
    """A work that was retracted, withdrawn or corrected, or is under a concern."""

    document: str
    status: str  # corrected | concern | retracted | withdrawn
    since: str | None  # YYYY-MM-DD of the notice
    notice: str | None  # identifier of the notice
    reasons: tuple[str, ...]
    url: str | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What became known of a document after it arrived; digests use it."""

    document: str
    kind: str  # status
    about: str  # the work that it is about
    value: str  # corrected | concern | retracted | withdrawn
    day: str | None  # YYYY-MM-DD
    text: str  # in words
    first_seen: str  # UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialStatus:
    """The status of a trial in its registry: of its record, and of each document about it."""

    document: str
    trial: str  # id of the trial's record
    status: str  # the registry's word in lower case
    day: str | None  # on which the registry last changed the record
    reason: str  # why it was stopped; empty: not said
    text: str  # in words
    first_seen: str  # UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A quantitative statement and its sentence."""

    document: str
    part: str  # title | text
    start: int  # characters of the quantity
    end: int  # exclusive
    value: float
    high: float | None  # upper end of a range
    unit: str  # empty for a bare count
    subject: str  # what is counted or measured
    period: str | None  # YYYY, YYYY-MM, YYYY/YYYY
    place: str | None  # ISO 3166-1 alpha-2
    modifier: str  # exact | approximate | at least | at most | multiple
    series: str | None  # name of the series that it belongs to
    sentence: str
    component: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotation:
    """Somebody is quoted; offsets are of the quotation in the text."""

    document: str
    start: int  # characters of the quotation in the text
    end: int
    speaker: str
    affiliation: str | None  # as the text gives it
    concept: str | None  # of the affiliation
    independent: str  # yes | no | unknown: outside of the institutions of the study
    why: str
    component: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What is promised by when; offsets are of the sentence in the text."""

    document: str
    start: int  # characters of the sentence in the text
    end: int
    sentence: str
    who: str | None
    what: str
    due: str | None  # YYYY or YYYY-MM
    state: str  # open | due | kept | unknown
    why: str
    component: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NearDuplicate:
    """A document and an earlier one that it copies, translates, or reports the same event as."""

    document: str
    other: str
    relation: str  # copy | event | translation
    score: float  # 0 .. 1
    kept: float | None  # share of the shorter text that is also in the other; None for an event
    why: str
    against: str  # hash of the other document when they were compared


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """The documents about one event; id = fingerprint of the document that arrived first."""

    id: str
    title: str
    first: str  # day of its first document
    last: str
    origin: str  # document: the paper or the release that came first
    documents: int
    outlets: int  # sources of its news and explainers
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A document in a story, and as what."""

    story: str
    document: str
    role: str  # origin | release | copy | coverage
    score: float  # 0 .. 1
    kept: float | None  # share of the origin's text
    added: str  # the first sentence that the other text does not have; empty for none
    dropped: str  # the first caveat of the other text that it leaves out; empty for none
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentWarning:
    """What a reader should know before believing a document, with the reason."""

    document: str
    kind: str  # as relations/warnings.toml names them
    other: str | None  # id of the document that it rests on
    sentence: str  # of the document; empty where none shows it
    why: str
    score: float
    first_seen: str  # UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One change that an edit of a page made: an earlier text compared with the one that replaced it."""

    document: str
    replaced: str  # of the version
    place: int  # order in the edit
    part: str  # title | text
    kind: str  # number | stage | name | correction note | wording | cosmetic
    before: str  # the words before, with those around them; empty: there were none
    after: str
    silent: int  # 1: no cosmetic change, and the new text has no note of a correction
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedNumber:
    """A number that a text gives otherwise than the release or the paper it rests on."""

    document: str
    other: str  # the release or paper
    place: int  # order in the document
    part: str  # of the document's figure
    start: int
    was_part: str  # of the other's figure
    was_start: int
    subject: str
    unit: str
    period: str | None
    value: float  # in the document
    high: float | None
    was: float  # in the other
    was_high: float | None
    sentence: str
    was_sentence: str
    why: str  # why both are held to be numbers of the same thing


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """A thing that a text repeats or leaves out of the release or paper it rests on, or adds to it."""

    document: str
    other: str
    what: str  # repeats | leaves out | adds
    place: int  # order in its `what`
    kind: str  # a caveat of caveat_kinds.tsv: animals, cells, people …; else number | sentence
    text: str  # of the document if it repeats or adds, else of the other
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryCheck:
    """A claim about trials, compared with the trials that are here."""

    document: str
    start: int  # characters of the figure in the text
    end: int
    claim: str  # claim type
    value: float  # the number of the text
    verdict: str  # consistent | differs | cannot tell
    found: float | None  # the count of the query; None when no trials are here
    query: str  # SQL, with its values filled in
    snapshot: str  # day of the newest trial that could be counted
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The ledger: the outcome of a row in a stage."""

    stage: str
    key: str
    version: str
    input: str
    state: str  # done | skipped | failed
    reason: str | None
    tries: int
    run: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """A problem for the operator; id = hash(source, kind, subject)."""

    id: str
    source: str | None
    kind: str
    subject: str
    text: str
    first_seen: str  # run
    last_seen: str
    resolved: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One published build of the site's database."""

    name: str
    built: str
    content: str  # fingerprint of its rows: an unchanged night publishes nothing
    documents: int
    sha256: str


TABLES: dict[str, type] = {
    "run": Run, "report": Report, "source": Source, "capture": Capture, "visit": Visit, "entry": Entry,
    "sighting": Sighting, "page": Page, "identity": Identity, "page_facts": PageFacts,
    "page_verdict": PageVerdict, "document": Document, "version": Version,
    "appearance": Appearance, "claim": Claim, "former_id": FormerId,
    "notice": Notice, "mention": Mention, "concept": Concept, "concept_name": ConceptName, "wider": Wider,
    "topic": Topic, "link": Link,
    "work_status": WorkStatus, "fact": Fact, "trial_status": TrialStatus, "label": Label, "figure": Figure,
    "quotation": Quotation, "promise": Promise, "near_duplicate": NearDuplicate, "story": Story, "member": Member,
    "registry_check": RegistryCheck, "warning": DocumentWarning, "edit": Edit, "changed_number": ChangedNumber,
    "telling": Telling, "outcome": Outcome, "issue": Issue, "edition": Edition,
}  # fmt: skip
