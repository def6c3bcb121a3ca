"""Links that need no guess: an identifier in the text, a hyperlink, or what the source says.

In order; each identifier counts once, with its first reason:

1. identifiers in the title and the text ("names doi:… in paragraph 3");
2. hyperlinks of the body ("links to …"). `core.ids` reads those that hold an identifier; `addresses.tsv` has the rules
   of publishers whose addresses hold only a part of the DOI;
3. identifiers that the source gave with the entry.

A DOI, PMID or PMCID is a paper; NCT, ISRCTN, EudraCT and CTIS numbers are trials. A record never links to itself.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from core.ids import find_ids, ids_of_url, normalise
from relations.wording import describe_identifier

Identifiers = Mapping[str, Sequence[str]]  # scheme -> values

PAPERS = ("doi", "pmid", "pmcid")
TRIALS = ("nct", "isrctn", "eudract", "ctis")
_ADDRESSES = Path(__file__).with_name("addresses.tsv")
_PARAGRAPH = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True)
class Statement:
    """An identifier that a document gives, and how it gives it."""

    identifier: str  # scheme:value
    relation: str  # paper | trial
    how: str  # identifier | address | statement
    why: str


def find_statements(
    *, title: str, text: str, links: Iterable[str], identifiers: Identifiers, own: frozenset[str]
) -> list[Statement]:
    """Every identifier of a paper or trial that a document gives, except those in `own`."""
    found: dict[str, Statement] = {}
    for one in (*_find_in_text(title, text), *_find_in_links(links), *_read_given(identifiers)):
        if one.identifier not in own:
            found.setdefault(one.identifier, one)
    return list(found.values())


def list_own_identifiers(document: str, identifiers: Identifiers) -> frozenset[str]:
    """The identifiers of the document itself."""
    own = {f"{scheme}:{value}" for scheme, values in identifiers.items() for value in values}
    return frozenset(own | {document})


def find_relation(scheme: str) -> str | None:
    """paper, trial, or None for another scheme (ORCID, ROR)."""
    return "paper" if scheme in PAPERS else "trial" if scheme in TRIALS else None


def _find_in_text(title: str, text: str) -> Iterator[Statement]:
    for hit in find_ids(title):
        if relation := find_relation(hit.scheme):
            name = f"{hit.scheme}:{hit.value}"
            yield Statement(name, relation, "identifier", f"names {describe_identifier(name)} in the title")
    ends = [match.end() for match in _PARAGRAPH.finditer(text)]
    for hit in find_ids(text):
        if relation := find_relation(hit.scheme):
            name = f"{hit.scheme}:{hit.value}"
            paragraph = bisect.bisect_right(ends, hit.start) + 1
            yield Statement(name, relation, "identifier", f"names {describe_identifier(name)} in paragraph {paragraph}")


def _find_in_links(links: Iterable[str]) -> Iterator[Statement]:
    for url in links:
        for scheme, value in (ids_of_url(url) | find_publisher_ids(url)).items():
            if relation := find_relation(scheme):
                name = f"{scheme}:{value}"
                yield Statement(name, relation, "address", f"links to {url}, which is {describe_identifier(name)}")


def find_publisher_ids(url: str) -> dict[str, str]:
    """The identifier in an address of a publisher, by the rules of `addresses.tsv`; empty when no rule fits.

    >>> find_publisher_ids("https://www.thelancet.com/journals/lancet/article/PIIS0140-6736(20)31103-X/fulltext")
    {'doi': '10.1016/s0140-6736(20)31103-x'}
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError:
        return {}
    where = unquote(f"{parts.path}?{parts.query}" if parts.query else parts.path)
    for home, pattern, template in _load_addresses():
        if (host == home or host.removeprefix("www.") == home) and (match := pattern.match(where)):
            scheme, _, raw = template.format(match[1]).partition(":")
            value = normalise(scheme, raw)
            return {scheme: value} if value else {}
    return {}


@cache
def _load_addresses() -> tuple[tuple[str, re.Pattern[str], str], ...]:
    rows = (
        line.split("\t") for line in _ADDRESSES.read_text("utf-8").splitlines() if line and not line.startswith("#")
    )
    return tuple((host, re.compile(pattern, re.I), template) for host, pattern, template in rows)


def _read_given(identifiers: Identifiers) -> Iterator[Statement]:
    for scheme, values in identifiers.items():
        relation = find_relation(scheme)
        for raw in values if relation else ():
            value = normalise(scheme, raw)
            if value is not None and relation is not None:
                name = f"{scheme}:{value}"
                yield Statement(name, relation, "statement", f"its source gives {describe_identifier(name)} with it")
