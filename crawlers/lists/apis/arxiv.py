"""arXiv's search: preprints that match and were submitted since a day, as Atom, page by page.

The query of a source is in arXiv's words (`abs:"stem cell" OR ti:organoid`); the window is added to it. An entry is
named by its number without version and has the DOI that arXiv makes of it; the DOI of the published article, where the
author has entered one, is `published_as` and not this preprint's own. A comment or abstract that says the paper is
withdrawn is a notice about itself.

arXiv answers an error with status 200 or 400 and one entry whose id is under /api/errors; and sometimes, under load,
with a page that has no entries although more are to come. Both are errors. The count of results must be there.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from urllib.parse import urlencode

from lxml import etree

from core.ids import normalise
from core.text import one_line
from crawlers.lists.apis import ApiError, get_parameter, load_xml, with_parameters
from crawlers.lists.apis.answers import drop_empty, drop_repeats, read_each
from crawlers.lists.apis.xml_children import child_text, find_children, local_name
from crawlers.lists.feeds.dates import parse_date
from crawlers.lists.model import ListEntry, ListResult

BASE = "https://export.arxiv.org/api/query"
AT_ONCE = 100
PAUSE = 3.0  # as arXiv's terms of use ask
_WINDOW = re.compile(r"\s*AND submittedDate:\[\d{12} TO \d{12}\]")
_NUMBER = re.compile(
    r"(?:arxiv\.org/(?:abs|pdf)/|oai:arXiv\.org:|^)((?:[a-z-]+(?:\.[A-Za-z]{2})?/\d{7}|\d{4}\.\d{4,5}))(v\d+)?$"
)
_GONE = re.compile(
    r"\bthis (?:paper|article|manuscript|submission|work) (?:has been|was|is) withdrawn\b|^\W*withdrawn\b", re.I
)


def requests(query: str, since: date, most: int) -> list[str]:
    """The first page of what was submitted since that day, newest first; there is no search by day of revision."""
    window = f"submittedDate:[{since:%Y%m%d}0000 TO 209912312359]"
    asked = {
        "search_query": f"({query}) AND {window}", "start": "0", "max_results": str(min(most, AT_ONCE)),
        "sortBy": "submittedDate", "sortOrder": "descending",
    }  # fmt: skip
    return [f"{BASE}?{urlencode(asked)}"]


def stable(url: str) -> str:
    return with_parameters(url, search_query=_WINDOW.sub("", get_parameter(url, "search_query")))


def parse(body: bytes, *, url: str, fetched: str) -> ListResult:
    """Raises ApiError."""
    root = load_xml(body, url)
    if local_name(root) != "feed":
        raise ApiError(f"a <{local_name(root)}>, no answer of arXiv", where=url)
    nodes = find_children(root, "entry")
    for node in nodes:
        if "/api/errors" in child_text(node, "id"):
            raise ApiError(f"arXiv says: {child_text(node, 'summary') or child_text(node, 'title')}", where=url)
    total, at = child_text(root, "totalResults"), child_text(root, "startIndex")
    if not total.isdigit():
        raise ApiError("a feed without the number of its results: no answer to a search", where=url)
    start = int(at) if at.isdigit() else 0
    if not nodes and start < int(total):
        raise ApiError(f"a page without entries at {start}, although {total} match", where=url)
    entries, problems = read_each(nodes, lambda node: _entry(node, fetched), url)
    follow: tuple[str, ...] = ()
    if nodes and start + len(nodes) < int(total) and get_parameter(url, "search_query"):
        follow = (with_parameters(url, start=str(start + len(nodes))),)
    return ListResult(entries=entries, follow=follow, problems=problems)


def find_number(raw: str) -> tuple[str, str] | None:
    """(number, version) of an address, an OAI name or a bare number: `2104.12255`, `quant-ph/0201082`.

    >>> find_number("http://arxiv.org/abs/2104.12255v1"), find_number("oai:arXiv.org:hep-th/9901001")
    (('2104.12255', 'v1'), ('hep-th/9901001', ''))
    """
    found = _NUMBER.search(raw.strip())
    return (found[1], found[2] or "") if found else None


def make_doi(number: str) -> str:
    """The DOI that arXiv registers for each of its preprints."""
    return f"10.48550/arxiv.{number}".lower()


def find_withdrawal(number: str, *said: str, day: str | None) -> list[dict[str, Any]]:
    """A notice about the paper itself, if a comment or the abstract says that it is withdrawn."""
    if not any(_GONE.search(each[:300]) for each in said):
        return []
    about = f"doi:{make_doi(number)}"
    return [
        {"nature": "withdrawal", "about": about, "notice": about, "day": day, "reasons": [],
         "url": f"https://arxiv.org/abs/{number}"}
    ]  # fmt: skip


def _entry(node: etree._Element, fetched: str) -> ListEntry:
    named = find_number(child_text(node, "id"))
    if named is None:
        raise ApiError(f"an entry without arXiv number: {child_text(node, 'id')[:80]!r}")
    number, version = named
    comment, raw, revised = child_text(node, "comment"), child_text(node, "published"), child_text(node, "updated")
    summary = child_text(node, "summary")
    people: list[dict[str, Any]] = [
        {
            "name": child_text(each, "name"),
            "affiliations": [child_text(place) for place in find_children(each, "affiliation")],
        }
        for each in find_children(node, "author")
        if child_text(each, "name")
    ]
    gone = find_withdrawal(number, comment, summary, day=revised[:10] or None)
    extra: dict[str, Any] = {
        "journal": "arXiv",
        "types": ["preprint"],
        "keywords": drop_repeats(each.get("term") for each in find_children(node, "category")),
        "people": people,
        "affiliations": drop_repeats(place for person in people for place in person["affiliations"]),
        "arxiv": number,
        "version": version.removeprefix("v"),
        "comment": comment,
        "published_as": normalise("doi", child_text(node, "doi").split(" ")[0]),
        "published_in": child_text(node, "journal_ref"),
        "notices": gone,
        "withdrawn": True if gone else None,
        "dates": drop_empty({"posted": raw[:10], "revised": revised[:10]}),
    }
    return ListEntry(
        native=number,
        url=f"https://arxiv.org/abs/{number}",
        title=child_text(node, "title"),
        summary=one_line(summary),
        published=parse_date(raw, fetched),
        published_raw=raw or None,
        updated=parse_date(revised, fetched),
        authors=tuple(drop_repeats(person["name"] for person in people)),
        identifiers={"doi": [make_doi(number)]},
        lang="en",
        extra=drop_empty(extra),
    )
