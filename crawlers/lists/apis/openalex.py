"""OpenAlex: works that a filter finds and that appeared since a day, by cursor, as JSON.

The query of a source is in the interface's own words, as in an address:
`filter=title_and_abstract.search:"stem cells"`. The window (`from_publication_date`: the day a record was changed may
only be asked for by customers) is added to the filter.

The abstract comes as an inverted index (each word with its places) and is put back in order; a place without
a word becomes one space, and nothing is invented. The journal is the primary location's source, its linking ISSN
first among the numbers. `is_retracted` says that a work is retracted, not when or why: a notice without a day.

An author, an institution or a topic is not a work and is refused by its id; so is an answer without `results`, an error
inside an answer (`error`, `message`), and a first page without works where the count promises some.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlencode

from core.ids import normalise
from core.text import one_line
from crawlers.lists.apis import ApiError, describe_start, get_parameter, load_json, with_parameters, without_parameters
from crawlers.lists.apis.answers import drop_empty, drop_repeats, read_each
from crawlers.lists.apis.deposited_text import to_line
from crawlers.lists.apis.json_object import JsonObject
from crawlers.lists.feeds.dates import parse_date
from crawlers.lists.model import ListEntry, ListResult

BASE = "https://api.openalex.org/works"
AT_ONCE = 200
PRIVATE = {"mailto": "mailto", "key": "api_key"}
MAX_PLACES = 100_000  # no abstract is longer; a larger place is damage
_WORK = "https://openalex.org/W"
_WINDOW = "from_publication_date:"


def requests(query: str, since: date, most: int) -> list[str]:
    """The first page of what appeared since that day, newest first."""
    asked = dict(parse_qsl(query, keep_blank_values=True))
    asked["filter"] = ",".join(part for part in (asked.get("filter", ""), f"{_WINDOW}{since:%Y-%m-%d}") if part)
    asked |= {"sort": "publication_date:desc", "per-page": str(min(most, AT_ONCE)), "cursor": "*"}
    return [f"{BASE}?{urlencode(asked)}"]


def stable(url: str) -> str:
    url = without_parameters(url, frozenset({"cursor"}))
    own = [part for part in get_parameter(url, "filter").split(",") if part and not part.startswith(_WINDOW)]
    return with_parameters(url, filter=",".join(own)) if get_parameter(url, "filter") else url


def parse(body: bytes, *, url: str, fetched: str) -> ListResult:
    """Raises ApiError."""
    said = JsonObject(load_json(body, url))
    if said.has("error"):
        raise ApiError(f"OpenAlex says: {said.line('error')} {said.line('message')}".strip()[:300], where=url)
    if said.text("id").startswith(_WORK) and not said.has("results"):
        return ListResult(entries=(_read_entry(said.data, fetched),))
    works, meta = said.value("results"), said.part("meta")
    if not isinstance(works, list):
        what = said.line("id").rpartition("/")[2]
        raise ApiError(f"no works, but {what or describe_start(body)}", where=url)
    count = meta.number("count")
    if count is None:
        raise ApiError("works without meta.count: half an answer?", where=url)
    if count and not works and get_parameter(url, "cursor") in ("", "*") and get_parameter(url, "page") in ("", "1"):
        raise ApiError(f"no works on the first page, although {count} match", where=url)
    entries, problems = read_each(works, lambda work: _read_entry(work, fetched), url)
    after = meta.line("next_cursor")
    follow = (with_parameters(url, cursor=after),) if after and works and get_parameter(url, "cursor") else ()
    return ListResult(entries=entries, follow=follow, problems=problems)


def parse_abstract(index: object) -> str:
    """An inverted index (`{"stem": [0, 3], "cells": [1]}`) as the text that it was made of.

    Raises ApiError for a place that cannot be.
    """
    if not isinstance(index, dict):
        return ""
    placed: list[tuple[int, str]] = []
    for name, places in index.items():
        for place in places if isinstance(places, list) else [places]:
            if not isinstance(place, int) or isinstance(place, bool) or not 0 <= place < MAX_PLACES:
                raise ApiError(f"an abstract with a word at place {place!r}"[:120])
            placed.append((place, name))
    return one_line(" ".join(name for _, name in sorted(placed, key=lambda pair: pair[0])))


def _read_entry(work: object, fetched: str) -> ListEntry:
    said = JsonObject(work)
    native = said.text("id")
    if not native.startswith(_WORK):
        raise ApiError(f"a work without id of a work: {native[:80]!r}")
    ids = said.part("ids")
    identifiers = {
        scheme: values
        for scheme, raw in (
            ("doi", [said.text("doi"), ids.text("doi")]),
            ("pmid", [ids.text("pmid")]),
            ("pmcid", [ids.text("pmcid"), ids.text("pmid")]),
        )
        if (values := drop_repeats(_normalise_pmcid(v) if scheme == "pmcid" else normalise(scheme, v) for v in raw))
    }  # fmt: skip
    home = said.part("primary_location")
    journal = home.part("source") or said.part("host_venue")
    people = [person for each in said.parts("authorships") if (person := _read_person(each))]
    doi = identifiers.get("doi", [""])[0]
    about = next((f"{scheme}:{identifiers[scheme][0]}" for scheme in ("doi", "pmid") if scheme in identifiers), "")
    raw = said.line("publication_date") or said.line("publication_year")
    extra: dict[str, Any] = {
        "journal": to_line(journal.text("display_name")),
        "issn": drop_repeats([journal.line("issn_l"), *journal.lines("issn")]),
        "issnl": journal.line("issn_l"),
        "publisher": journal.line("host_organization_name") or journal.line("publisher"),
        "volume": said.part("biblio").line("volume"),
        "issue": said.part("biblio").line("issue"),
        "pages": "-".join(drop_repeats(said.part("biblio").line(name) for name in ("first_page", "last_page"))),
        "types": drop_repeats([said.line("type"), said.line("type_crossref")]),
        "mesh": _read_mesh(said),
        "keywords": drop_repeats(each.line("display_name") or each.line("keyword") for each in said.parts("keywords")),
        "topics": drop_repeats(each.line("display_name") for each in said.parts("topics")),
        "grants": [drop_empty({"id": each.line("award_id") or each.line("funder_award_id"),
                           "agency": each.line("funder_display_name")})
                   for each in said.parts("grants") or said.parts("awards")],
        "people": people,
        "affiliations": drop_repeats(place for person in people for place in person["affiliations"]),
        "licence": home.line("license") or said.part("best_oa_location").line("license"),
        "openalex": native.rpartition("/")[2],
        "dates": drop_empty({"published": raw, "created": said.line("created_date")[:10]}),
        "notices": [{"nature": "retraction", "about": about, "notice": None, "day": None, "reasons": [],
                     "url": native}] if said.value("is_retracted") is True and about else [],
    }  # fmt: skip
    return ListEntry(
        native=native.rpartition("/")[2],
        url=f"https://doi.org/{doi}" if doi else home.line("landing_page_url") or native,
        title=to_line(said.text("display_name") or said.text("title")),
        summary=parse_abstract(said.value("abstract_inverted_index")),
        published=parse_date(raw, fetched),
        published_raw=raw or None,
        updated=parse_date(said.text("updated_date")[:10], fetched),
        authors=tuple(drop_repeats(person["name"] for person in people)),
        identifiers=identifiers,
        lang=said.line("language")[:2] or None,
        extra=drop_empty(extra),
    )


def _normalise_pmcid(raw: str) -> str | None:
    """The address has digits only (`…/pmc/articles/3737249`); sometimes a PMC number is given as the PubMed one."""
    last = raw.rstrip("/").rpartition("/")[2]
    bare = "/pmc/" in raw and last.isascii() and last.isdigit()
    return normalise("pmcid", f"PMC{last}" if bare else last)


def _read_person(each: JsonObject) -> dict[str, Any] | None:
    who = each.part("author")
    name = who.line("display_name") or each.line("raw_author_name")
    if not name:
        return None
    places = drop_repeats(one_line(str(place)) for place in each.items("raw_affiliation_strings")) or drop_repeats(
        [each.line("raw_affiliation_string"), *(place.line("display_name") for place in each.parts("institutions"))]
    )
    rors = drop_repeats(normalise("ror", place.text("ror")) for place in each.parts("institutions"))
    return drop_empty({"name": name, "orcid": normalise("orcid", who.text("orcid")), "ror": rors}) | {
        "affiliations": places
    }


def _read_mesh(said: JsonObject) -> list[dict[str, Any]]:
    """Headings, each once: OpenAlex repeats a heading for each of its qualifiers."""
    found: dict[str, dict[str, Any]] = {}
    for each in said.parts("mesh"):
        ui, major = each.line("descriptor_ui"), each.value("is_major_topic") is True
        held = found.setdefault(ui, {"ui": ui, "name": each.line("descriptor_name"), "major": major})
        held["major"] = held["major"] or major
    return list(found.values())
