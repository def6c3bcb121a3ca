"""The four kinds of list, read from recordings; and how a crawl ends that does not end by itself."""

from __future__ import annotations

import gzip
import json
import multiprocessing
import os
import signal
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from core import clock
from core.config import Crawl, FeedRule, ListingRule, SitemapRule
from core.errors import StoreError
from core.records import Entry, Page
from core.store import new_run
from crawlers.fetch.collect import collect
from crawlers.fetch.page_plan import plan_pages
from crawlers.lists.apis import ApiError, clinicaltrials, pubmed
from crawlers.lists.listing import ListingError, parse_listing
from crawlers.lists.model import ListResult, ListTask
from crawlers.lists.read_list import ListError, read_list
from crawlers.lists.sitemap import SitemapError, parse_sitemap
from tests.nights import NightRunner, a_source, rss
from tests.wire import Reply, Wire

NOW = "2026-11-22T03:00:00Z"
BOARD = """
<table id="bo_list"><thead><tr><th>Subject</th></tr></thead><tbody>
<tr><td class="td_subject"><a href="./board.php?bo_table=qna&amp;wr_id=9&amp;page=1">Notice: closed on Monday</a></td>
    <td class="td_datetime">26-11-20</td></tr>
<tr><td class="td_subject"><a href="/bbs/board.php?bo_table=qna&amp;wr_id=8&amp;PHPSESSID=abc">Does it hurt?</a></td>
    <td class="td_datetime">2026.11.19</td></tr>
<tr><td class="td_subject"><a href="javascript:void(0)">Advertisement</a></td><td class="td_datetime">11:15</td></tr>
<tr><td class="td_subject"><a href="./board.php?wr_id=9&amp;bo_table=qna">again</a></td><td></td></tr>
<tr><td class="td_subject"><a href="./board.php?bo_table=qna&amp;wr_id=9&amp;page=2">Notice again</a></td></tr>
</tbody></table><a class="next" href="?bo_table=qna&amp;page=2">next</a>"""
RULE = ListingRule(
    url="https://c.example/bbs/board.php?bo_table=qna", item="#bo_list tbody tr", link=".td_subject a",
    date=".td_datetime", next="a.next", pages=3,
)  # fmt: skip


def listing(html: str, rule: ListingRule = RULE) -> ListResult:
    return parse_listing(html.encode(), rule=rule, url=rule.url, content_type="text/html; charset=utf-8", fetched=NOW)


def test_a_board_is_read() -> None:
    index = listing(BOARD)
    assert [(entry.title, entry.published, entry.url) for entry in index.entries][:2] == [
        ("Notice: closed on Monday", "2026-11-20", "https://c.example/bbs/board.php?bo_table=qna&wr_id=9"),
        ("Does it hurt?", "2026-11-19", "https://c.example/bbs/board.php?bo_table=qna&wr_id=8"),
    ]
    assert len(index.entries) == 3  # the advertisement leads nowhere, the repeated notice is one
    assert index.follow == ("https://c.example/bbs/board.php?bo_table=qna&page=2",)


def test_a_listing_that_changed_says_so() -> None:
    with pytest.raises(ListingError, match="nothing matches item"):
        listing("<p>We have a new site</p>")
    with pytest.raises(ListingError, match="no link in them"):
        listing("<table id=bo_list><tbody><tr><td>x</td></tr></tbody></table>")
    with pytest.raises(ListingError, match="selector"):
        listing(BOARD, RULE.model_copy(update={"item": "tr:::"}))
    with pytest.raises(ListingError, match="too large for a listing"):
        listing("x" * 3_000_000)


def test_rows_that_are_links_themselves() -> None:
    rule = ListingRule(url="https://c.example/", item="a.card", title="h3")
    index = listing('<a class=card href="/1"><h3>One</h3></a><a class=card href="/2"><h3>Two</h3></a>', rule)
    assert [(entry.url, entry.title) for entry in index.entries] == [
        ("https://c.example/1", "One"),
        ("https://c.example/2", "Two"),
    ]


@pytest.mark.parametrize(
    ("links", "names"),
    [
        (["/x;jsessionid=1?utm_source=r&id=3#top"], ["/x?id=3"]),
        (["/x?id=1&page=2", "/x?id=2&page=2"], ["/x?id=1", "/x?id=2"]),
        (["/?page=1", "/?page=2"], ["/?page=1", "/?page=2"]),
        (["/?page=news&id=3"], ["/?page=news&id=3"]),
        (["/n.php?sid=101", "/n.php?sid=102"], ["/n.php?sid=101", "/n.php?sid=102"]),
        (["/n.php?id=1&sid=0a1b2c3d4e5f60718293a4b5"], ["/n.php?id=1"]),
        (["/n/1?from=press", "/n/2?from=press"], ["/n/1", "/n/2"]),
        (["/list#a1", "/list#a2"], ["/list#a1", "/list#a2"]),
        (["/v?word=%C1%D9", "/v?word=%C1%DA&utm_source=a"], ["/v?word=%C1%D9", "/v?word=%C1%DA"]),
    ],
)
def test_a_row_is_named_by_what_tells_it_from_the_others(links: list[str], names: list[str]) -> None:
    rule = ListingRule(url="https://a.example/list", item="li", link="a")
    rows = "".join(f'<li><a href="{link}">Story {n}</a>' for n, link in enumerate(links))
    for head in ("", '<base href="https://b.example/">'):
        host = "https://b.example" if head else "https://a.example"
        assert [entry.native for entry in listing(head + rows, rule).entries] == [host + name for name in names]


def sitemap(body: bytes, include: str = ".", url: str = "https://s.example/sitemap.xml") -> ListResult:
    return parse_sitemap(body, rule=SitemapRule(url=url, include=include), url=url, fetched=NOW)


def test_sitemaps() -> None:
    urls = b"""<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
        xmlns:n="http://www.google.com/schemas/sitemap-news/0.9">
        <url><loc>https://s.example/news/1</loc><lastmod>2026-11-20</lastmod>
        <n:news><n:publication_date>2026-11-19T08:00:00Z</n:publication_date>
        <n:title>Cells &amp; more</n:title></n:news></url>
        <url><loc>/about</loc></url><url><loc>ftp://s.example/news/2</loc></url><url><loc></loc></url></urlset>"""
    (entry,) = sitemap(urls, "/news/").entries
    assert (entry.url, entry.title) == ("https://s.example/news/1", "Cells & more")
    assert (entry.published, entry.updated) == ("2026-11-19T08:00:00Z", "2026-11-20")
    parts = b"".join(
        b"<sitemap><loc>https://s.example/%d.xml</loc><lastmod>2026-01-%02d</lastmod></sitemap>" % (n, n)
        for n in range(1, 29)
    )
    index = sitemap(b"<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>%s</sitemapindex>" % parts)
    assert index.follow[0] == "https://s.example/28.xml"
    assert (len(index.follow), index.problems) == (20, ("8 older parts are not followed",))
    assert [entry.url for entry in sitemap(b"https://s.example/a\nhttps://s.example/b\n").entries] == [
        "https://s.example/a",
        "https://s.example/b",
    ]


@pytest.mark.parametrize("body", [b"", b"<html><body>404</body></html>", b"Not found", b"<"])
def test_what_is_no_sitemap(body: bytes) -> None:
    with pytest.raises(SitemapError):
        sitemap(body)


def task(body: bytes) -> ListTask:
    rule = FeedRule(url="https://f.example/feed")
    return ListTask(rule=rule, body=body, url=rule.url, content_type="application/gzip", fetched=NOW)


def test_lists_that_are_gzipped_at_rest() -> None:
    assert len(read_list(task(gzip.compress(rss(("1", "https://f.example/1", "One"))))).entries) == 1
    with pytest.raises(ListError, match="broken gzip"):
        read_list(task(b"\x1f\x8bbroken"))
    with pytest.raises(ListError, match="larger than"):
        read_list(task(gzip.compress(b"<rss>" + b" " * 20_000_000)))


RECORD = """<PubmedArticle><MedlineCitation><PMID Version="1">{pmid}</PMID><Article><Journal><ISSN>1234-5678</ISSN>
<JournalIssue><Volume>7</Volume><PubDate><Year>2026</Year><Month>Nov</Month></PubDate></JournalIssue>
<Title>Cells of Test</Title></Journal><ArticleTitle>On <i>stem</i> cells<sup>2</sup>.</ArticleTitle>
<ELocationID EIdType="doi" ValidYN="Y">10.5555/ABC.{pmid}</ELocationID>
<Abstract><AbstractText Label="METHODS">We <b>grew</b> them.</AbstractText>
<AbstractText>They grew.</AbstractText></Abstract>
<AuthorList><Author><LastName>Kim</LastName><ForeName>Ada</ForeName></Author><Author><CollectiveName>Group</CollectiveName>
</Author></AuthorList><Language>eng</Language><ArticleDate><Year>2026</Year><Month>11</Month><Day>3</Day></ArticleDate>
</Article></MedlineCitation><PubmedData><ArticleIdList><ArticleId IdType="pmc">PMC9900011</ArticleId></ArticleIdList>
<ReferenceList><Reference><ArticleIdList><ArticleId IdType="doi">10.5555/other</ArticleId></ArticleIdList></Reference>
</ReferenceList></PubmedData></PubmedArticle>"""


def test_pubmed_records() -> None:
    body = f"<PubmedArticleSet>{RECORD.format(pmid=99000001)}</PubmedArticleSet>".encode()
    (entry,) = pubmed.parse(body, url="https://e.example", fetched=NOW).entries
    assert entry.title == "On stem cells2."
    assert entry.summary == "Methods: We grew them.\n\nThey grew."
    assert entry.published == "2026-11-03"
    assert entry.authors == ("Ada Kim", "Group")
    assert entry.identifiers == {"pmid": ["99000001"], "doi": ["10.5555/abc.99000001"], "pmcid": ["PMC9900011"]}
    assert entry.extra["journal"] == "Cells of Test"


def test_pubmed_search_leads_to_records() -> None:
    (first,) = pubmed.requests('"stem cells"[MeSH]', date(2026, 11, 15), 250)
    assert "mindate=2026%2F11%2F15" in first
    assert pubmed.stable(first) == pubmed.stable(pubmed.requests('"stem cells"[MeSH]', date(2026, 11, 16), 250)[0])
    ids = "".join(f"<Id>{n}</Id>" for n in range(1, 251))
    body = f"<eSearchResult><Count>900</Count><IdList>{ids}</IdList></eSearchResult>".encode()
    index = pubmed.parse(body, url=first, fetched=NOW)
    assert index.follow == () and len(index.names) == 250
    assert len(pubmed.records(index.names)) == 3
    assert index.problems == ("900 records match, 250 are asked for (raise max)",)
    assert pubmed.parse(b"<eSearchResult><Count>0</Count><IdList/></eSearchResult>", url=first, fetched=NOW).names == ()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body>Service unavailable</body></html>",
        b"<eSearchResult><ERROR>Invalid db name</ERROR></eSearchResult>",
        b"<eSearchResult><Count>5</Count></eSearchResult>",
        b"<PubmedArticleSet><PubmedArticle><MedlineCitation/></PubmedArticle></PubmedArticleSet>",
        RECORD.encode()[:300],
        b'{"error": "API rate limit exceeded"}',
    ],
)
def test_pubmed_malformed_is_never_empty(body: bytes) -> None:
    with pytest.raises(ApiError):
        pubmed.parse(body, url="https://e.example", fetched=NOW)


STUDY = {
    "protocolSection": {
        "identificationModule": {
            "nctId": "NCT09000001", "briefTitle": "Cells for knees",
            "secondaryIdInfos": [{"id": "2026-001234-12", "type": "EUDRACT_NUMBER"}],
        },
        "statusModule": {
            "overallStatus": "RECRUITING",
            "studyFirstPostDateStruct": {"date": "2026-10-01"},
            "lastUpdatePostDateStruct": {"date": "2026-11-20"},
        },
        "descriptionModule": {"briefSummary": "Forty people.\r\n\r\nTwo groups."},
        "designModule": {"phases": ["PHASE1", "PHASE2"], "enrollmentInfo": {"count": 40}},
        "contactsLocationsModule": {"locations": [{"country": "Japan"}, {"country": "Japan"}, {}]},
    }
}  # fmt: skip


def test_trials() -> None:
    (first,) = clinicaltrials.requests("stem cells", date(2026, 11, 15), 500)
    body = json.dumps({"studies": [STUDY], "nextPageToken": "abc"}).encode()
    index = clinicaltrials.parse(body, url=first, fetched=NOW)
    (entry,) = index.entries
    assert entry.identifiers == {"nct": ["NCT09000001"], "eudract": ["2026-001234-12"]}
    assert (entry.published, entry.updated) == ("2026-10-01", "2026-11-20")
    assert entry.extra["phase"] == ["PHASE1", "PHASE2"]
    assert entry.extra["countries"] == ["Japan"]
    assert entry.extra["enrolment"] == 40
    assert index.follow[0].startswith(first) and index.follow[0].endswith("pageToken=abc")


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"{}", b'{"studies": null}', b'{"studies": [{}]}', b'{"studies": [1]}', b"[1"]
)
def test_trials_malformed_is_never_empty(body: bytes) -> None:
    with pytest.raises(ApiError):
        clinicaltrials.parse(body, url="https://c.example", fetched=NOW)


def an_entry(number: int, day: int = 1) -> Entry:
    return Entry(
        id=f"s:{number}", source="s", native=str(number), url=f"https://s.example/{number}", title="", summary="",
        published=f"2026-11-{day:02d}", published_raw=None, authors=(), identifiers={}, extra={}, hash="", capture="",
        first_seen=NOW,
    )  # fmt: skip


def a_page(number: int, first: str, last: str, **more: object) -> Page:
    plain = {"capture": "c", "fetched": first, "state": "held", "gone_nights": 0} | more
    return Page(entry=f"s:{number}", url="", first_visit=first, last_visit=last, **plain)  # type: ignore[arg-type]


def test_which_pages_are_due() -> None:
    crawl = Crawl(contact="mailto:a@b.example", max_pages=3)
    pages = {
        page.entry: page
        for page in (
            a_page(2, "2026-11-21T03:00:00Z", "2026-11-21T03:00:00Z"),  # a day old: due
            a_page(3, "2026-11-18T03:00:00Z", "2026-11-20T03:00:00Z"),  # two days between, two days since: due
            a_page(4, "2026-11-10T03:00:00Z", "2026-11-20T03:00:00Z"),  # ten days between, two since: not due
            a_page(5, "2026-11-10T03:00:00Z", "2026-11-20T03:00:00Z"),  # the same, but its entry changed: due
            a_page(6, "2026-11-10T03:00:00Z", "2026-11-21T03:00:00Z", gone_nights=1),  # on its way out: due
            a_page(7, "2025-10-10T03:00:00Z", "2025-11-20T03:00:00Z"),  # more than a year old: never again
            a_page(8, "2026-11-22T02:00:00Z", "2026-11-22T02:00:00Z"),  # an hour ago: not due
        )
    }
    plan = plan_pages([an_entry(n, day=n) for n in range(1, 9)], frozenset({"s:5"}), pages, crawl, clock.parse(NOW))
    assert [entry.native for entry, _ in plan.due] == ["1", "6", "5"]  # new ones first, then the newest
    assert plan.waiting == 2


def test_a_listing_on_the_wire_is_paged(wire: Wire, runner: NightRunner) -> None:
    for number in (1, 2, 3):
        follow = f'<a class="next" href="/list?page={number + 1}">next</a>'
        row = f'<ul><li><a href="/p/{number}">Row {number}</a></li></ul>{follow}'
        wire.route(
            "/list" if number == 1 else f"/list?page={number}", Reply(200, row.encode(), {"content-type": "text/html"})
        )
        wire.route(f"/p/{number}", Reply(200, b"<p>page</p>", {"content-type": "text/html"}))
    runner.night([a_source("board", listing=[{"url": wire.url("/list"), "item": "li", "next": "a.next", "pages": 2}])])
    assert sorted(wire.paths()) == ["/list", "/list?page=2", "/p/1", "/p/2"]


def test_the_rest_waits_for_the_next_night(wire: Wire, runner: NightRunner) -> None:
    runner.crawl = {"max_pages": 2}
    wire.route(
        "/feed", Reply(200, rss(*((str(n), wire.url(f"/{n}"), str(n)) for n in range(5))), {"content-type": "text/xml"})
    )
    source = a_source("many", feed=wire.url("/feed"))
    reports = [runner.night([source]).report for _ in range(3)]
    assert [(report.seen, report.skipped) for report in reports] == [(6, 3), (6, 3), (6, 3)]
    assert len({path for path in wire.paths() if path != "/feed"}) == 5


def test_the_night_ends_when_its_time_is_over(wire: Wire, runner: NightRunner) -> None:
    """A source whose list was not read has failed; pages for which there was no time only wait."""
    runner.crawl = {"max_seconds": 15.0, "timeout": 60.0}
    for name, host in (("fast", "127.0.0.1"), ("pages", "127.0.0.3")):
        item = ("1", wire.url(f"/{name}/1", host), name)
        wire.route(f"/{name}", Reply(200, rss(item), {"content-type": "text/xml"}))
    wire.route("/slow", Reply(200, b"", delay=30))
    wire.route("/pages/1", Reply(200, b"", delay=30))
    night = runner.night(
        [
            a_source("fast", feed=wire.url("/fast")),
            a_source("slow", feed=wire.url("/slow", "127.0.0.2")),
            a_source("pages", feed=wire.url("/pages", "127.0.0.3")),
        ]
    )
    assert night.failed.keys() == {"slow"}
    assert "max_seconds" in night.failed["slow"]
    assert "1 of 2 requests were not made" in runner.issues("pages")["unfinished"]
    assert len(runner.rows("SELECT 1 FROM entry")) == 2
    report = night.report
    assert (report.seen, report.done, report.skipped, report.failed) == (5, 2, 1, 2)
    assert not multiprocessing.active_children()


def test_a_crawl_that_is_killed_names_what_was_not_finished(wire: Wire, runner: NightRunner) -> None:
    runner.crawl = {"timeout": 60.0}
    wire.route("/fast", Reply(200, rss(), {"content-type": "text/xml"}))
    wire.route("/slow", Reply(200, b"", delay=20))

    def kill() -> None:
        _wait(lambda: {"/fast", "/slow"} <= set(wire.paths()))
        time.sleep(0.5)
        for child in multiprocessing.active_children():
            child.kill()

    killer = threading.Thread(target=kill)
    killer.start()
    night = runner.night(
        [
            a_source("fast", feed=wire.url("/fast"), page={"fetch": False}),
            a_source("slow", feed=wire.url("/slow", "127.0.0.2")),
        ]
    )
    killer.join()
    assert "the crawl crashed (exit code -9)" in night.failed["slow"]
    assert "crashed" in runner.issues("slow")["unfinished"]


@pytest.mark.parametrize("fault", ["the disk is full", "another process holds the database"])
def test_what_cannot_be_saved_ends_the_crawl_and_loses_nothing(wire: Wire, runner: NightRunner, fault: str) -> None:
    """In the middle of the night: the databases refuse once the first answers come in."""
    wire.route("/feed", Reply(200, rss(("1", wire.url("/1"), "One")), {"content-type": "text/xml"}))
    source = a_source("a", feed=wire.url("/feed"))
    runner.night([source])
    before = runner.contents()
    wire.route("/1", Reply(200, os.urandom(200_000), {"content-type": "text/html"}))
    runner.monkeypatch.setenv("STEMWIRE_NOW", "2026-11-23T03:00:00Z")
    with runner.stores() as (work, raw), closing(sqlite3.connect(raw.path)) as other:
        run = new_run(work, "collect")
        raw.connection.execute("PRAGMA busy_timeout = 100")
        if "disk" in fault:
            pages = raw.value("PRAGMA page_count")
            raw.connection.execute(f"PRAGMA max_page_count = {pages + 1}")
        else:
            other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match=fault):
            collect(runner.config(), work, raw, run, [source])
    assert not multiprocessing.active_children()
    assert runner.contents()["entries"] == before["entries"]
    assert not runner.night([source]).failed
    assert runner.visits("a", "page")[-1] == ("/1", "fetched", 200)


def test_a_list_that_keeps_its_reader_busy_is_put_aside(wire: Wire, runner: NightRunner) -> None:
    """One tag with a great many attributes takes lxml minutes. Its reader is killed, the next list gets another."""
    runner.extract = {"cpu": 3}
    heavy = b"<p %s>" % b" ".join(b"a%d=1" % number for number in range(180_000))
    wire.route("/heavy", Reply(200, heavy, {"content-type": "text/html"}))
    wire.route("/light", Reply(200, rss(("1", wire.url("/1"), "One")), {"content-type": "text/xml"}), Reply(404))
    sources = [
        a_source("heavy", listing=[{"url": wire.url("/heavy"), "item": "li"}]),
        a_source("light", feed=wire.url("/light"), page={"fetch": False}),
    ]
    night = runner.night(sources)
    assert night.failed.keys() == {"heavy"}
    assert "not read: the parser took more than 3 s of CPU" in night.failed["heavy"]
    assert runner.rows("SELECT source FROM entry") == [{"source": "light"}]
    assert "feed_broken" in runner.issues("heavy")


def _a_night_to_be_killed(folder: str, feed: str, told: object) -> None:
    os.setpgid(0, 0)
    with pytest.MonkeyPatch.context() as patch:
        runner = NightRunner(Path(folder), patch, crawl={"timeout": 60.0})
        runner.night([a_source("slow", feed=feed)])


def test_the_crawl_ends_with_its_parent(wire: Wire, tmp_path: Path) -> None:
    """kill -9 of the night: the crawling child and the child that reads lists go too."""
    wire.route("/slow", Reply(200, b"", delay=30))
    context = multiprocessing.get_context("spawn")
    night = context.Process(target=_a_night_to_be_killed, args=(str(tmp_path / "d"), wire.url("/slow"), None))
    night.start()
    _wait(lambda: "/slow" in wire.paths())
    family = _descendants(night.pid or 0)
    assert family
    os.kill(night.pid or 0, signal.SIGKILL)
    night.join()
    _wait(lambda: not any(Path(f"/proc/{pid}").exists() for pid in family))


def _wait(done: Callable[[], bool]) -> None:
    for _ in range(3000):
        if done():
            return
        time.sleep(0.1)
    raise AssertionError("waited for five minutes")


def _descendants(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += [int(child), *_descendants(int(child))]
    return found
