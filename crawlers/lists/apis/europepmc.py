"""Europe PMC's REST search: PubMed, PubMed Central, preprints and more in one answer, as JSON (or the same in XML).

The search asks for names alone (`resultType=idlist`, a thousand a page, `cursorMark` to the end), of what Europe PMC
first had since a day, and of retracted papers that it touched since then; the records of names are asked for 25 at a
time (`core`). A name is `SOURCE:id`, as in `MED:31234567` or `PPR:PPR123`. Errors come with status 200 (`errCode`,
`errMsg`); a count without a list, or a first page shorter than the count says, is half an answer.

A record: titles and abstracts hold HTML, which is flattened; `<h4>` begins a labelled part. `commentCorrectionList`
gives notices as in `notices`; "Preprint in" and "Preprint of" connect a preprint with its paper. Headings
have no MeSH number here.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from lxml.etree import _Element as Node

from core.ids import find_ids, normalise
from core.text import one_line
from crawlers.lists.apis import ApiError, get_parameter, load_json, load_xml, with_parameters, without_parameters
from crawlers.lists.apis.pubmed_notices import ABOUT_OTHER, ABOUT_THIS
from crawlers.lists.apis.pubmed_xml import LANGUAGES, normal_doi
from crawlers.lists.feeds.dates import parse_date
from crawlers.lists.model import ListEntry, ListResult

BASE = "https://www.ebi.ac.uk/europepmc/webservices/rest"
A_PAGE = 1000
AT_ONCE = 25  # records asked for by name: an address holds no more
WINDOW = re.compile(r"\d{4}-\d\d-\d\d TO 3000-01-01")
_NAME = re.compile(r"EXT_ID:(\S+) AND SRC:(\w+)")
_HEADING = re.compile(r"<h4[^>]*>(.*?)</h4>", re.I | re.S)
_BREAK = re.compile(r"<(?:p|br|/p|h4)\b[^>]*>", re.I)
_TAG = re.compile(r"<[a-zA-Z/][^>]*>")
_INLINE = re.compile(r"</?(?:i|b|u|em|strong|sup|sub|sc|italic|bold)>", re.I)
_WITHDRAWN = ("preprint-withdrawal", "preprint withdrawal", "preprint-removal", "preprint removal")


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage:
    """A search as it came: how many records match, where the next page begins, and the results of this one."""

    count: int
    cursor: str | None
    results: tuple[dict[str, Any], ...]


def requests(query: str, since: date, most: int) -> list[str]:
    """The first page of names."""
    window = f"[{since:%Y-%m-%d} TO 3000-01-01]"
    asked = f'({query}) AND (FIRST_IDATE:{window} OR (PUB_TYPE:"Retracted Publication" AND UPDATE_DATE:{window}))'
    return [_search(asked, "idlist", min(most, A_PAGE))]


def stable(url: str) -> str:
    return with_parameters(
        without_parameters(url, frozenset({"cursorMark"})), query=WINDOW.sub("TO", get_parameter(url, "query"))
    )


def records(names: Sequence[str]) -> list[str]:
    """The addresses of these records."""
    parts = [f"EXT_ID:{ident} AND SRC:{source}" for source, _, ident in (name.partition(":") for name in names)]
    return [
        _search(" OR ".join(f"({part})" for part in parts[at : at + AT_ONCE]), "core", AT_ONCE)
        for at in range(0, len(parts), AT_ONCE)
    ]


def named(url: str) -> tuple[str, ...]:
    """The records that an address asks for; none in a search."""
    return tuple(f"{source}:{ident}" for ident, source in _NAME.findall(get_parameter(url, "query")))


def _search(query: str, kind: str, size: int) -> str:
    asked = {"query": query, "resultType": kind, "pageSize": str(size), "format": "json", "cursorMark": "*"}
    return f"{BASE}/search?{urlencode(asked)}"


def parse(body: bytes, *, url: str, fetched: str) -> ListResult:
    """Raises ApiError."""
    answer = parse_answer(body, url)
    if not all(result.get("id") and result.get("source") for result in answer.results):
        raise ApiError("a record without id or source", where=url)
    follow: tuple[str, ...] = ()
    size, page = get_parameter(url, "pageSize"), get_parameter(url, "cursorMark")
    whole = len(answer.results) >= (int(size) if size.isdigit() else 1)
    if answer.cursor and answer.cursor != page and whole and not named(url):
        follow = (with_parameters(url, cursorMark=answer.cursor),)
    if page in ("", "*") and not follow and len(answer.results) < answer.count and size:
        raise ApiError(f"half a list: {answer.count} hits, {len(answer.results)} of them given", where=url)
    if get_parameter(url, "resultType") == "idlist" or all("title" not in result for result in answer.results):
        return ListResult(entries=(), names=tuple(f"{r['source']}:{r['id']}" for r in answer.results), follow=follow)
    entries = tuple(parse_record(result, fetched) for result in answer.results)
    missing = sorted(set(named(url)) - {entry.native for entry in entries})
    told = f"{len(missing)} records did not come: {', '.join(missing[:5])}{' …' if len(missing) > 5 else ''}"
    return ListResult(entries=entries, follow=follow, problems=(told,) if missing else ())


def parse_answer(body: bytes, url: str) -> SearchPage:
    """An answer in any of its shapes. Raises ApiError."""
    if body.lstrip().startswith(b"<") and b"responseWrapper" in body[:2000]:
        said = _make_json(load_xml(body, url))
    elif body.lstrip().startswith(b"["):
        held = load_json(b'{"result": %s}' % body, url)["result"]
        said = {"hitCount": len(held), "resultList": {"result": held}}
    else:
        said = load_json(body, url)
    if error := said.get("errMsg") or said.get("error"):
        code = f" ({said['errCode']})" if said.get("errCode") else ""
        raise ApiError(f"Europe PMC says: {one_line(str(error))}{code}", where=url)
    count, listed = str(said.get("hitCount", "")), said.get("resultList")
    if not count.isdigit() or (not isinstance(listed, dict) and count != "0"):
        raise ApiError(f"no count or no list of results: {json.dumps(said)[:120]}", where=url)
    results = _many(listed.get("result")) if isinstance(listed, dict) else []
    if not all(isinstance(result, dict) for result in results):
        raise ApiError("results that are no records", where=url)
    if int(count) and not results and get_parameter(url, "cursorMark") in ("", "*"):
        raise ApiError(f"a search with {count} hits and no list of them", where=url)
    return SearchPage(count=int(count), cursor=str(said.get("nextCursorMark") or "") or None, results=tuple(results))


def _make_json(node: Node) -> Any:  # noqa: ANN401  JSON
    """XML as the JSON of the same answer: elements that come twice are a list, the rest may be one."""
    if len(node) == 0:
        return node.text or ""
    held: dict[str, Any] = {}
    for part in node:
        tag, said = str(part.tag).rpartition("}")[2], _make_json(part)
        if tag in held:
            held[tag] = [*(held[tag] if isinstance(held[tag], list) else [held[tag]]), said]
        else:
            held[tag] = said
    return held


def _many(value: object) -> list[Any]:
    return value if isinstance(value, list) else [] if value in (None, "") else [value]


def _part(said: dict[str, Any], name: str) -> dict[str, Any]:
    value = said.get(name)
    return value if isinstance(value, dict) else {}


def _item_name(said: dict[str, Any], *path: str) -> list[Any]:
    """What a list inside a list holds: `authorList` → `author`."""
    value: object = said
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return _many(value)


def to_line(text: str) -> str:
    """HTML as one line of text; some of it is escaped twice."""
    return one_line(_INLINE.sub("", html.unescape(_TAG.sub("", text))))


def parse_record(said: dict[str, Any], fetched: str) -> ListEntry:
    """One result, lite or core."""
    name = f"{said['source']}:{said['id']}"
    identifiers = {
        scheme: [value]
        for scheme, field in (("pmid", "pmid"), ("pmcid", "pmcid"), ("doi", "doi"))
        if (value := (normal_doi(str(said.get(field) or "")) if scheme == "doi"
                      else normalise(scheme, str(said.get(field) or ""))))
    }  # fmt: skip
    people = [_person(author) for author in _item_name(said, "authorList", "author") if isinstance(author, dict)]
    raw = said.get("firstPublicationDate") or said.get("electronicPublicationDate")
    published = parse_date(raw, "9999-01-01") if raw and raw > "1900-01-01" and raw[:10] <= fetched[:10] else None
    raw_authors = str(said.get("authorString") or "").rstrip(".").split(", ")
    mesh = [_heading(each) for each in _item_name(said, "meshHeadingList", "meshHeading") if isinstance(each, dict)]
    extra = _extra(said, people, mesh)
    extra |= _find_relations(said, identifiers, name, published, extra.get("types", []))
    language = str(said.get("language") or "")
    return ListEntry(
        native=name,
        url=f"https://europepmc.org/article/{said['source']}/{said['id']}",
        title=to_line(str(said.get("title") or "")),
        summary=_abstract(str(said.get("abstractText") or "")),
        published=published,
        published_raw=raw,
        updated=said.get("dateOfRevision"),
        authors=tuple(dict.fromkeys(person["name"] for person in people if person["name"]))
        or tuple(dict.fromkeys(author for author in raw_authors if author)),
        identifiers=identifiers,
        lang=LANGUAGES.get(language, language if len(language) == 2 else None),
        categories=tuple(dict.fromkeys(heading["name"] for heading in mesh)),
        extra={key: value for key, value in extra.items() if value},
    )


def _person(author: dict[str, Any]) -> dict[str, Any]:
    given, family = author.get("firstName") or author.get("initials"), author.get("lastName")
    whole = f"{given} {family}" if given and family else author.get("fullName") or family
    person: dict[str, Any] = {"name": one_line(str(whole or author.get("collectiveName") or ""))}
    details = _item_name(author, "authorAffiliationDetailsList", "authorAffiliation")
    places = [one_line(str(each.get("affiliation") or "")) for each in details if isinstance(each, dict)]
    places = places or [one_line(str(author.get("affiliation") or ""))]
    if places := [place for place in places if place]:
        person["affiliations"] = places
    ident = author.get("authorId")
    if isinstance(ident, dict) and ident.get("type") == "ORCID":
        person["orcid"] = normalise("orcid", str(ident.get("value") or ""))
    return {key: value for key, value in person.items() if value or key == "name"}


def _heading(said: dict[str, Any]) -> dict[str, Any]:
    heading = {"ui": "", "name": str(said.get("descriptorName") or ""), "major": said.get("majorTopic_YN") == "Y"}
    qualifiers = [
        {"ui": "", "name": str(each.get("qualifierName") or ""), "major": each.get("majorTopic_YN") == "Y"}
        for each in _item_name(said, "meshQualifierList", "meshQualifier")
    ]
    return heading | ({"qualifiers": qualifiers} if qualifiers else {})


def _extra(said: dict[str, Any], people: list[dict[str, Any]], mesh: list[dict[str, Any]]) -> dict[str, Any]:
    info, server = _part(said, "journalInfo"), _part(said, "bookOrReportDetails")
    journal = _part(info, "journal")
    issn = [journal.get("issn"), journal.get("essn"), *str(said.get("journalIssn") or "").upper().split("; ")]
    types = _item_name(said, "pubTypeList", "pubType") or str(said.get("pubType") or "").split("; ")
    return {
        "journal": journal.get("title") or said.get("journalTitle") or server.get("publisher"),
        "abbreviation": journal.get("isoabbreviation") or journal.get("medlineAbbreviation"),
        "issn": list(dict.fromkeys(number.strip("; ") for number in issn if number and number.strip("; "))),
        "volume": info.get("volume") or said.get("journalVolume"),
        "issue": info.get("issue") or said.get("issue"),
        "pages": said.get("pageInfo"),
        "types": [kind for kind in types if kind],
        "mesh": mesh,
        "keywords": [to_line(str(word)) for word in _item_name(said, "keywordList", "keyword")],
        "grants": [
            {key: grant[name] for key, name in (("id", "grantId"), ("agency", "agency")) if grant.get(name)}
            for grant in _item_name(said, "grantsList", "grant")
        ],
        "affiliations": list(dict.fromkeys(place for person in people for place in person.get("affiliations", ()))),
        "people": people,
        "licence": said.get("license"),
        "open_access": said.get("isOpenAccess") == "Y",
        "dates": {
            key: said[name]
            for key, name in (("electronic", "electronicPublicationDate"), ("first", "firstPublicationDate"),
                              ("indexed", "firstIndexDate"), ("revised", "dateOfRevision"))
            if said.get(name)
        } | ({"published": {"year": str(said["pubYear"])}} if said.get("pubYear") else {}),
    }  # fmt: skip


def _abstract(text: str) -> str:
    parts: list[str] = []
    label = ""
    for number, part in enumerate(_HEADING.split(text)):
        if number % 2:
            label = to_line(part).rstrip(":. ")
            continue
        lines = [line for piece in _BREAK.split(part) if (line := to_line(piece))]
        if lines and label:
            lines[0] = f"{label.capitalize() if label.isupper() else label}: {lines[0]}"
        label = ""
        parts += lines
    return "\n\n".join(parts)


def _find_relations(
    said: dict[str, Any], identifiers: dict[str, list[str]], name: str, published: str | None, types: list[str]
) -> dict[str, Any]:
    """Notices, and the ties between a preprint and its paper."""
    this = next((f"{scheme}:{identifiers[scheme][0]}" for scheme in ("pmid", "doi") if scheme in identifiers), name)
    notices: list[dict[str, Any]] = []
    related: list[dict[str, Any]] = []
    held: dict[str, Any] = {}

    def tell(nature: str, about: str, notice: str | None, day: str | None) -> None:
        url = f"https://europepmc.org/article/MED/{notice.removeprefix('pmid:')}" if notice else None
        notices.append(
            {"nature": nature, "about": about, "notice": notice, "day": day, "reasons": [], "url": url}
        )  # fmt: skip

    for each in _item_name(said, "commentCorrectionList", "commentCorrection"):
        kind = "".join(word.capitalize() for word in str(each.get("type") or "").split())
        source, ident, reference = each.get("source"), str(each.get("id") or ""), str(each.get("reference") or "")
        doi = next((found.value for found in find_ids(reference) if found.scheme == "doi"), None)
        other = f"pmid:{ident}" if source == "MED" and ident else f"doi:{doi}" if doi else None
        related.append({"type": kind, "source": one_line(reference), **({"pmid": ident} if source == "MED" else {})})
        if kind in ABOUT_THIS:
            tell(ABOUT_THIS[kind], this, other, None)
        elif kind in ABOUT_OTHER and other:
            tell(ABOUT_OTHER[kind], other, this, published)
        elif kind == "PreprintIn":
            held["published_as"] = doi or other
        elif kind == "PreprintOf":
            held["preprint_of"] = doi or (f"{source}:{ident}" if ident else None)
    low = [kind.lower() for kind in types]
    if "retracted publication" in low and not any(n["about"] == this for n in notices):
        tell("retraction", this, None, None)
    if any(kind in low for kind in _WITHDRAWN):
        tell("withdrawal", this, None, published)
    return held | {"notices": notices, "related": related}
