"""Every date that a page gives for itself, where each was found, and which one to believe.

Candidates, the most trusted first (`where` in brackets):
1. the source's own selector [rule];
2. meta tags that mean publication: article:published_time, citation_publication_date … [meta:NAME];
3. JSON-LD of the article: datePublished [json-ld];
4. the address, where it contains year, month and day [url];
5. microdata and marked times: itemprop=datePublished, `<time pubdate>`, class entry-date [time:published];
6. a visible label: "Published: …", `작성일 24-04-16 11:15`, `Release Date:2024-08-12` [label];
7. another `<time>` [time], then a line close below the heading that is little more than a date [byline];
8. meta tags that can also mean a change: date, dcterms.date …, and JSON-LD's dateCreated [json-ld:created];
9. htmldate's search of the rest of the page [htmldate], unless it is only a month;
10. the date in the feed [hint].
Three kinds of place that agree, one of them visible, outvote a first candidate that no other supports. A time in UTC is
replaced by the neighbouring day if the page gives that day without UTC, because that is the local day. Dates of change
(dateModified, "Updated: …") are kept as candidates [modified] but never chosen.

A day is taken as written, in the page's own time zone. Dates before 1990, or after the day after the page was fetched,
are never chosen.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from htmldate import find_date
from lxml import etree
from lxml.etree import _Element

from crawlers.pages.clean_text import clean_line
from crawlers.pages.day_formats import parse_day, parse_short_day
from crawlers.pages.parsed_page import ParsedPage

EARLIEST = date(1990, 1, 1)
_MOST_RAW = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A date that the page gives: the day (YYYY-MM-DD), where it was found, and how it was written."""

    date: str
    where: str
    raw: str


_PUBLISHED_METAS = (
    "article:published_time", "article:published", "og:article:published_time", "og:published_time", "og:pubdate",
    "og:publish_date", "datepublished", "rnews:datepublished", "parsely-pub-date", "sailthru.date", "publish-date",
    "publish_date", "publishdate", "published_date", "publisheddate", "published-date", "published_time_telegram",
    "pubdate", "pub_date", "publication_date", "originalpublicationdate", "article.published", "article:post_date",
    "article_date_original", "article.created", "cxenseparse:recs:publishtime", "cxenseparse:publishtime",
    "bt:pubdate", "vr:published_time", "shareaholic:article_published_time", "citation_online_date",
    "citation_publication_date", "citation_date", "prism.publicationdate", "dc.date.issued", "dcterms.issued",
    "dc.date.created", "dcterms.created", "dc.created", "dc.date", "dcterms.date", "dc:date", "dc.date.publication",
    "displaydate", "display_date", "date_published", "datecreated", "release_date", "video:release_date",
    "mediator_published_time", "twt-published-at", "rbpubdate", "gentime", "ptime", "pdate", "created", "date",
    "article:created_time", "dateposted", "timestamp",
)  # fmt: skip
# Names that content systems also use for the last change, or for the first draft.
_VAGUE = frozenset(
    ("date", "dc.date", "dc:date", "dcterms.date", "dcterms.created", "dc.created", "dc.date.created", "created",
     "datecreated", "timestamp", "article.created", "article:created_time", "gentime", "release_date",
     "video:release_date", "dateposted")
)  # fmt: skip
_MODIFIED_METAS = (
    "article:modified_time", "article:modified", "og:updated_time", "datemodified", "last-modified", "lastmod",
    "dcterms.modified", "dc.modified", "revised", "moddate", "updated_time",
)  # fmt: skip

_LABEL = re.compile(
    r"(?<![a-zA-Z])(?:작성일|등록일|게시일|입력|승인|발행일|보도일|배포일|기사입력|등록|작성|게재|일자|날짜"
    r"|公開日?|掲載日?|投稿日|配信|发布(?:时间|日期|于)|发表(?:时间|于)|日期|时间"
    r"|release date|date of (?:release|publication)|date published|published(?: on| at| online)?|publication date"
    r"|posted(?: on)?|first published|issued|created(?: on)?|date|written on"
    r"|veröffentlicht(?: am)?|erschienen(?: am)?|erstellt(?: am)?|datum|publié(?: le)?|publicado(?: el)?|fecha"
    r"|pubblicato(?: il)?|gepubliceerd(?: op)?|publicerad|publisert|opublikowano|publikováno)"
    r"\s*(?:일시|시간)?\s*[:：|]?\s{0,3}(?P<after>.{6,40})",
    re.IGNORECASE,
)
_DATE_CUE = re.compile(r"(?:19|20)\d\d|\d\d[-./]\d\d[-./]\d\d")
_CHANGED = re.compile(
    r"수정|최종수정|업데이트|updated|last (?:updated|modified)|modified|aktualisiert|geändert|mis à jour|actualizado"
    r"|更新|最終更新",
    re.IGNORECASE,
)


def extract_dates(
    page: ParsedPage, *, fetched: str, selected: Iterable[str] = (), hint: str | None = None
) -> tuple[tuple[Candidate, ...], Candidate | None]:
    """All candidates, the most trusted first (each day and place once), and the chosen one or None.

    `fetched` is the day or time of the capture (ISO 8601): nothing later than the day after it is chosen. `selected`
    are the texts that the source's own date selector found; `hint` is the date in the feed.
    """
    latest = _latest_day(fetched)
    american = _is_american(page)
    found: dict[tuple[str, str], Candidate] = {}
    for where, raw in _machine_dates(page, selected):
        _add_candidate(found, where, raw, american)
    for where, raw in _visible_dates(page):
        _add_candidate(found, where, raw, american)
    chosen = _choose_candidate(found.values(), latest)
    if chosen is None:
        guessed = find_date(page.tree, original_date=True, min_date=EARLIEST.isoformat(), max_date=latest.isoformat())
        if guessed and _is_full_day(guessed, page.markup):
            _add_candidate(found, "htmldate", guessed, american)
    if hint:
        _add_candidate(found, "hint", hint, american)
    return tuple(found.values()), chosen or _choose_candidate(found.values(), latest)


def _is_full_day(day: str, markup: str) -> bool:
    """htmldate turns a month or a year alone into its first day; those are not dates."""
    year, month, number = day.split("-")
    if number != "01":
        return True
    numeric = rf"{year}\W?{month}\W?01(?!\d)|\b0?1[./-]0?{int(month)}[./-]{year}|\b0?{int(month)}/0?1/{year}"
    month_name = r"[^\W\d_]{3,12}\.?"
    named = rf"\b0?1(?:st|er|º|\.)?\s+(?:de\s+)?{month_name},?\s+(?:de\s+)?{year}|{month_name}\s+0?1(?:st)?,?\s+{year}"
    return re.search(f"{numeric}|{named}", markup) is not None


def _machine_dates(page: ParsedPage, selected: Iterable[str]) -> Iterator[tuple[str, str]]:
    for raw in selected:
        yield "rule", raw
    articles = page.articles
    for key, where in (
        ("datePublished", "json-ld"),
        ("dateCreated", "json-ld:created"),
        ("uploadDate", "json-ld:created"),
        ("dateModified", "modified"),
    ):
        for node in articles[:6]:
            if isinstance(node.get(key), str):
                yield where, node[key]
    for name in _PUBLISHED_METAS:
        for content in page.metas.get(name, ())[:3]:
            yield f"meta:{name}", content
    for name in _MODIFIED_METAS:
        for content in page.metas.get(name, ())[:1]:
            yield "modified", content


def _visible_dates(page: ParsedPage) -> Iterator[tuple[str, str]]:
    yield "url", _find_day_in_address(page.url)
    plain_times: list[tuple[str, str]] = []
    for element in page.tree.iter("time", "abbr"):
        classes = element.get("class") or ""
        raw = _get_raw(element)
        changed = "updated" in classes and "published" not in classes
        if changed or (element.get("itemprop") or "").lower() == "datemodified":
            yield "modified", raw
        elif element.get("pubdate") is not None or re.search(r"entry-date|published|pub-?date", classes):
            yield "time:published", raw
        elif element.tag == "time":
            plain_times.append(("time", raw))
    for element in _PUBLISHED(page.tree) if "itemprop" in page.markup else ():
        yield "time:published", _get_raw(element)
    yield from _labelled_dates(page.tree)
    yield from _dates_near_heading(page.tree)
    yield from plain_times[:3]


_PUBLISHED = etree.XPath("//*[@itemprop='datePublished']")
_DATED_TEXTS = etree.XPath(
    "//body//text()[string-length(.) > 5 and string-length(.) < 200 and translate(., '0123456789', '') != ."
    " and not(parent::script or parent::style or parent::noscript or parent::textarea or parent::option)]"
)


def _labelled_dates(tree: _Element) -> Iterator[tuple[str, str]]:
    """Visible labels: "Published: 12 May 2024"; at most five.

    The label may be in the same text, in the same small element, or in the element before.
    """
    seen = 0
    for node in _DATED_TEXTS(tree)[:400]:
        text = clean_line(node)
        if not _DATE_CUE.search(text):
            continue
        for said in _texts_around(node, text):
            match = _LABEL.search(said)
            if match is None or match.start() > 60 or _CHANGED.search(said[: match.start("after")]):
                continue
            after = match["after"]
            if parse_day(after[:30]) is not None or parse_short_day(after[:12]):
                seen += 1
                yield "label", after
                break
        if seen >= 5:
            return


def _texts_around(node: etree._ElementUnicodeResult, text: str) -> Iterator[str]:
    yield text
    parent = node.getparent()
    if parent is None:
        return
    holder = parent.getparent() if node.is_tail else parent
    for element in (holder, holder.getparent() if holder is not None else None):
        if element is None or len(element) > 12:
            return
        around = clean_line("".join(element.itertext()))
        if len(around) > 200:
            return
        if len(around) > len(text):
            yield around


def _dates_near_heading(tree: _Element) -> Iterator[tuple[str, str]]:
    """Short texts with a date among the elements that follow (or closely precede) the first heading."""
    heading = next(tree.iter("h1"), None)
    if heading is None:
        return
    near: list[_Element] = []
    here: _Element | None = heading
    while here is not None and len(near) < 60:
        for following in here.itersiblings():
            near.extend(element for element in following.iter(etree.Element))
            if len(near) > 60:
                break
        here = here.getparent()
    for element in near[:60]:
        text = clean_line((element.text or "") + (element.tail or "" if element.tag == "br" else ""))
        dated = 6 <= len(text) <= 70 and any(char.isdigit() for char in text)
        if dated and not _CHANGED.search(text) and parse_day(text) is not None:
            yield "byline", text


def _find_day_in_address(url: str) -> str:
    match = re.search(r"/(19[89]\d|20[0-4]\d)[/_-](0?[1-9]|1[0-2])[/_-](0?[1-9]|[12]\d|3[01])(?=\D|$)", url)
    return "-".join(match.groups()) if match else ""


def _get_raw(element: _Element) -> str:
    return element.get("datetime") or element.get("content") or element.get("title") or "".join(element.itertext())


def _add_candidate(found: dict[tuple[str, str], Candidate], where: str, raw: str, american: bool) -> None:
    raw = clean_line(raw)[:_MOST_RAW]
    if not raw:
        return
    day = parse_day(raw, american=american)
    if day is None and where == "label":
        day = parse_short_day(raw)
    if day is None and re.fullmatch(r"1\d{9}(?:\d{3})?", raw):
        day = date(1970, 1, 1) + timedelta(seconds=int(raw[:10]))
    if day is not None:
        found.setdefault((where, day.isoformat()), Candidate(date=day.isoformat(), where=where, raw=raw))


_ORDER = {
    where: rank
    for rank, where in enumerate(
        ("rule", "meta", "json-ld", "url", "time:published", "label", "time", "byline", "meta:vague",
         "json-ld:created", "htmldate", "hint")
    )
}  # fmt: skip
_SEEN = frozenset(("url", "label", "byline", "time"))
_UTC = re.compile(r"T?(?P<hour>\d\d):\d\d(?::\d\d(?:\.\d+)?)?\s*(?:Z|GMT|UTC|\+00:?00)$")


def _choose_candidate(found: Iterable[Candidate], latest: date) -> Candidate | None:
    """The most trusted candidate within the bounds; of equals, the first on the page."""
    ranked = [
        (rank, number, candidate)
        for number, candidate in enumerate(found)
        if (rank := _rank(candidate)) is not None and EARLIEST <= date.fromisoformat(candidate.date) <= latest
    ]
    if not ranked:
        return None
    ranked.sort(key=lambda item: item[:2])
    best = _choose_by_vote([candidate for _rank, _number, candidate in ranked])
    return _find_local_day(best, [candidate for _rank, _number, candidate in ranked if candidate is not best]) or best


def _choose_by_vote(ranked: list[Candidate]) -> Candidate:
    """The first, unless three kinds of place (one of them visible) agree on another day and none with the first."""
    kinds: dict[str, set[str]] = {}
    for candidate in ranked:
        kinds.setdefault(candidate.date, set()).add(candidate.where)
    times = [candidate for candidate in ranked if candidate.where == "time:published"]
    if len({candidate.date for candidate in times}) > 2:  # a list of other articles
        ranked = [candidate for candidate in ranked if candidate not in times] or ranked
    best = ranked[0]
    if best.where == "rule" or len(kinds[best.date] - {"json-ld:created"}) > 1:
        return best
    for candidate in ranked[1:]:
        places = kinds[candidate.date]
        if len(places) >= 3 and places & {"label", "byline", "url"}:
            return candidate
    return best


def _find_local_day(best: Candidate, others: list[Candidate]) -> Candidate | None:
    """The neighbouring day of a time in UTC, if the page also gives that day without UTC."""
    match = _UTC.search(best.raw)
    if match is None:
        return None
    day = date.fromisoformat(best.date)
    neighbour = (day - timedelta(days=1) if int(match["hour"]) < 12 else day + timedelta(days=1)).isoformat()
    at_home = [candidate for candidate in others if not _UTC.search(candidate.raw)]
    if any(candidate.date == best.date and candidate.where in _SEEN for candidate in at_home):
        return None
    return next((candidate for candidate in at_home if candidate.date == neighbour), None)


def _rank(candidate: Candidate) -> int | None:
    where = candidate.where
    if where.startswith("meta:"):
        where = "meta:vague" if where[5:] in _VAGUE else "meta"
    return _ORDER.get(where)


def _latest_day(fetched: str) -> date:
    return date.fromisoformat(fetched[:10]) + timedelta(days=1)


def _is_american(page: ParsedPage) -> bool:
    lang = (page.tree.get("lang") or page.meta("og:locale") or "").lower().replace("_", "-")
    return lang.startswith("en-us") or lang == "en"
