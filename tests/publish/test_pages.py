"""Every page by the in-process client: what is on it, that nothing from outside becomes markup, feeds, counts.

What a page must and must not show is in `tests/pages/*.txt`: the first line is the request and the status, each
further line a string to expect, with `!` before it one that must be absent.
"""

from __future__ import annotations

import html.parser
import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote, urlencode
from xml.etree import ElementTree

import feedparser
import pytest

from core.config import ROOT, Config
from core.store import Store
from publish.pages import search_counts, search_hits
from publish.pages.assets import find_script
from publish.pages.datasette_parts import QueryInterrupted
from publish.pages.page import Sample
from publish.pages.search_hits import read
from publish.pages.serve import check, list_pages, make_site
from publish.pages.views import CurrentEdition, find_answer
from publish.search.query import parse_params, parse_query
from tests.publish.reader import Newsroom, Reader

PAGES = sorted((Path(__file__).resolve().parent.parent / "pages").glob("*.txt"))

LINK = r"https?://|/(?!/)|#|mailto:desk@stemwire\.example\?subject=[\w%.~-]+&body=[\w%.~-]+$"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_page(reader: Reader, path: Path) -> None:
    request, *expected = path.read_text("utf-8").splitlines()
    _, address, status = request.split()
    answer = reader.get(address)
    assert answer.status_code == int(status), answer.text[:400]
    for line in expected:
        if line.startswith("!"):
            assert line[1:] not in answer.text, line
        else:
            assert line in answer.text, line


def test_every_kind_of_page_is_as_it_should_be(newsroom: Newsroom) -> None:
    assert check(newsroom[0]) == []


def test_check_says_what_is_wrong(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = [Sample("/"), Sample("/nothing"), Sample("/about", 404)]
    monkeypatch.setattr("publish.pages.serve.list_pages", lambda path: asked)
    assert check(newsroom[0])[:2] == ["/nothing: answers 404, not 200", "/about: answers 200, not 404"]


class Markup(html.parser.HTMLParser):
    """What a page's markup does: tags, attributes, links, headings."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.headings: list[int] = []
        self.ids: list[str] = []
        self.scripts: list[str] = []  # their types
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag == "script":
            self.scripts.append(dict(attrs).get("type") or "")
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "action")]
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))


def own_pages(newsroom: Newsroom) -> list[str]:
    addresses = [sample.address for sample in list_pages(newsroom[1])]
    return [page for page in addresses if not page.startswith(("/stemwire", "/-/", "/static", "/robots", "/feed"))]


def test_nothing_from_outside_becomes_markup(reader: Reader, newsroom: Newsroom) -> None:
    for page in own_pages(newsroom):
        answer = reader.get(page)
        if not answer.headers["content-type"].startswith("text/html"):
            continue
        found = Markup(answer.text)
        assert not found.tags & {"iframe", "img", "style", "object", "embed", "base", "b"}, page
        assert set(found.scripts) <= {"application/ld+json", ""}, page  # data, which no browser runs, and our script
        assert re.findall(r"<script>(.*?)</script>", answer.text, re.S) == [find_script()], page
        assert not {name for name in found.attributes if name.startswith("on")} | (found.attributes & {"style"}), page
        assert all(re.match(LINK, link) for link in found.links), page


def test_structure_of_own_pages(reader: Reader, newsroom: Newsroom) -> None:
    for page in own_pages(newsroom):
        answer = reader.get(page)
        if not answer.headers["content-type"].startswith("text/html"):
            continue
        found = Markup(answer.text)
        assert found.headings.count(1) == 1, page
        assert {"header", "main", "nav", "footer"} <= found.tags, page
        assert 'class="skip" href="#main"' in answer.text
        assert len(found.ids) == len(set(found.ids)), page
        for above, below in zip(found.headings, found.headings[1:], strict=False):
            assert below - above <= 1, (page, found.headings)


@pytest.mark.parametrize(
    "q",
    [
        "\0",
        '"',
        '"a',
        "a\"b'c",
        "NEAR(",
        "a*b*",
        "*",
        "{title}:",
        "^a",
        "AND OR NOT",
        "-",
        "a:b:c",
        "(",
        "🧫",
        "x" * 1990,
        "‮override",
        "'; drop table document; --",
        "%",
        "_",
        "\\",
        "tags:kind_news_",
        "세",
        "'" * 300,
    ],
)
def test_odd_queries_have_a_clear_outcome(reader: Reader, q: str) -> None:
    for page in ("/search", "/search.atom"):
        assert reader.get(f"{page}?{urlencode({'q': q})}").status_code == 200


def test_long_and_wrong_queries_are_refused_in_words(reader: Reader) -> None:
    answer = reader.get(f"/search?q={'word+' * 2000}")
    assert answer.status_code == 400
    assert "may have 6,000 characters" in answer.text
    for odd in ("page=-1", "page=x", "page=²", "sort=upside", "kind=%00", "month=x&q=", "country=K", "q=a&q=b"):
        assert reader.get(f"/search?{odd}").status_code in (200, 400), odd


QUERIES = [
    "stem",
    "cells kind:news",
    "kind:news kind:paper country:KR",
    "disease:MONDO:0005180",
    "-kind:news since:2026-09",
    'disease:"osteoarthritis" stem OR knee',
    "-disease:osteoarthritis",
]


@pytest.mark.parametrize("written", QUERIES)
def test_facets_count_what_a_click_gives(reader: Reader, newsroom: Newsroom, written: str) -> None:
    query, edition = parse_query(written), CurrentEdition(reader.site)
    reading = reader.run(read(edition, query))
    rows = reader.run(search_counts.find_tags(edition, reading.query))
    assert rows
    counts = search_counts.count_tags(rows)
    lists = reader.run(search_counts.find_facets(edition, reading.query, counts, reading.asked))
    assert len(lists) > 5
    for one in lists:
        for choice in one.values:
            clicked = reader.run(read(edition, parse_params(choice.params)))
            if not choice.chosen:
                found = reader.run(search_counts.find_tags(edition, clicked.query))
                several = one.facet.kind == "column" and query.values(str(one.facet.filter))  # either of two values
                assert len(found) == choice.n + (len(rows) if several else 0), (one.facet.name, choice.value)


def test_more_hits_than_are_ranked_are_said_to_be_so(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_hits, "RANKED", 6)
    answer = reader.get("/search?q=stem")
    assert "Only the newest 6 are ranked and counted here." in answer.text
    kinds = re.search(r'<nav class="tabs".*?</nav>', answer.text, re.DOTALL)
    assert kinds
    every, *others = map(int, re.findall(r'class="n">(\d+)<', kinds[0]))
    assert every == sum(others) == 6


def test_a_search_that_takes_too_long_is_told_so(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader.site, "sql_time_limit_ms", 0.001)
    slow = reader.get("/search?q=cells")
    assert slow.status_code in (200, 503)  # SQLite looks at the clock every so many steps only
    asked = SimpleNamespace(path="/search", query_string="q=cells")
    answer = find_answer(reader.site, asked, QueryInterrupted("x", "s", {}))
    assert answer and find_answer(reader.site, asked, ValueError("x")) is None
    said = reader.run(answer())
    assert said.status == 503
    assert "took too long" in said.body


def test_facet_links_give_what_they_count(reader: Reader) -> None:
    answer = reader.get("/search?q=stem")
    links = re.findall(r'<a href="(/search\?[^"]+)">[^<]+</a> <span class="n">(\d+)</span>', answer.text)
    assert len(links) > 12
    for link, n in links[:40]:
        found = reader.get(link.replace("&amp;", "&"))
        assert f"{n} document" in re.sub(r"\s+", " ", found.text), link


def test_feeds_are_atom(reader: Reader, newsroom: Newsroom) -> None:
    for page in (
        "/search.atom",
        "/search.atom?q=stem&kind=preprint",
        "/search.atom?q=nonesuch",
        "/search.atom?lang=ko",
    ):
        answer = reader.get(page)
        assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
        root = ElementTree.fromstring(answer.content)
        atom = "{http://www.w3.org/2005/Atom}"
        for wanted in ("id", "title", "updated"):
            assert root.findtext(atom + wanted), (page, wanted)
        entries = root.findall(atom + "entry")
        ids = [entry.findtext(atom + "id") for entry in entries]
        assert len(ids) == len(set(ids))
        for entry in entries:
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", entry.findtext(atom + "updated") or "")
            links = {link.get("rel"): link.get("href", "") for link in entry.findall(atom + "link")}
            assert links["alternate"].startswith("https://desk.example/document/")
            assert all(href.startswith("https://") for href in links.values())
        read = feedparser.parse(answer.content)
        assert not read.bozo
        assert len(read.entries) == len(entries)
    hostile = feedparser.parse(reader.get("/search.atom?q=markup").content).entries[0]
    assert hostile.title == '<script>alert(1)</script> & <b>bold</b> "quoted" {{ 7*7 }}'


def test_feed_ids_outlive_editions(
    reader: Reader, config: Config, work: Store, at_night: None, newsroom: Newsroom
) -> None:
    from publish.stage import publish

    with work.writing():
        work.execute("DELETE FROM document WHERE kind = 'trial'")  # other numbers, the same documents
    publish(config, work)
    other = Reader(config)
    ids = [
        {e.id: e.title for e in feedparser.parse(r.get("/search.atom?kind=paper").content).entries}
        for r in (reader, other)
    ]
    assert ids[0] == ids[1] and ids[0]
    other.close()


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://a.example/b?c=d", True),
        ("http://a.example", True),
        *((bad, False) for bad in ("javascript:alert(1)", "//a.example", "data:text/html,x", "https://a b", "", None)),
        *((bad, False) for bad in ('https://a"b', "\x01javascript:alert(1)", "https://a.example/<b>")),
    ],
)
def test_links_from_outside(reader: Reader, url: str | None, safe: bool) -> None:
    assert reader.site.jinja_env.filters["safe_url"](url) == (url if safe else "")


@pytest.mark.parametrize(
    ("filter_", "given", "shown"),
    [
        ("amount", 1234567.0, "1,234,567"),
        ("amount", 6.1, "6.1"),
        ("amount", 2e12, "2,000,000,000,000"),
        ("date_origin", "pubmed_stem_cells entry", "its feed or record"),
        ("date_origin", "meta article:published_time", "the page's own description"),
        ("translation", "person, from ko", "by a person, from Korean"),
        ("translation", "machine", "by machine"),
        ("public_code", "stemwire:korea-national-stem-cell-bank", ""),
        ("public_code", "MONDO:0010726", "MONDO:0010726"),
    ],
)
def test_words_for_readers(reader: Reader, filter_: str, given: object, shown: str) -> None:
    assert reader.site.jinja_env.filters[filter_](given) == shown


def test_descriptions_of_the_schema_stand_beside_the_columns(reader: Reader, newsroom: Newsroom) -> None:
    told = json.loads(newsroom[1].with_suffix(".json").read_text("utf-8"))
    assert set(told["tables"]) == set(told["about"]) == set(told["columns"])
    assert all(told["about"].values())
    answer = reader.get("/stemwire/entity")
    assert "MONDO:0010726, ROR:025h1m602" in answer.text


def test_the_site_needs_an_edition(config: Config) -> None:
    from core.errors import PublishError

    with pytest.raises(PublishError, match="no edition yet"):
        make_site(config)
    assert "no edition" in check(config)[0]


def test_a_deeper_document_than_the_page_limit(reader: Reader, newsroom: Newsroom) -> None:
    """A name with an odd concept identifier still has a page of its own."""
    with closing(sqlite3.connect(newsroom[1])) as edition:
        for type_, concept in edition.execute("SELECT type, concept FROM entity"):
            assert reader.get(f"/entity/{type_}/{quote(concept)}").status_code == 200
            assert reader.get(f"/entity/{type_}/{quote(concept, safe='')}").status_code == 200


def test_colours_can_be_read() -> None:
    """WCAG AA on every background of text, light and dark."""
    css = (ROOT / "datasette" / "styles" / "site.css").read_text("utf-8")
    dark = css.index("@media (prefers-color-scheme: dark)")
    for part in (css[:dark], css[dark : css.index("box-sizing", dark)]):
        colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", part))
        for ground in ("paper", "card", "faint"):
            for ink in (
                "ink",
                "soft",
                "accent",
                "accent-strong",
                "disease",
                "cell_type",
                "institution",
                "journal",
                "warn",
            ):
                assert contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground)
            assert contrast(colours["bar"], colours[ground]) >= 3
        assert contrast(colours["ink"], colours["mark"]) >= 4.5
        assert contrast(colours["warn"], colours["warn-ground"]) >= 4.5


def contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)
