"""Crossref's REST interface: works that match a query and were updated since a day, page by page, as JSON.

The query of a source is in the interface's own words, as in an address: `query.title=stem cells`,
`filter=issn:1934-5909,type:journal-article`, joined by `&`. The window is added to the filter.

A work becomes an entry named by its DOI. The date is, in order, the first that is a whole day: posted (preprints),
published online, published, published in print, issued; then the day on which the DOI was made. Titles and abstracts
are JATS and are flattened (`crawlers.lists.apis.deposited_text`).

Notices go in both directions: what this work updates (`update-to`: it is the notice) and what updates it
(`updated-by`). Both become notices about the work that they change. New versions and editions are no notices; a kind
that we do not know is named among the problems. A preprint names its paper (`is-preprint-of`), a paper its preprint.

Errors come as plain text (`Resource not found.`), as `status: failed` with a list of reasons (a filter that there is
not, a cursor that has expired) or as `status: error`; another message than works (a journal, an agency) is one too.

Pages are asked for by offset, which Crossref allows up to 10,000 works: a night's window is smaller. A query may ask
for a cursor instead (`cursor=*`), for more. That is a place in a search which Crossref keeps for five minutes, and it
is often the same from page to page: the number of the page is then added as a fragment, which is not sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlencode

from core.ids import normalise
from core.text import one_line
from crawlers.lists.apis import ApiError, describe_start, get_parameter, load_json, with_parameters, without_parameters
from crawlers.lists.apis.answers import drop_empty, drop_repeats, read_each
from crawlers.lists.apis.deposited_text import to_line, to_text
from crawlers.lists.apis.json_object import JsonObject
from crawlers.lists.feeds.dates import parse_date
from crawlers.lists.model import ListEntry, ListResult

BASE = "https://api.crossref.org/works"
AT_ONCE = 100
DEFAULT_ROWS = 20
DEEPEST = 10_000  # works that can be had by offset
NEWEST_FIRST = True
PRIVATE = {"mailto": "mailto"}
_WINDOW = re.compile(r"from-[a-z]+(?:-[a-z]+)?-date:\d{4}-\d\d-\d\d,?")
_DATES = ("posted", "published-online", "published", "published-print", "issued", "created")
NATURES = {
    "retraction": "retraction", "withdrawal": "withdrawal", "removal": "withdrawal", "retracted": "retraction",
    "expression_of_concern": "concern", "concern": "concern",
    "correction": "correction", "corrigendum": "correction", "erratum": "correction", "addendum": "correction",
    "clarification": "correction", "err": "correction", "corr": "correction", "partial_retraction": "correction",
    "partial retraction": "correction", "reinstatement": "reinstatement",
}  # fmt: skip
NO_NOTICE = frozenset({"new_version", "new_edition", "interim_ranking", "version_of_record", "major_revision", "other"})


def requests(query: str, since: date, most: int) -> list[str]:
    """The first page of what was updated since that day, newest update first."""
    asked = dict(parse_qsl(query, keep_blank_values=True))
    own = asked.pop("filter", "")
    asked["filter"] = ",".join(part for part in (own, f"from-update-date:{since:%Y-%m-%d}") if part)
    asked |= {"sort": "updated", "order": "desc", "rows": str(min(most, AT_ONCE))}
    if "cursor" not in asked:
        asked["offset"] = "0"
    return [f"{BASE}?{urlencode(asked)}"]


def stable(url: str) -> str:
    """Without window and cursor; the number of the page stays: it distinguishes the pages."""
    url = without_parameters(url, frozenset({"cursor"}))
    if own := get_parameter(url, "filter"):
        return with_parameters(url, filter=_WINDOW.sub("", own).strip(","))
    return url


def find_pace(headers: Mapping[str, str]) -> float | None:
    """Seconds between requests that the answer's headers allow (`x-rate-limit-limit` in `x-rate-limit-interval`).

    None where they say nothing. Names are in any case, with or without the second hyphen.
    """
    said = {name.lower().replace("ratelimit", "rate-limit"): value for name, value in headers.items()}
    limit = said.get("x-rate-limit-limit", "").strip()
    span = re.fullmatch(r"(\d+)\s*(s|sec|m|min|h)?", said.get("x-rate-limit-interval", "1s").strip())
    if not limit.isdigit() or not int(limit) or span is None:
        return None
    return int(span[1]) * {"m": 60, "min": 60, "h": 3600}.get(span[2] or "s", 1) / int(limit)


def parse(body: bytes, *, url: str, fetched: str) -> ListResult:
    """Raises ApiError."""
    said = JsonObject(load_json(body, url))
    kind, message = said.text("message-type"), said.part("message")
    if not said.has("status"):
        raise ApiError(f"JSON, but no answer of Crossref's: {describe_start(body)}", where=url)
    if said.text("status") != "ok":
        raise ApiError(f"Crossref says: {_find_reasons(said) or describe_start(body)}", where=url)
    if kind == "work" or (not kind and message.has("DOI")):
        works: list[Any] = [message.data]
    elif isinstance(message.value("items"), list) and kind == "work-list":
        works = message.items("items")
    else:
        raise ApiError(f"Crossref gives {kind or 'something'}, no works", where=url)
    unknown: list[str] = []
    entries, problems = read_each(works, lambda work: _entry(work, fetched, unknown), url)
    total = message.number("total-results") or 0
    asked = get_parameter(url, "rows")
    rows = int(asked) if asked.isdigit() else DEFAULT_ROWS
    first = get_parameter(url, "cursor") in ("", "*") and not get_parameter(url, "offset").strip("0")
    if kind == "work-list" and not works and total and rows and first:
        raise ApiError(f"no works on the first page, although {total} match", where=url)
    follow: tuple[str, ...] = ()
    after = message.line("next-cursor")
    if after and get_parameter(url, "cursor") and len(works) >= rows > 0:
        place, _, page = url.partition("#page=")
        number = int(page) if page.isdigit() else 1
        if number * rows < total:
            follow = (f"{with_parameters(place, cursor=after)}#page={number + 1}",)
    elif not get_parameter(url, "cursor") and kind == "work-list" and len(works) >= rows > 0:
        at = get_parameter(url, "offset")
        further = (int(at) if at.isdigit() else 0) + rows
        if further < total and further + rows <= DEEPEST:
            follow = (with_parameters(url, offset=str(further)),)
        elif further < total:
            unknown.append(f"{total} works match, and only {DEEPEST} can be had by offset (ask with cursor=*)")
    return ListResult(entries=entries, follow=follow, problems=(*problems, *drop_repeats(unknown)))


def _find_reasons(said: JsonObject) -> str:
    message = said.value("message")
    if isinstance(message, dict):
        return one_line(str(message.get("message") or message.get("description") or ""))[:200]
    if isinstance(message, list):
        parts = [JsonObject(each) for each in message]
        return "; ".join(
            drop_repeats(f"{part.line('type')} {part.line('value')}: {part.line('message')}"[:200] for part in parts)
        )
    return one_line(str(message or ""))[:200]


def _entry(work: object, fetched: str, unknown: list[str]) -> ListEntry:
    said = JsonObject(work)
    doi = normalise("doi", said.text("DOI"))
    if doi is None:
        raise ApiError(f"a work without DOI: {said.line('DOI')[:80]!r}")
    raw, day = _find_date(said, fetched)
    title = to_line(said.text("title")) or to_line(said.text("original-title"))
    if subtitle := to_line(said.text("subtitle")):
        title = f"{title}: {subtitle}" if subtitle.lower() not in title.lower() else title
    people = [person for each in said.parts("author") if (person := _person(each))]
    trials = _trials(said)
    extra: dict[str, Any] = {
        "journal": to_line(said.text("container-title")),
        "abbreviation": to_line(said.text("short-container-title")),
        "issn": drop_repeats(one_line(str(each)).upper() for each in said.items("ISSN")),
        "publisher": said.line("publisher"),
        "volume": said.line("volume"),
        "issue": said.line("issue"),
        "pages": said.line("page") or said.line("article-number"),
        "types": drop_repeats([said.line("type"), said.line("subtype")]),
        "keywords": said.lines("subject"),
        "grants": list(_grants(said)),
        "people": people,
        "affiliations": drop_repeats(place for person in people for place in person["affiliations"]),
        "licence": _find_licence(said),
        "preprint_of": _related(said, "has-preprint"),
        "published_as": _related(said, "is-preprint-of"),
        "notices": _find_notices(said, doi, unknown),
        "dates": drop_empty({name: _join_parts(said.part(name)) for name in _DATES}),
    }
    return ListEntry(
        native=doi,
        url=f"https://doi.org/{doi}",
        title=title,
        summary=to_text(said.text("abstract")),
        published=day,
        published_raw=raw,
        updated=parse_date(said.part("deposited").text("date-time")[:10], fetched),
        authors=tuple(drop_repeats(person["name"] for person in people)),
        identifiers={"doi": [doi], **trials},
        lang=said.text("language")[:2].lower() or None,
        extra=drop_empty(extra),
    )


def _find_date(said: JsonObject, fetched: str) -> tuple[str | None, str | None]:
    """(the first text there, the first complete day)."""
    written = [raw for name in _DATES if (raw := _join_parts(said.part(name)))]
    day = next((day for raw in written if len(raw) == 10 and (day := parse_date(raw, fetched))), None)
    return (written[0] if written else None), day


def _join_parts(held: JsonObject) -> str:
    """`{"date-parts": [[2021, 5]]}` as `2021-05`."""
    parts = held.items("date-parts")
    parts = parts[0] if parts and isinstance(parts[0], list) else []
    numbers = [part for part in parts[:3] if isinstance(part, int)]
    return "-".join(f"{number:02}" for number in numbers) if numbers and len(numbers) == len(parts[:3]) else ""


def _person(each: JsonObject) -> dict[str, Any] | None:
    name = one_line(f"{each.text('given')} {each.text('family')} {each.text('suffix')}") or each.line("name")
    if not name:
        return None
    places = drop_repeats(to_line(place.text("name")) for place in each.parts("affiliation"))
    return drop_empty({"name": to_line(name), "orcid": normalise("orcid", each.text("ORCID"))}) | {
        "affiliations": places
    }


def _grants(said: JsonObject) -> Iterator[dict[str, str]]:
    for funder in said.parts("funder"):
        agency = {"agency": funder.line("name"), "funder": normalise("doi", funder.text("DOI"))}
        awards: list[str | None] = [*funder.lines("award")] or [None]
        yield from (drop_empty({"id": award, **agency}) for award in awards)


def _find_licence(said: JsonObject) -> str:
    """The address of the licence of the published version, else of any."""
    held = said.parts("license")
    best = [each for each in held if each.text("content-version") == "vor"] or held
    return best[0].line("URL") if best else ""


def _related(said: JsonObject, how: str) -> str | None:
    for other in said.part("relation").parts(how):
        if other.text("id-type") == "doi" and (doi := normalise("doi", other.text("id"))):
            return doi
    return None


def _trials(said: JsonObject) -> dict[str, list[str]]:
    raw = [each.text("clinical-trial-number") for each in said.parts("clinical-trial-number")]
    found = {scheme: drop_repeats(normalise(scheme, number) for number in raw) for scheme in ("nct", "isrctn")}
    return {scheme: values for scheme, values in found.items() if values}


def _find_notices(said: JsonObject, doi: str, unknown: list[str]) -> list[dict[str, Any]]:
    """What this work updates, and what updates it; each once."""
    found: list[dict[str, Any]] = []
    for key in ("update-to", "updated-by"):
        for each in said.parts(key):
            other = normalise("doi", each.text("DOI"))
            kind = re.sub(r"[\s-]+", "_", each.line("type").lower())
            if other is None or kind in NO_NOTICE:
                continue
            nature = NATURES.get(kind)
            if nature is None:
                unknown.append(f"{doi}: an update of a kind we do not know: {kind!r}")
                continue
            about, notice = (other, doi) if key == "update-to" else (doi, other)
            day = each.part("updated").text("date-time")[:10] or _join_parts(each.part("updated"))
            held = {
                "nature": nature, "about": f"doi:{about}", "notice": f"doi:{notice}",
                "day": day if len(day) == 10 else None,
                "reasons": ["partial retraction"] if "partial" in kind else [], "url": f"https://doi.org/{notice}",
                "by": each.line("source"),
            }  # fmt: skip
            if not any(
                (one["nature"], one["about"], one["notice"]) == (nature, held["about"], held["notice"]) for one in found
            ):
                found.append(held)
    return found
