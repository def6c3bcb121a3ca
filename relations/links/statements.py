"""Links that need no guess: an identifier in the text, a hyperlink, or what a record says of itself.

In order, each once, the first reason stays: identifiers that stand in the text ("names doi:… in paragraph 3");
hyperlinks of the body ("links to …"), read by `core.ids` and, for publishers whose addresses hold no DOI, by the
identifiers that are in them (PubMed, PMC, registries); identifiers that the source gave with the entry. A DOI, PMID
or PMCID is a paper; NCT, ISRCTN, EudraCT and CTIS numbers are trials. A record never links to itself.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from core.ids import find_ids, ids_of_url, normalise
from core.records import Json

PAPERS = ("doi", "pmid", "pmcid")
TRIALS = ("nct", "isrctn", "eudract", "ctis")
_SHOWN = {"doi": "doi:{}", "pmid": "PubMed {}", "pmcid": "{}", "nct": "{}", "isrctn": "{}", "eudract": "EudraCT {}",
          "ctis": "CTIS {}"}  # fmt: skip
_TSV = Path(__file__).with_name("addresses.tsv")
_PARAGRAPH = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True)
class Statement:
    """An identifier that a document gives, and how it gives it."""

    identifier: str  # scheme:value
    relation: str  # paper | trial
    how: str  # identifier | address | statement
    why: str


def find_statements(
    *, title: str, text: str, links: Iterable[str], identifiers: Json, own: frozenset[str]
) -> list[Statement]:
    """Every identifier of a paper or trial that a document gives, but for those in `own`."""
    found: dict[str, Statement] = {}
    for one in (*_in_text(title, text), *_in_links(links), *_given(identifiers)):
        if one.identifier not in own:
            found.setdefault(one.identifier, one)
    return list(found.values())


def own_identifiers(document: str, identifiers: Json) -> frozenset[str]:
    """What names the document itself."""
    said = {f"{scheme}:{value}" for scheme, values in identifiers.items() for value in values}
    return frozenset(said | {document})


def relation_of(scheme: str) -> str | None:
    """paper, trial, or None for what is neither (ORCID, ROR)."""
    return "paper" if scheme in PAPERS else "trial" if scheme in TRIALS else None


def shown(identifier: str) -> str:
    """`pmid:123` as readers know it: `PubMed 123`."""
    scheme, _, value = identifier.partition(":")
    return _SHOWN[scheme].format(value) if scheme in _SHOWN else identifier


def _in_text(title: str, text: str) -> Iterator[Statement]:
    for hit in find_ids(title):
        if relation := relation_of(hit.scheme):
            name = f"{hit.scheme}:{hit.value}"
            yield Statement(name, relation, "identifier", f"names {shown(name)} in the title")
    ends = [match.end() for match in _PARAGRAPH.finditer(text)]
    for hit in find_ids(text):
        if relation := relation_of(hit.scheme):
            name = f"{hit.scheme}:{hit.value}"
            paragraph = bisect.bisect_right(ends, hit.start) + 1
            yield Statement(name, relation, "identifier", f"names {shown(name)} in paragraph {paragraph}")


def _in_links(links: Iterable[str]) -> Iterator[Statement]:
    for url in links:
        for scheme, value in (ids_of_url(url) | ids_of_publisher(url)).items():
            if relation := relation_of(scheme):
                name = f"{scheme}:{value}"
                yield Statement(name, relation, "address", f"links to {url}, which is {shown(name)}")


def ids_of_publisher(url: str) -> dict[str, str]:
    """What an address says by a rule of `addresses.tsv`; nothing for an address that is none.

    >>> ids_of_publisher("https://www.thelancet.com/journals/lancet/article/PIIS0140-6736(20)31103-X/fulltext")
    {'doi': '10.1016/s0140-6736(20)31103-x'}
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError:
        return {}
    where = unquote(f"{parts.path}?{parts.query}" if parts.query else parts.path)
    for home, pattern, template in _addresses():
        if (host == home or host.removeprefix("www.") == home) and (match := pattern.match(where)):
            scheme, _, raw = template.format(match[1]).partition(":")
            value = normalise(scheme, raw)
            return {scheme: value} if value else {}
    return {}


@cache
def _addresses() -> tuple[tuple[str, re.Pattern[str], str], ...]:
    rows = (line.split("\t") for line in _TSV.read_text("utf-8").splitlines() if line and not line.startswith("#"))
    return tuple((host, re.compile(pattern, re.I), template) for host, pattern, template in rows)


def _given(identifiers: Json) -> Iterator[Statement]:
    for scheme, values in identifiers.items():
        relation = relation_of(scheme)
        for raw in values if relation else ():
            value = normalise(scheme, raw)
            if value is not None and relation is not None:
                name = f"{scheme}:{value}"
                yield Statement(name, relation, "statement", f"its source gives {shown(name)} with it")
