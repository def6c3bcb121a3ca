"""bioRxiv's and medRxiv's own interface: preprints of a span of days, and those that a journal has since published.

The query of a source is a path: `details/biorxiv` or `pubs/medrxiv`, and subjects after it (`details/biorxiv/cell
biology; neuroscience`). The server picks by subject only for `details`, and one at a time; for `pubs` the subjects
are in the address all the same, and rows of other subjects are left out here. Paged by the rows read (30 or 100).

`details` lists every version of a preprint as a row of its own: the newest is kept. `published` names the journal's
article; `pubs` rows are about the preprint too. A title that begins with WITHDRAWN or REMOVED is a notice of withdrawal
of the preprint itself. "no posts found" is the server's way to say that there is nothing; any other status
than ok is an error, and so is a page without rows where the count promises some.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from core.ids import normalise
from core.text import one_line
from crawlers.lists.apis import ApiError, describe_start, load_json
from crawlers.lists.apis.answers import drop_empty, drop_repeats, read_each
from crawlers.lists.apis.deposited_text import to_line, to_text
from crawlers.lists.apis.json_object import JsonObject
from crawlers.lists.feeds.dates import parse_date
from crawlers.lists.model import ListEntry, ListResult

BASE = "https://api.biorxiv.org"
OVERLAP = timedelta(days=3)  # days are listed whole; what is late is late by one or two
ISSN = {"biorxiv": "2692-8205"}
NAMES = {"biorxiv": "bioRxiv", "medrxiv": "medRxiv"}
NOTHING = ("no posts found", "no articles found", "no papers found")
_FOREVER = "2099-12-31"
_GONE = re.compile(r"^\W*(?:WITHDRAWN|REMOVED|RETRACTED)\b(?:\s+(?:ARTICLE|PREPRINT))?\W*|\[?withdrawn\]?\s*$", re.I)
_SPAN = re.compile(r"/\d{4}-\d\d-\d\d/\d{4}-\d\d-\d\d/\d+")


def requests(query: str, since: date, most: int) -> list[str]:
    """The first page of the days since then, of each subject. Raises ApiError for a query that is no such path."""
    kind, server, named = (*one_line(query).split("/", 2), "", "", "")[:3]
    if kind not in ("details", "pubs") or server not in NAMES:
        raise ApiError(f"no query of bioRxiv: {query!r}", hint="details/biorxiv, pubs/medrxiv, details/biorxiv/SUBJECT")
    subjects = drop_repeats(name.strip().lower() for name in named.replace("_", " ").split(";"))
    place = f"{BASE}/{kind}/{server}/{since:%Y-%m-%d}/{_FOREVER}/0"
    asked = [";".join(subjects)] if kind == "pubs" else subjects
    return [f"{place}?{urlencode({'category': each}, quote_via=quote)}" for each in asked if each] or [place]


def stable(url: str) -> str:
    """Without the days and the place in the list."""
    return _SPAN.sub("", url)


def parse(body: bytes, *, url: str, fetched: str) -> ListResult:
    """Raises ApiError."""
    said = JsonObject(load_json(body, url))
    rows, messages = said.value("collection"), said.parts("messages")
    if not messages or not isinstance(rows, list):
        raise ApiError(f"JSON without messages or collection: {describe_start(body)}", where=url)
    status = messages[0].line("status")
    if status.lower() in NOTHING and not rows:
        return ListResult(entries=())
    if status != "ok":
        raise ApiError(f"the server says: {status or describe_start(body)}", where=url)
    total, at = messages[0].number("total"), messages[0].number("cursor") or 0
    if not rows and (messages[0].number("count") or (total or 0) > at):
        raise ApiError(f"no rows, although {total or messages[0].number('count')} are promised", where=url)
    asked = dict(parse_qsl(urlsplit(url).query)).get("category", "").split(";")
    wanted = [row for row in rows if asked == [""] or _subject(row) in ("", *asked)]
    entries, problems = read_each(_newest(wanted), lambda row: _entry(row, url, fetched), url)
    follow: tuple[str, ...] = ()
    if rows and total is not None and at + len(rows) < total and (span := _SPAN.search(url)):
        place = span[0].rpartition("/")[0]
        follow = (url.replace(span[0], f"{place}/{at + len(rows)}"),)
    return ListResult(entries=entries, follow=follow, problems=problems)


def _subject(row: object) -> str:
    said = JsonObject(row)
    return (said.line("category") or said.line("preprint_category")).lower().replace("_", " ")


def _newest(rows: list[Any]) -> list[Any]:
    """Of each preprint the row of its newest version; a row without DOI stays, and becomes a problem."""
    best: dict[str, Any] = {}
    for number, row in enumerate(rows):
        said = JsonObject(row)
        doi = (said.text("doi") or said.text("preprint_doi") or f"row {number}").strip().lower()
        if doi not in best or (said.number("version") or 0) >= (JsonObject(best[doi]).number("version") or 0):
            best[doi] = row
    return list(best.values())


def _entry(row: object, url: str, fetched: str) -> ListEntry:
    said = JsonObject(row)
    own = "" if said.has("doi") else "preprint_"
    doi = normalise("doi", said.text(f"{own}doi"))
    if doi is None:
        raise ApiError(f"a preprint without DOI: {said.line(f'{own}doi')[:80]!r}")
    server = (said.line("server") or said.line("preprint_platform")).lower() or _server(url)
    published = said.text("published") if not own else said.text("published_doi")
    raw = said.line("date") if not own else said.line("preprint_date")
    title, version = to_line(said.text(f"{own}title")), said.number("version")
    authors = _authors(said.text(f"{own}authors"))
    place = said.line(f"{own}author_corresponding_institution") or said.line("author_corresponding_institution")
    speaks = said.line(f"{own}author_corresponding") or said.line("author_corresponding")
    gone = bool(_GONE.search(title)) or "withdrawn" in said.line("type").lower()
    extra: dict[str, Any] = {
        "journal": NAMES.get(server, server),
        "issn": [ISSN[server]] if server in ISSN else [],
        "types": drop_repeats(["preprint", said.line("type").lower()]),
        "keywords": drop_repeats([_subject(row)]),
        "affiliations": drop_repeats([place]),
        "people": [{"name": speaks, "affiliations": drop_repeats([place])}] if speaks else [],
        "grants": [{"agency": name} for name in _funders(said)],
        "licence": said.line("license"),
        "version": version,
        "published_as": normalise("doi", published) if published.strip().upper() not in ("", "NA") else None,
        "published_in": said.line("published_journal"),
        "dates": drop_empty({"posted": raw, "published": said.line("published_date")}),
        "notices": [{"nature": "withdrawal", "about": f"doi:{doi}", "notice": f"doi:{doi}", "day": raw or None,
                     "reasons": [], "url": f"https://doi.org/{doi}"}] if gone else [],
        "withdrawn": True if gone else None,
    }  # fmt: skip
    return ListEntry(
        native=doi,
        url=f"https://www.{server}.org/content/{doi}v{version or 1}" if server in NAMES else f"https://doi.org/{doi}",
        title=title,
        summary=to_text(said.text(f"{own}abstract")),
        published=parse_date(raw, fetched),
        published_raw=raw or None,
        authors=authors,
        identifiers={"doi": [doi]},
        lang="en",
        extra=drop_empty(extra),
    )


def _server(url: str) -> str:
    parts = unquote(urlsplit(url).path).split("/")
    return next((part for part in parts if part in NAMES), "")


def _authors(said: str) -> tuple[str, ...]:
    """`Kim, A. B.; Lee, C.; The Group` as names in the order in which they are spoken."""
    people = []
    for name in said.split(";"):
        family, comma, given = one_line(name).partition(", ")
        people.append(f"{given} {family}" if comma else family)
    return tuple(drop_repeats(people))


def _funders(said: JsonObject) -> list[str]:
    held = said.value("funder")
    if isinstance(held, list):
        return drop_repeats(JsonObject(each).line("name") for each in held)
    return drop_repeats([one_line(held)]) if isinstance(held, str) and held.upper() != "NA" else []
