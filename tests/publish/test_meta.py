"""What the head of a page says to programs: address, description, Open Graph, `citation_*`, JSON-LD.

`REQUIRED` lists the fields that the documented rules of schema.org, Open Graph and Google Scholar ask for.
"""

from __future__ import annotations

import html.parser
import json
import re
import shutil
import sqlite3
from contextlib import closing
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from markupsafe import Markup

from publish.pages.cite import Name
from publish.pages.meta import describe, find_tags, page_data, shorten, write_json
from publish.pages.serve import list_pages
from tests.publish.reader import Newsroom, Reader
from tests.publish.test_cite import make

SITE = "https://desk.example"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
REQUIRED = {  # type -> the fields that must be there and must not be empty
    "NewsArticle": ("headline", "name", "publisher"),
    "Article": ("headline", "name", "publisher"),
    "ScholarlyArticle": ("headline", "name"),
    "MedicalTrial": ("name",),
    "WebPage": ("name", "url"),
    "CollectionPage": ("name", "url"),
    "SearchResultsPage": ("name", "url"),
    "ItemList": ("itemListElement",),
    "ListItem": ("position", "url"),
    "Person": ("name",),
    "Organization": ("name",),
    "Periodical": ("name",),
    "WebSite": ("url",),
    "CreativeWork": ("identifier",),
}
OF_KIND = {
    "news": "NewsArticle", "release": "NewsArticle", "explainer": "Article", "clinic": "WebPage",
    "paper": "ScholarlyArticle", "preprint": "ScholarlyArticle", "trial": "MedicalTrial",
}  # fmt: skip
OPEN_GRAPH = ("og:title", "og:type", "og:url", "og:site_name", "og:description")
DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")


class Head(html.parser.HTMLParser):
    """The head of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.meta: list[tuple[str, str]] = []
        self.links: list[dict[str, str | None]] = []
        self.data: list[Any] = []
        self._in = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "meta" and (name := found.get("name") or found.get("property")):
            self.meta.append((name, found["content"] or ""))
        if tag == "link":
            self.links.append(found)
        self._in = tag == "script" and found.get("type") == "application/ld+json"

    def handle_data(self, data: str) -> None:
        if self._in:
            self.data.append(json.loads(data))
            self._in = False

    def one(self, name: str) -> str:
        [value] = [value for given, value in self.meta if given == name]
        return value

    @property
    def canonical(self) -> str:
        [link] = [link for link in self.links if link.get("rel") == "canonical"]
        return link["href"] or ""


def faults(data: object, where: str = "") -> list[str]:
    """What the rules ask for and JSON-LD lacks, at any depth."""
    if isinstance(data, list):
        return [fault for one in data for fault in faults(one, where)]
    if not isinstance(data, dict):
        return []
    type_ = str(data.get("@type", ""))
    found = [] if type_ in REQUIRED else [f"{where}: unknown type {type_!r}"]
    found += [f"{where}{type_}: no {name}" for name in REQUIRED.get(type_, ()) if not data.get(name)]
    found += [f"{where}{type_}: {name} is empty" for name, value in data.items() if value in ("", [], {}, None)]
    for name in ("url", "@id", "sameAs"):
        values = data.get(name, [])
        for value in [values] if isinstance(values, str) else values:
            if urlsplit(value).scheme not in ("http", "https"):
                found.append(f"{where}{type_}: {name} is no address: {value}")
    if "datePublished" in data and not DATE.fullmatch(data["datePublished"]):
        found.append(f"{where}{type_}: datePublished {data['datePublished']}")
    return found + [fault for name, value in data.items() for fault in faults(value, f"{where}{type_}.{name}.")]


def heads(reader: Reader, newsroom: Newsroom) -> list[tuple[str, Head]]:
    """Every page of ours, at its samples."""
    found = []
    for sample in list_pages(newsroom[1]):
        if sample.status == 200 and not sample.address.startswith(("/stemwire", "/-/")):
            answer = reader.get(sample.address)
            if answer.headers["content-type"].startswith("text/html"):
                found.append((sample.address, Head(answer.text)))
    return found


def test_every_page_says_what_it_is(reader: Reader, newsroom: Newsroom) -> None:
    told = heads(reader, newsroom)
    assert len(told) > 60
    for address, head in told:
        for name in (*OPEN_GRAPH, "description"):
            assert head.one(name), (address, name)
        assert head.one("og:url") == head.canonical
        assert head.canonical.startswith(f"{SITE}/"), address
        [data] = head.data
        assert data["@context"] == "https://schema.org"
        assert faults(data) == [], address
        assert data["url"] == head.canonical
        if "?" not in address:
            assert head.canonical == SITE + address
        ours = head.canonical.removeprefix(SITE)
        assert reader.get(ours).status_code == 200, ours


def test_parameters_that_make_no_other_page_are_not_canonical(reader: Reader) -> None:
    assert Head(reader.get("/stories?utm_source=x&page=2").text).canonical == f"{SITE}/stories?page=2"
    assert Head(reader.get("/search?q=stem&sort=best&utm_source=x").text).canonical == f"{SITE}/search?q=stem"
    assert Head(reader.get("/sources?page=1").text).canonical == f"{SITE}/sources"


def test_each_kind_of_document_is_told_as_what_it_is(reader: Reader, newsroom: Newsroom) -> None:
    with closing(sqlite3.connect(newsroom[1])) as edition:
        rows = edition.execute("SELECT kind, slug || '-' || \"key\", title, licence, url FROM document").fetchall()
    met = set()
    for kind, name, title, licence, url in rows:
        text = reader.get(f"/document/{quote(name)}").text
        head = Head(text)
        [data] = head.data
        work = data["mainEntity"]
        met.add(kind)
        assert work["@type"] == OF_KIND[kind]
        assert work["name"] == title
        assert work.get("url", "") == url
        assert head.one("og:title").startswith(title.strip())
        tags = [name for name, _ in head.meta if name.startswith("citation_")]
        assert bool(tags) == (kind in ("paper", "preprint"))
        if tags:
            assert head.one("citation_title") == title
            assert ("citation_journal_title" in tags) == (kind == "paper")
        if licence == "headline-and-link":
            assert "marigold" not in text and "abstract" not in work
    assert {"news", "release", "paper", "preprint", "trial", "clinic"} <= met


def test_the_tags_that_zotero_reads() -> None:
    paper = make(authors=(Name("van Beethoven", "Ludwig"), Name("ALS Consortium")))
    assert list(find_tags(paper)) == [
        ("citation_title", "Cells mend nerves"),
        ("citation_author", "van Beethoven, Ludwig"),
        ("citation_author", "ALS Consortium"),
        ("citation_publication_date", "2026/11/22"),
        ("citation_journal_title", "Cell Fates & Repair"),
        ("citation_issn", "1234-5679"),
        ("citation_doi", "10.5555/a_b%c"),
        ("citation_pmid", "39990008"),
        ("citation_language", "en"),
        ("citation_public_url", "https://x.example/a_b?c=1&d=2"),
    ]
    assert dict(find_tags(make(kind="preprint", journal="")))["citation_publisher"] == "PubMed"


def test_nothing_is_said_that_is_not_known() -> None:
    bare = make(kind="news", authors=(), journal="", published="", doi="", pmid="", issn="", lang="", link="")
    assert describe(bare) == {
        "@type": "NewsArticle",
        "name": "Cells mend nerves",
        "headline": "Cells mend nerves",
        "publisher": {"@type": "Organization", "name": "PubMed"},
    }
    trial = describe(make(kind="trial", journal="", registry="NCT05550001", doi="", pmid=""), status="recruiting")
    assert trial["status"] == "https://schema.org/Recruiting"
    assert "author" not in trial and trial["identifier"] == ["NCT05550001"]
    assert "status" not in describe(make(kind="trial"), status="a new word of the registry")
    works = describe(make(kind="news"), cites=["doi:10.5555/x", ""])["citation"]
    assert works == [{"@type": "CreativeWork", "identifier": "doi:10.5555/x", "url": "https://doi.org/10.5555/x"}]


@pytest.mark.parametrize("text", ["</script><b>", "<!-- <script>", "&amp;", "a\u2028b", "]]>"])
def test_data_cannot_end_its_element(text: str) -> None:
    written = str(write_json({"name": text}))
    assert not re.search("[<>&\u2028\u2029]", written)
    assert json.loads(written) == {"name": text}


def test_a_missing_field_is_found() -> None:
    assert faults({"@type": "NewsArticle", "name": "x", "url": "https://x.example"})
    assert faults({"@type": "Person"}) and faults({"@type": "Nonsense"}) and faults({"@type": "WebSite", "url": "x"})
    data = page_data("WebPage", Markup("a &amp; b"), Markup("c"), f"{SITE}/", SITE)
    assert data["name"] == "a & b" and faults(data) == []


def test_descriptions_are_cut_between_words() -> None:
    assert shorten("one two three", 8) == "one two…"
    assert shorten("x" * 30, 8) == "x" * 8 + "…"
    assert shorten("short") == "short"


def test_a_browser_finds_nothing_against_the_policy(reader: Reader, newsroom: Newsroom) -> None:
    """JSON-LD is in a script element, and the policy allows no script: a real browser must not complain."""
    sync_api = pytest.importorskip("playwright.sync_api")
    if not CHROMIUM:
        pytest.skip("there is no chromium")
    answers = {address: reader.get(address) for address, head in heads(reader, newsroom)[:60:6] if head.data}
    bodies = {address: answer.text for address, answer in answers.items()}
    bodies["/seeded"] = '<title>x</title><script>console.log("ran")</script>'
    policy = next(iter(answers.values())).headers["content-security-policy"]
    said: list[str] = []

    def serve(route: Any) -> None:  # noqa: ANN401 - playwright's
        body = bodies.get(route.request.url.removeprefix(SITE))
        kind = "text/css" if body is None else "text/html; charset=utf-8"
        headers = {"content-type": kind, "content-security-policy": policy}
        route.fulfill(status=200, body=body or "", headers=headers)

    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.route("**/*", serve)
        for address in answers:
            page.goto(f"{SITE}{address}", wait_until="domcontentloaded")
            assert not said, address
        page.goto(f"{SITE}/seeded", wait_until="domcontentloaded")
        page.wait_for_timeout(200)
        browser.close()
    assert any("Content Security Policy" in one for one in said)  # an ordinary script is refused
    assert "ran" not in said
