"""STAGE identify: entry -> identity. Which records of the literature and the registries are about one work.

Read are the entries of journals, preprint servers and registries, except those that are only a notice (`notice_only`).
In order:

1. Each entry gives its identifiers: a paper or preprint its first DOI, PMID and PMCID, a trial its first NCT, ISRCTN,
   EudraCT and CTIS numbers. Where an entry has no DOI, its address may hold one, or the `citation_doi` of its page.
2. Entries that share an identifier are one work (union-find). Those with a PMID or NCT number come first, then the
   oldest.
3. A work has one PMID and one NCT number. An entry that would bring a second one is not joined: it keeps the
   identifiers that only it has, the shared one stays with the first entry, and an issue is raised.
4. A work is named by its DOI, else its PMID, PMCID; NCT, ISRCTN, EudraCT, CTIS.

A preprint and its published version have two DOIs and stay two works. What a record says of the other version
(`preprint_of`, `published_as`) is a link, not an identity.

There is a row for each identifier and for each entry (`entry:SOURCE:NATIVE`), so that later stages find the work of an
entry, and all entries of a work, by a join.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypedDict

import zstandard

from core.config import Config
from core.ids import doi_of_url, normalise
from core.records import Identity
from core.stage import Address, Done, Flag, Result, Stage, Step, Writes
from core.store import Store
from core.text import fingerprint
from core.versions import version_of

OF_PAPERS, OF_TRIALS = ("doi", "pmid", "pmcid"), ("nct", "isrctn", "eudract", "ctis")
SCHEMES = (*OF_PAPERS, *OF_TRIALS)
SINGLE = ("pmid:", "nct:")  # a work has one of each
_HEAD = 200_000  # bytes of a page that are searched for its meta tags
_META = re.compile(rb"<meta\b[^>]*>", re.I)
_NAME = re.compile(rb"""\bname\s*=\s*["']?(citation_doi|citation_pmid|prism\.doi)["'\s]""", re.I)
_CONTENT = re.compile(rb"""\bcontent\s*=\s*["']([^"']{3,200})["']""", re.I)

ENTRIES = """
SELECT e.id, e.url, e.identifiers, e.title, s.kind,
       CASE WHEN s.kind <> 'registry' AND json_extract(e.identifiers, '$.doi') IS NULL THEN c.body END AS body
FROM entry e JOIN source s ON s.id = e.source
LEFT JOIN page p ON p.entry = e.id LEFT JOIN raw.capture c ON c.id = p.capture
WHERE s.kind IN ('journal', 'preprint', 'registry') AND json_extract(e.extra, '$.notice_only') IS NOT 1
ORDER BY e.first_seen, e.id"""


class EntryRow(TypedDict):
    """A row of ENTRIES."""

    id: str
    url: str | None
    identifiers: str  # JSON object of arrays
    title: str
    kind: str  # of the source
    body: bytes | None  # of the page, compressed; only where a DOI may have to be found in it


class HeldRow(TypedDict):
    """An identifier, and the entry that gives it."""

    identifier: str
    entry: str


class WorkData(TypedDict):
    """What `gather` gives of an entry."""

    work: str
    identifiers: list[str]  # those that this entry gave first
    conflict: str | None  # why it was not joined, in words


class WorkRow(WorkData):
    """A row of the step."""

    key: str  # id of the entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The identifiers that an entry gives, strongest scheme first."""

    entry: str
    title: str
    identifiers: tuple[str, ...]  # scheme:value


@dataclass(slots=True, kw_only=True)
class Works:
    """The works that claims add up to."""

    work: dict[str, str] = field(default_factory=dict)  # identifier or entry -> work
    ties: dict[str, str] = field(default_factory=dict)  # identifier -> the entry that gave it first
    conflicts: dict[str, str] = field(default_factory=dict)  # entry -> why it was not joined, in words


class DisjointSets:
    """Union-find over names, where a set holds at most one name of each prefix in SINGLE."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}
        self._single: dict[str, dict[str, str]] = {}  # root -> prefix -> the name with it

    def __contains__(self, name: str) -> bool:
        return name in self._parent

    def add(self, name: str) -> None:
        """A set of one."""
        self._parent[name] = name
        self._single[name] = {prefix: name for prefix in SINGLE if name.startswith(prefix)}

    def find_root(self, name: str) -> str:
        """The name that stands for the set."""
        while self._parent[name] != name:
            self._parent[name] = self._parent[self._parent[name]]
            name = self._parent[name]
        return name

    def join(self, one: str, other: str) -> str | None:
        """Make two sets one. Returns the two names that forbid it, in words, or None."""
        one, other = self.find_root(one), self.find_root(other)
        if one == other:
            return None
        for prefix in SINGLE:
            left, right = self._single[one].get(prefix), self._single[other].get(prefix)
            if left and right and left != right:
                return f"{left} and {right}"
        self._parent[other] = one
        self._single[one] |= self._single[other]
        return None

    def list_sets(self) -> list[list[str]]:
        """The names of each set, in the order in which they were added."""
        sets: dict[str, list[str]] = {}
        for name in self._parent:
            sets.setdefault(self.find_root(name), []).append(name)
        return list(sets.values())


def stage(_config: Config) -> Stage:
    return Stage(
        name="identify", version=version_of("identify"), gather=gather,
        step=Address(module="relations.works", function="build_step"),
        writes=(Writes(record=Identity, owner="entry"),),
    )  # fmt: skip


def gather(store: Store) -> Iterator[tuple[str, str, WorkData]]:
    """A row for each entry of the literature or a registry, with the identifiers that rest on it."""
    claims = [read_claim(row) for row in store.select(EntryRow, ENTRIES)]
    works = find_works(claims)
    held = {row["identifier"]: row["entry"] for row in store.select(HeldRow, "SELECT identifier, entry FROM identity")}
    given: dict[str, list[str]] = {claim.entry: [] for claim in claims}
    for identifier, entry in works.ties.items():
        given[entry].append(identifier)
    for claim in claims:
        entry = claim.entry
        data: WorkData = {
            "work": works.work[f"entry:{entry}"],
            "identifiers": sorted(given[entry]),
            "conflict": works.conflicts.get(entry),
        }
        # an identifier that another entry still holds is written when that entry has given it up: one night later
        elsewhere = [f"{name} {held[name]}" for name in data["identifiers"] if held.get(name, entry) != entry]
        yield entry, fingerprint(json.dumps(data, ensure_ascii=False), *elsewhere), data


def build_step() -> Step:
    return identify_entry


def identify_entry(row: WorkRow) -> Result:
    """The identities that rest on one entry, and an issue when it could not be joined."""
    entry, work, conflict = row["key"], row["work"], row["conflict"]
    names = [f"entry:{entry}", *row["identifiers"]]
    return Done(
        records=tuple(Identity(identifier=name, work=work, entry=entry) for name in names),
        note=conflict,
        flags=(Flag(kind="identity", subject=entry, text=conflict),) if conflict else (),
    )


def find_works(claims: Sequence[Claim]) -> Works:
    """Merge claims into works. `claims` are in the order of arrival, which decides who gave an identifier first."""
    works, sets = Works(), DisjointSets()
    titles = {claim.entry: claim.title for claim in claims}
    for claim in sorted(claims, key=lambda claim: not any(name.startswith(SINGLE) for name in claim.identifiers)):
        entry = f"entry:{claim.entry}"
        sets.add(entry)
        for name in sorted(claim.identifiers, key=lambda name: not name.startswith(SINGLE)):
            if name not in sets:
                sets.add(name)
                works.ties[name] = claim.entry
            against = sets.join(name, entry)
            if against is not None:
                other = works.ties[name]
                works.conflicts[claim.entry] = (
                    f"{name} is given for {against}: “{claim.title}” (entry {claim.entry}) and “{titles[other]}”"
                    f" (entry {other}); they are kept apart, and {name} belongs to the second"
                )
    arrival = {claim.entry: place for place, claim in enumerate(claims)}
    for names in sets.list_sets():
        known = [name for name in names if not name.startswith("entry:")]
        work = min(known, key=lambda name: _rank(name, arrival[works.ties[name]])) if known else names[0]
        works.work |= dict.fromkeys(names, work)
    return works


def _rank(name: str, arrival: int) -> tuple[int, int, str]:
    return SCHEMES.index(name.partition(":")[0]), arrival, name


def read_claim(row: EntryRow) -> Claim:
    """The identifiers that an entry, its address or its page gives."""
    schemes = OF_TRIALS if row["kind"] == "registry" else OF_PAPERS
    identifiers: dict[str, list[str]] = json.loads(row["identifiers"])
    names: dict[str, str] = {}
    for scheme in schemes:
        known = (normalise(scheme, str(raw)) for raw in identifiers.get(scheme, ()))
        value = next((value for value in known if value), None)
        if value is not None:
            names[scheme] = value
    if "doi" in schemes and "doi" not in names:
        doi = doi_of_url(row["url"] or "") or (find_page_identifiers(row["body"]).get("doi") if row["body"] else None)
        names |= {"doi": doi} if doi else {}
    return Claim(
        entry=row["id"],
        title=row["title"],
        identifiers=tuple(f"{scheme}:{names[scheme]}" for scheme in schemes if scheme in names),
    )


def find_page_identifiers(body: bytes) -> dict[str, str]:
    """The DOI and PMID in the meta tags of a page (zstd, as captured); damaged bytes give none."""
    try:
        head = zstandard.ZstdDecompressor().stream_reader(body).read(_HEAD)
    except zstandard.ZstdError:
        return {}
    found: dict[str, str] = {}
    for tag in _META.finditer(head):
        name, content = _NAME.search(tag[0]), _CONTENT.search(tag[0])
        if name and content:
            scheme = "pmid" if name[1].lower().endswith(b"pmid") else "doi"
            value = normalise(scheme, content[1].decode("utf-8", "replace"))
            if value:
                found.setdefault(scheme, value)
    return found
