"""What a citation of a document says: who wrote what, where, when, and by which number.

`find_citations` reads the rows of an edition; `to_citation` decides, in order:
1. Numbers (DOI, PubMed …) are the document's own for a paper, a preprint or a trial. News and releases have the numbers
   of the work that they are about in the same place: those are never theirs.
2. Authors are what the source gives, none is made up. `to_name` parts family and given names, because programs that
   keep references ask for them apart.
3. "Read" is the day on which the text that we hold was fetched: of its last change, else the day first seen.
`cite_ris.py`, `cite_bibtex.py` and `meta.py` write a citation down.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from publish.pages.rows import OpenEdition, listed
from publish.pages.template_filters import document_url, identifier, safe_url

OWN = ("paper", "preprint", "trial")  # kinds whose numbers are their own, and that have RIS and BibTeX in lists
REGISTRIES = ("nct", "isrctn", "eudract", "ctis")

CITED = """
SELECT d.id, d.kind, d.title, d.lang, d.authors, d.journal, d.published, d.ident, d.url, d.slug, d."key", d.source,
    s.name AS source_name,
    coalesce((SELECT max(v.replaced) FROM version v WHERE v.document = d.id), d.first_seen) AS read,
    (SELECT t.text FROM document_text t WHERE t.document = d.id AND t.part = 'abstract') AS abstract,
    (SELECT json_group_array(json_array(i.scheme, i.value)) FROM identifier i WHERE i.document = d.id) AS numbers,
    (SELECT b.text FROM banner b WHERE b.document = d.id AND b.own = 1 ORDER BY b.day DESC LIMIT 1) AS notice
FROM json_each(:ids) j CROSS JOIN document d ON d.id = j.value JOIN source s ON s.id = d.source ORDER BY j.key"""

GROUP = re.compile(
    r"\b(?:agency|association|board|centers?|centres?|clinics?|collaborat\w+|committee|communications?|company|"
    r"consortium|corp\w*|department|desk|editors?|foundation|gmbh|groups?|hospitals?|inc|institut\w*|investigators|"
    r"laborator\w+|ltd|llc|ministry|network|news\w*|office|press|reporters?|service|society|staff|stud(?:y|ies)|team|"
    r"universit\w*|writers?|administrator|admin)\b|^the\b|\d|@|&| and ",
    re.IGNORECASE,
)
PARTICLES = frozenset(
    ("van", "von", "de", "del", "della", "der", "den", "di", "da", "das", "do", "dos", "du", "la", "le", "ter", "ten",
     "te", "zu", "zur", "af", "al", "el", "bin", "ibn", "y")
)  # fmt: skip
ROLE = re.compile(
    r"^(?:by|(?:written by|reported by|staff reporter|reporter|correspondent|editor)[:\s])\s*(?=\w+\s)", re.I
)
AFTER = re.compile(r"(?:Jr|Sr)\.?|II|III|IV|2nd|3rd|4th")
TITLE = re.compile(r"(?:Dr|Prof)\.?")
DEGREE = re.compile(r"(?:MD|Ph\.?D|M\.D|MSc|M\.?Sc|BSc|DVM|MBBS|MPH|DPhil|FRCP|RN|Dr|Prof)\.?", re.IGNORECASE)
INITIALS = re.compile(r"[A-Z]{1,2}|[A-Z][^AEIOUY\W\d_a-z][A-Z]|(?:[A-Z]\.-?){1,3}")


@dataclass(frozen=True, slots=True)
class Name:
    """An author. One without a given name is kept as it is: a group, a byline, a name of one word."""

    family: str
    given: str = ""
    after: str = ""  # Jr, III …

    @property
    def inverted(self) -> str:
        """`van Beethoven, Ludwig, Jr`."""
        return ", ".join(part for part in (self.family, self.given, self.after) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class CitedRow:
    """A document with what is cited of it, as the edition has it."""

    id: int
    kind: str
    title: str
    lang: str | None
    authors: str  # JSON
    journal: str | None
    published: str | None
    ident: str
    url: str
    slug: str
    key: str
    source: str
    source_name: str
    read: str
    abstract: str | None
    numbers: str  # JSON: pairs of scheme and value
    notice: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A document as others cite it; empty where the edition does not say it."""

    kind: str
    key: str
    title: str
    lang: str
    authors: tuple[Name, ...]
    journal: str  # of a paper
    outlet: str  # the source: outlet, press office, preprint server, registry
    published: str  # YYYY, YYYY-MM or YYYY-MM-DD
    doi: str
    pmid: str
    pmcid: str
    registry: str  # number of a trial
    issn: str
    link: str  # where it was published
    path: str  # its page here
    read: str  # YYYY-MM-DD
    abstract: str
    notice: str  # retracted, corrected: one sentence

    @property
    def year(self) -> str:
        return self.published[:4]


async def find_citations(edition: OpenEdition, ids: Sequence[int]) -> list[Citation]:
    """Citations of documents, in the order of `ids`."""
    return [to_citation(row) for row in await edition.rows(CitedRow, CITED, listed(ids))]


def to_citation(row: CitedRow) -> Citation:
    """What the edition bears out of a document, and nothing else."""
    numbers: dict[str, str] = {}
    scheme, _, value = row.ident.partition(":")
    pairs = json.loads(row.numbers) if row.kind in OWN else []
    for name, number in [(scheme, value), *pairs]:
        numbers.setdefault(name, number)
    registry = next((numbers[name] for name in REGISTRIES if name in numbers), "") if row.kind == "trial" else ""
    link = safe_url(row.url) or identifier(scheme, value)[1]
    return Citation(
        kind=row.kind,
        key=row.key,
        title=row.title,
        lang=row.lang or "",
        authors=tuple(to_name(name) for name in json.loads(row.authors) if any(sign.isalpha() for sign in name)),
        journal=(row.journal or row.source_name) if row.kind == "paper" else "",
        outlet=row.source_name,
        published=row.published[:10] if row.published else "",
        doi=numbers.get("doi", ""),
        pmid=numbers.get("pmid", ""),
        pmcid=numbers.get("pmcid", ""),
        registry=registry,
        issn=numbers.get("issn", ""),
        link=link,
        path=document_url(row),
        read=row.read[:10],
        abstract=(row.abstract or "") if row.kind in OWN else "",
        notice=row.notice or "",
    )


def to_name(written: str) -> Name:
    """A name in parts.

    >>> to_name("Ludwig van Beethoven").inverted, to_name("Ito K").inverted, to_name("ALS Consortium").inverted
    ('van Beethoven, Ludwig', 'Ito, K', 'ALS Consortium')
    """
    text = ROLE.sub("", " ".join(written.replace(";", " ").split()))
    if GROUP.search(re.sub(r" (?:2nd|3rd|4th)$", "", text)):
        return Name(text)
    first, *more = [part.strip() for part in text.split(",")]
    after = next((part.rstrip(".") for part in more if AFTER.fullmatch(part)), "")
    given = [part for part in more if part and not AFTER.fullmatch(part) and not DEGREE.fullmatch(part)]
    if given:  # already family first
        return Name(first, " ".join(given), after)
    words = first.split(" ")
    if len(words) > 2 and TITLE.fullmatch(words[0]):
        del words[0]
    if len(words) > 2 and AFTER.fullmatch(words[-1]):
        after = words.pop().rstrip(".")
    if len(words) == 1:
        return Name(words[0], "", after)
    if INITIALS.fullmatch(words[-1]):
        return Name(" ".join(words[:-1]), words[-1], after)
    if not re.search("[A-Za-zÀ-ɏͰ-ӿ]", first):  # Korean, Chinese, Japanese: the family comes first
        return Name(words[0], " ".join(words[1:]))
    last = next((at for at, word in enumerate(words[1:-1], 1) if word.lower() == word and word in PARTICLES), -1)
    return Name(" ".join(words[last:]), " ".join(words[:last]), after)
