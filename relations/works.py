"""STAGE entries of the literature and the registries -> identities: which identifiers, and which entries, are one work.

Sources of journals, preprints and registries are looked at; a notice alone (`notice_only`) is no work. In order:

1. an entry gives its identifiers: of a paper or preprint its first DOI, PMID and PMCID, of a trial its first NCT,
   ISRCTN, EudraCT and CTIS numbers; where the entry has no DOI, its address may hold one, or the `citation_doi` of
   its page;
2. entries that share an identifier are one work (union-find), oldest entry first, those with a PMID before the others;
3. a work has one PMID, and one NCT number: an entry that would bring a second one in is not joined. It stands by
   what nobody else has, the shared identifier stays with whom it was first, and a person is told ("two papers with
   one DOI");
4. the work is named by its DOI, else its PMID, PMCID; NCT, ISRCTN, EudraCT, CTIS.

A preprint and its published version have two DOIs and stay two works: what a record says of the other version
(`preprint_of`, `published_as`) is a link, not an identity.

Rows: one for each identifier, and one for each entry (`entry:SOURCE:NATIVE`), so that what follows finds the work of
an entry, and all entries of a work, by a join.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import zstandard

from core.config import Config
from core.ids import doi_of_url, normalise
from core.records import Identity, Json
from core.stage import Address, Done, Flag, Result, Stage, Step, Writes
from core.store import Store
from core.text import fingerprint

CODE = "1"
OF_PAPERS, OF_TRIALS = ("doi", "pmid", "pmcid"), ("nct", "isrctn", "eudract", "ctis")
SCHEMES = (*OF_PAPERS, *OF_TRIALS)
SOLE = ("pmid:", "nct:")  # a work has one of these
_HEAD = 200_000  # bytes of a page in which its meta tags stand
_META = re.compile(rb"<meta\b[^>]*>", re.I)
_NAMED = re.compile(rb"""\bname\s*=\s*["']?(citation_doi|citation_pmid|prism\.doi)["'\s]""", re.I)
_CONTENT = re.compile(rb"""\bcontent\s*=\s*["']([^"']{3,200})["']""", re.I)

ENTRIES = """
SELECT e.id, e.source, e.url, e.identifiers, e.first_seen, e.title, s.kind,
       CASE WHEN s.kind <> 'registry' AND json_extract(e.identifiers, '$.doi') IS NULL THEN c.body END AS body
FROM entry e JOIN source s ON s.id = e.source
LEFT JOIN page p ON p.entry = e.id LEFT JOIN raw.capture c ON c.id = p.capture
WHERE s.kind IN ('journal', 'preprint', 'registry') AND json_extract(e.extra, '$.notice_only') IS NOT 1
ORDER BY e.first_seen, e.id"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What an entry says of its identity, strongest scheme first."""

    entry: str
    title: str
    identifiers: tuple[str, ...]  # scheme:value


@dataclass(slots=True, kw_only=True)
class Works:
    """The result: whose everything is."""

    work: dict[str, str] = field(default_factory=dict)  # identifier or entry -> work
    ties: dict[str, str] = field(default_factory=dict)  # identifier -> the entry that first gave it
    conflicts: dict[str, str] = field(default_factory=dict)  # entry -> what is wrong, in words


def stage(_config: Config) -> Stage:
    return Stage(
        name="identify", version=CODE, gather=gather,
        step=Address(module="relations.works", function="build"),
        writes=(Writes(record=Identity, owner="entry"),),
    )  # fmt: skip


def build() -> Step:
    return identify_entry


def gather(store: Store) -> Iterator[tuple[str, str, Json]]:
    """A row for each entry of the literature or a registry, with the identities that rest on it."""
    claims = [_claim(row) for row in store.rows(ENTRIES)]
    works = find_works(claims)
    held = {row["identifier"]: row["entry"] for row in store.rows("SELECT identifier, entry FROM identity")}
    given: dict[str, list[str]] = {claim.entry: [] for claim in claims}
    for identifier, entry in works.ties.items():
        given[entry].append(identifier)
    for claim in claims:
        entry = claim.entry
        data: Json = {
            "work": works.work[f"entry:{entry}"],
            "identifiers": sorted(given[entry]),
            "conflict": works.conflicts.get(entry),
        }
        # what another entry still holds is written when that one has let go of it: one night later
        elsewhere = [f"{name} {held[name]}" for name in data["identifiers"] if held.get(name, entry) != entry]
        yield entry, fingerprint(json.dumps(data, ensure_ascii=False), *elsewhere), data


def identify_entry(row: Json) -> Result:
    """`row` is what `gather` gave, with the entry as "key"."""
    entry, work = row["key"], row["work"]
    names = [f"entry:{entry}", *row["identifiers"]]
    flags = (Flag(kind="identity", subject=entry, text=row["conflict"]),) if row["conflict"] else ()
    return Done(
        records=tuple(Identity(identifier=name, work=work, entry=entry) for name in names),
        note=row["conflict"],
        flags=flags,
    )


def find_works(claims: Sequence[Claim]) -> Works:
    """Fold claims into works. The order of `claims` (oldest first) decides who was first."""
    works = Works()
    parent: dict[str, str] = {}
    sole: dict[str, dict[str, str]] = {}  # root -> prefix -> the one identifier of that scheme
    title: dict[str, str] = {claim.entry: claim.title for claim in claims}

    def root(name: str) -> str:
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    def join(one: str, other: str) -> str | None:
        """Make two one; the identifiers that forbid it, or None."""
        one, other = root(one), root(other)
        if one == other:
            return None
        for prefix in SOLE:
            mine, theirs = sole[one].get(prefix), sole[other].get(prefix)
            if mine and theirs and mine != theirs:
                return f"{mine} and {theirs}"
        parent[other] = one
        sole[one] |= sole[other]
        return None

    first_of_all = sorted(claims, key=lambda claim: not any(name.startswith(SOLE) for name in claim.identifiers))
    for claim in first_of_all:
        me = f"entry:{claim.entry}"
        parent[me], sole[me] = me, {}
        strongest = sorted(claim.identifiers, key=lambda name: not name.startswith(SOLE))
        for name in strongest:
            if name not in parent:
                parent[name] = name
                sole[name] = {prefix: name for prefix in SOLE if name.startswith(prefix)}
                works.ties[name] = claim.entry
            against = join(name, me)
            if against is not None:
                other = works.ties[name]
                works.conflicts[claim.entry] = (
                    f"{name} is given for {against}: “{claim.title}” (entry {claim.entry}) and “{title[other]}”"
                    f" (entry {other}); they are kept apart, and {name} stays with the latter"
                )
    members: dict[str, list[str]] = {}
    for name in parent:
        members.setdefault(root(name), []).append(name)
    order = {claim.entry: place for place, claim in enumerate(claims)}
    for names in members.values():
        known = [name for name in names if not name.startswith("entry:")]
        work = min(known, key=lambda name: _rank(name, order[works.ties[name]])) if known else names[0]
        works.work |= dict.fromkeys(names, work)
    return works


def _rank(name: str, place: int) -> tuple[int, int, str]:
    return SCHEMES.index(name.partition(":")[0]), place, name


def _claim(row: Json) -> Claim:
    schemes = OF_TRIALS if row["kind"] == "registry" else OF_PAPERS
    identifiers: Json = json.loads(row["identifiers"])
    names: dict[str, str] = {}
    for scheme in schemes:
        known = (normalise(scheme, str(raw)) for raw in identifiers.get(scheme, ()))
        value = next((value for value in known if value), None)
        if value is not None:
            names[scheme] = value
    if "doi" in schemes and "doi" not in names:
        doi = doi_of_url(row["url"] or "") or (page_identifiers(row["body"]).get("doi") if row["body"] else None)
        names |= {"doi": doi} if doi else {}
    return Claim(
        entry=row["id"],
        title=row["title"],
        identifiers=tuple(f"{scheme}:{names[scheme]}" for scheme in schemes if scheme in names),
    )


def page_identifiers(body: bytes) -> dict[str, str]:
    """The DOI and PMID that the meta tags of a page (zstd, as captured) give; damaged bytes give none."""
    try:
        head = zstandard.ZstdDecompressor().stream_reader(body).read(_HEAD)
    except zstandard.ZstdError:
        return {}
    found: dict[str, str] = {}
    for tag in _META.finditer(head):
        name, content = _NAMED.search(tag[0]), _CONTENT.search(tag[0])
        if name and content:
            scheme = "pmid" if name[1].lower().endswith(b"pmid") else "doi"
            value = normalise(scheme, content[1].decode("utf-8", "replace"))
            if value:
                found.setdefault(scheme, value)
    return found
