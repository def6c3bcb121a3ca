"""Merge what several entries say about one work into one document.

Records are ranked, for every field: PubMed's first (it is curated, and has MeSH, types and corrections), then the one
that fills most fields, then the oldest. A field comes from the first record that has it:

- title: PubMed's, else that of the entry that makes the document (a page's own title is better than a feed's);
- text, address and licence: those of the entry that makes the document, which belong together; the longest abstract is
  used only where that entry has no text at all;
- authors and date: from the first record that has them (PubMed's date is the electronic one where there is one);
- identifiers: those of all records;
- extra: each name from the first record in which it is not empty; `notices`, `grants` and `keywords` from all.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace

from core.records import Document, Json
from core.text import fingerprint, one_line, paragraphs
from crawlers.documents.entry_row import Announcer
from crawlers.lists.feeds.dates import parse_written_day

COLLECTED = ("notices", "grants", "keywords")
PUBMED = "https://pubmed.ncbi.nlm.nih.gov/"


def merge_records(document: Document, announcers: Sequence[Announcer], leader: str) -> Document:
    """`document` as its leader made it, with what the other announcers say about the work.

    The leader is among the announcers.
    """
    ranked = sorted(announcers, key=_rank)
    curated = [one for one in ranked if _is_pubmed(one)]
    title = next((one_line(one["title"]) for one in curated if one["title"]), document.title)
    text = document.text or max(("\n\n".join(paragraphs(one["summary"])) for one in ranked), key=len, default="")
    day = next((day for one in curated if (day := _find_day(one))), document.published)
    authors = next((tuple(one["authors"]) for one in ranked if one["authors"]), ())
    identifiers = document.identifiers
    extra: Json = {}
    for one in ranked:
        identifiers = merge_identifiers(identifiers, one["identifiers"])
    # the document's own extra comes last: it holds what its page adds, and its record is ranked already
    for said in (*(one["extra"] for one in ranked), document.extra):
        for name, value in said.items():
            if value in (None, "", [], {}):
                continue
            if name in COLLECTED and isinstance(value, list):
                extra[name] = _drop_repeats([*extra.get(name, []), *value])
            else:
                extra.setdefault(name, value)
    known = [date["where"] for date in document.dates]
    where = document.published_from if day == document.published else f"{curated[0]['entry'].partition(':')[0]} entry"
    added = () if day == document.published or where in known else ({"date": day, "where": where, "raw": None},)
    return replace(
        document, title=title, text=text, authors=authors if len(authors) > len(document.authors) else document.authors,
        published=day, published_from=where, dates=(*document.dates, *added), identifiers=identifiers, extra=extra,
        hash=fingerprint(title, text, day, document.state),
    )  # fmt: skip


def merge_identifiers(one: Json, other: Json) -> Json:
    """Identifiers of both, each once, in order."""
    return {scheme: list(dict.fromkeys([*one.get(scheme, ()), *other.get(scheme, ())])) for scheme in {**one, **other}}


def _rank(one: Announcer) -> tuple[bool, int, str, str]:
    filled = sum(value not in (None, "", [], {}) for value in one["extra"].values())
    return not _is_pubmed(one), -filled, one["first_seen"], one["entry"]


def _is_pubmed(one: Announcer) -> bool:
    return bool(one["identifiers"].get("pmid")) and (one["url"] or "").startswith(PUBMED)


def _find_day(one: Announcer) -> str | None:
    return parse_written_day(one["published_raw"], one["first_seen"]) or (one["published"] or "")[:10] or None


def _drop_repeats(values: Iterable[object]) -> list[object]:
    return list({json.dumps(value, sort_keys=True): value for value in values}.values())
