"""Feeds of a collection of thousands of documents, of which 48 came in tonight with dates of long ago.

The feeds are judged by feedparser, by the rules of RFC 4287 and RFC 5005, and by the required fields of JSON Feed 1.1.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import feedparser
import pytest

from core.records import Document, Run, Source, Version
from core.store import open_store
from publish.edition.build import key_of
from publish.pages import arrivals
from publish.stage import publish
from tests.publish.conftest import fill, make_config
from tests.publish.reader import Reader

ATOM = "{http://www.w3.org/2005/Atom}"
CROWD, TONIGHT = 3000, 48
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
COMMON, RARE = "grafts", "quokka"  # in every document of the crowd; in every tenth


def late_id(number: int) -> str:
    return f"https://crowd.example/late/{number}"


def make_crowd(source: Source) -> Iterator[Document]:
    """Old documents that came in over two months, and the finds of tonight."""
    for number in range(CROWD + TONIGHT):
        late = number >= CROWD
        month, day = divmod(number % 50, 25)
        ident = late_id(number - CROWD) if late else f"https://crowd.example/{number}"
        seen = f"2026-11-22T04:{number % 60:02}:00Z" if late else f"2026-{9 + month:02}-{1 + day:02}T05:10:00Z"
        rare = f" The {RARE} was there." if number % 10 == 0 else ""
        yield Document(
            id=ident, entry=f"{source.id}:{ident}", source=source.id, kind="news", url=ident,
            title=f"Report {number} on {COMMON}", text=f"A text on {COMMON}, number {number}.{rare}", summary="",
            authors=(), lang="en", published=f"202{4 + number % 2}-0{1 + number % 9}-11" if late else seen[:10],
            published_from="meta", dates=(), identifiers={}, links=(), extra={}, licence=source.licence,
            translated=None, state="current", capture="c", first_seen=seen, hash=str(number),
        )  # fmt: skip


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """The site over the newsroom and the crowd. One document of September was replaced tonight."""
    made = make_config(tmp_path_factory.mktemp("crowd"))
    with pytest.MonkeyPatch.context() as patch, open_store(made.data("work.db"), "work") as work:
        patch.setenv("STEMWIRE_NOW", "2026-11-22T05:00:00Z")
        fill(work)
        source = replace(work.load(Source)[0], id="crowd", name="The Crowd", kind="news", licence="full")
        with work.writing():
            work.save(source, *make_crowd(source), Run(id="n", command="nightly", started="2026-11-22T03:50:00Z"))
            work.save(
                Version(document="https://crowd.example/0", hash="old", title="Report", text="Old.", published=None,
                        capture="c", replaced="2026-11-22T04:55:00Z"),
            )  # fmt: skip
        publish(made, work)
    reader = Reader(made)
    yield reader
    reader.close()


def read_pages(reader: Reader, address: str) -> list[feedparser.FeedParserDict]:
    """All pages of a feed, by its links `next`."""
    pages = []
    while address:
        answer = reader.get(address)
        assert answer.status_code == 200, address
        found = feedparser.parse(answer.content)
        assert not found.bozo, found.get("bozo_exception")
        pages.append(found)
        address = next((path_of(link.href) for link in found.feed.links if link.rel == "next"), "")
        assert len(pages) < 120
    return pages


def path_of(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def tonight(reader: Reader) -> set[str]:
    return {f"tag:desk.example,2026:document/{key_of(late_id(number))}" for number in range(TONIGHT)}


@pytest.mark.parametrize("known", [100_000, 500], ids=["hits put in order at once", "night by night"])
@pytest.mark.parametrize("query", ["", f"?q={COMMON}", "?source=crowd", "?night=tonight"])
def test_what_came_in_tonight_stands_first_whenever_it_was_published(
    crowd: Reader, monkeypatch: pytest.MonkeyPatch, query: str, known: int
) -> None:
    monkeypatch.setattr(arrivals, "KNOWN", known)
    wanted = tonight(crowd)
    sign = "&" if query else "?"
    pages = [crowd.get(f"/search.atom{query}{sign}page={number}").content for number in (1, 2)]
    entries = [one for page in pages for one in feedparser.parse(page).entries]
    places = [place for place, one in enumerate(entries) if one.id in wanted]
    print(f"/search.atom{query}: {len(places)} of {TONIGHT} that came in tonight, the last at place {places[-1] + 1}")
    assert len(places) == TONIGHT
    of_newsroom = 12  # of its documents came in, or became known to be retracted, on the same night
    assert places[-1] < TONIGHT + of_newsroom
    assert all(entries[place].published < "2026" for place in places)


def test_a_night_lists_all_that_came_in(crowd: Reader) -> None:
    page = crowd.get("/night/2026-11-22").text
    shown = {number for number in range(TONIGHT) if key_of(late_id(number)) in page}
    print(f"/night/2026-11-22: {len(shown)} of {TONIGHT}")
    assert len(shown) == TONIGHT
    feed = [one.id for found in read_pages(crowd, "/night/2026-11-22.atom") for one in found.entries]
    assert tonight(crowd) <= set(feed)
    assert len(feed) == len(set(feed))
    counted = re.search(r"\b([\d,]+) new\b", crowd.get("/").text)  # the line of the night, in the head
    assert counted is not None
    listed = crowd.get("/search?night=tonight").text
    assert f"{counted[1]} documents" in listed


def test_a_search_gives_the_same_feed_in_both_ways(crowd: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = {}
    for known in (100_000, 500):
        monkeypatch.setattr(arrivals, "KNOWN", known)
        for number in (1, 2, 5):
            found = feedparser.parse(crowd.get(f"/search.atom?q={COMMON}&page={number}").content)
            pages[known, number] = [one.id for one in found.entries]
            assert len(pages[known, number]) == 50
    for number in (1, 2, 5):
        assert pages[100_000, number] == pages[500, number]


def test_pages_of_a_feed_hold_every_entry_once(crowd: Reader) -> None:
    pages = read_pages(crowd, f"/search.atom?q={RARE}")
    ids = [one.id for found in pages for one in found.entries]
    assert len(ids) == len(set(ids)) == (CROWD + TONIGHT + 9) // 10
    links = [{link.rel: path_of(link.href) for link in found.feed.links} for found in pages]
    assert "previous" not in links[0]
    assert "next" not in links[-1]
    for number, page in enumerate(links):
        assert page["first"] == links[0]["self"]
        assert page["last"] == links[-1]["self"]
        assert page.get("previous") == (links[number - 1]["self"] if number else None)
    assert len({found.feed.id for found in pages}) == 1  # the pages of one feed


def test_an_entry_is_marked_as_changed_when_its_text_was_replaced(crowd: Reader) -> None:
    entries = feedparser.parse(crowd.get("/search.atom?q=%22number+0%22").content).entries
    [entry] = [one for one in entries if one.id.endswith(key_of("https://crowd.example/0"))]
    assert entry.updated == "2026-11-22T04:55:00Z"
    assert entry.published == "2026-09-01T00:00:00Z"


FEEDS = (
    "/search", "/search?q=stem+cells", "/search?q=nothing-has-this", "/search?status=retracted", "/nights",
    "/night/2026-11-22", "/entity/disease/MONDO:0005147", "STORY", "/stemwire/told_by_outlets?outlets=2",
    "/stemwire/trials_stopped", "/stemwire/only_in_animals",
)  # fmt: skip


def find_address(reader: Reader, page: str, suffix: str) -> str:
    if page == "STORY":
        file = reader.site.get_database("stemwire").file.path
        with closing(sqlite3.connect(file)) as edition:
            [page] = edition.execute(
                """SELECT '/story/' || slug || '-' || "key" FROM story ORDER BY documents DESC LIMIT 1"""
            ).fetchone()
    path, mark, query = page.partition("?")
    return f"{path}.{suffix}{mark}{query}"


@pytest.mark.parametrize("page", FEEDS)
def test_atom_is_as_rfc_4287_says(crowd: Reader, page: str) -> None:
    address = find_address(crowd, page, "atom")
    answer = crowd.get(address)
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    found = feedparser.parse(answer.content)
    assert not found.bozo
    assert found.version == "atom10"
    feed = ElementTree.fromstring(answer.text)
    check_item(feed, "feed")
    assert feed.find(f"{ATOM}author/{ATOM}name") is not None
    rels = [link.get("rel") for link in feed.findall(f"{ATOM}link")]
    assert len(rels) == len(set(rels))
    at = {str(link.get("rel")): str(link.get("href")) for link in feed.findall(f"{ATOM}link")}
    assert at["self"] == f"https://desk.example{address}"
    assert crowd.get(path_of(at["alternate"])).status_code == 200
    entries = feed.findall(f"{ATOM}entry")
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert len(ids) == len(set(ids))
    for entry in entries:
        check_item(entry, "entry")
        alternates = [link for link in entry.findall(f"{ATOM}link") if link.get("rel") == "alternate"]
        assert len(alternates) == 1
    assert str(feed.findtext(f"{ATOM}updated")) >= max(
        (str(entry.findtext(f"{ATOM}updated")) for entry in entries), default=""
    )


def check_item(item: ElementTree.Element, what: str) -> None:
    """What every feed and entry must have exactly once, and in its form."""
    for name in ("id", "title", "updated"):
        assert len(item.findall(f"{ATOM}{name}")) == 1, f"{what}: {name}"
    assert re.fullmatch(r"tag:desk\.example,2026:[\w./:?=&%+'()~-]+", str(item.findtext(f"{ATOM}id")))
    assert STAMP.fullmatch(str(item.findtext(f"{ATOM}updated")))
    published = item.findtext(f"{ATOM}published")
    assert published is None or STAMP.fullmatch(published)
    for category in item.findall(f"{ATOM}category"):
        assert category.get("term")


@pytest.mark.parametrize("page", FEEDS)
def test_json_is_as_json_feed_says(crowd: Reader, page: str) -> None:
    address = find_address(crowd, page, "jsonfeed")
    answer = crowd.get(address)
    assert answer.headers["content-type"] == "application/feed+json; charset=utf-8"
    found: dict[str, Any] = json.loads(answer.text)
    assert found["version"] == "https://jsonfeed.org/version/1.1"
    assert isinstance(found["title"], str)
    assert found["feed_url"] == f"https://desk.example{address}"
    assert all(set(author) <= {"name", "url", "avatar"} for author in found["authors"])
    ids = [item["id"] for item in found["items"]]
    assert len(ids) == len(set(ids))
    for item in found["items"]:
        assert isinstance(item["id"], str)
        assert item["content_text"]
        assert STAMP.fullmatch(item["date_modified"])
        assert STAMP.fullmatch(item.get("date_published", item["date_modified"]))
        assert all(isinstance(tag, str) for tag in item["tags"])
    atom = feedparser.parse(crowd.get(find_address(crowd, page, "atom")).content)
    assert [one.id for one in atom.entries] == ids
    following = next((link.href for link in atom.feed.links if link.rel == "next"), None)
    assert found.get("next_url") == (following and following.replace(".atom", ".jsonfeed"))


def test_the_opml_leads_to_feeds(crowd: Reader) -> None:
    root = ElementTree.fromstring(crowd.get("/feeds.opml").text)
    assert (root.tag, root.get("version")) == ("opml", "2.0")
    assert [child.tag for child in root] == ["head", "body"]
    outlines = root.findall("body/outline/outline")
    assert len(outlines) > 30
    for outline in outlines:
        assert (outline.get("type"), bool(outline.get("text"))) == ("rss", True)
        answer = crowd.get(path_of(str(outline.get("xmlUrl"))))
        assert answer.headers["content-type"].startswith("application/atom+xml"), outline.attrib
    names = {outline.get("text") for outline in outlines}
    assert {"Everything", "Nights", "The Crowd", "Paper retracted", "Papers told by three outlets or more"} <= names


def test_a_feed_that_is_not_there(crowd: Reader) -> None:
    for address in ("/story/none-000000000000.atom", "/entity/disease/none.jsonfeed", "/night/1900-01-01.atom"):
        assert crowd.get(address).status_code == 404
    assert crowd.get("/search.jsonfeed?q=country%3AKorea+contry%3AX").status_code == 400
    assert crowd.get("/stemwire.atom?sql=select+1+as+a").status_code == 400


def test_a_question_of_a_reader_has_a_feed(crowd: Reader) -> None:
    sql = (
        "select title, here('/document/' || slug || '-' || \"key\") as page, changed from document order by id limit 3"
    )
    found = feedparser.parse(crowd.get(f"/stemwire.atom?sql={sql.replace(' ', '+')}").content)
    assert not found.bozo
    assert len(found.entries) == 3
    for entry in found.entries:
        assert crowd.get(path_of(entry.link)).status_code == 200
