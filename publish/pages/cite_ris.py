"""Citations as RIS, which Zotero, EndNote and Mendeley read: a line for each fact, `TY  - ` first, `ER  - ` last.

A document here becomes the type of RIS that these programs know: a paper JOUR, a preprint UNPB (unpublished work),
news NEWS, every other page ELEC (web page). The library rispy, which the tests read it back with, would number the
records and hold them all in memory; so the few lines that write them are here.
"""

from __future__ import annotations

from collections.abc import Iterator

from publish.pages.cite import Citation
from publish.pages.template_filters import kind

TYPES = {"paper": "JOUR", "preprint": "UNPB", "news": "NEWS"}


def to_ris(citation: Citation, site: str) -> str:
    """One record; `site` is the address of the site, for the page here."""
    lines = "".join(f"{tag}  - {' '.join(value.split())}\r\n" for tag, value in _find_lines(citation, site) if value)
    return f"{lines}ER  - \r\n\r\n"


def _find_lines(one: Citation, site: str) -> Iterator[tuple[str, str]]:
    yield "TY", TYPES.get(one.kind, "ELEC")
    yield "TI", one.title
    for author in one.authors:
        yield "AU", author.inverted
    yield "T2", one.journal or one.outlet
    yield "PY", one.year
    yield "DA", one.published.replace("-", "/")
    yield "DO", one.doi
    yield "SN", one.issn
    yield "AN", one.pmid
    yield "M3", "" if one.kind in ("paper", "news") else kind(one.kind)
    yield "LA", one.lang
    yield "UR", one.link
    yield "Y2", one.read.replace("-", "/")
    yield "DP", site.partition("://")[2]
    yield "AB", one.abstract
    yield "N1", one.notice
    yield "N1", f"Registry number: {one.registry}" if one.registry else ""
    yield "N1", f"Found at {site}{one.path}"  # not UR or L2: programs would fetch it in place of the text
    yield "ID", one.key
