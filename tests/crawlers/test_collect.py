"""Four nights over a real HTTP server: everything that goes wrong on a wire, each ending as one clear outcome.

The nights are run once for the file; each test looks at one thing. Only 127.0.0.0/8 is ever dialled.
"""

from __future__ import annotations

import gzip
import socket
from collections.abc import Iterator

import brotli
import pytest

from core.config import SourceFile
from core.records import Json
from crawlers.fetch.collect import Collected
from tests.nights import NightRunner, a_source, rss
from tests.wire import Reply, Wire

XML = {"content-type": "text/xml"}
GZIP = XML | {"content-encoding": "gzip"}
BROTLI = XML | {"content-encoding": "br"}
HTML = {"content-type": "text/html; charset=utf-8"}
PAGE = Reply(200, b"<html><title>A page</title><p>Some words.</p></html>", HTML)
BOMB = b"<rss>" + b" " * 3_000_000


ODD = [  # links that are invalid, or lead nowhere; none asks for a name beyond this machine
    "http://127.0.0.1:99999/", "http://127.0.0.1:0/", "http://[::1", "http://[v1.x]/", "http://", "http:///x", "gopher://x/",
    f"http://{'a' * 300}/", "mailto:a@b.example", "javascript:alert(1)", "//127.0.0.1:bad/", "http://me:secret@127.0.0.9:1/",
]  # fmt: skip


class World:
    """What the four nights were, and what they left."""

    def __init__(self, runner: NightRunner, wire: Wire, sources: list[SourceFile]) -> None:
        self.runner, self.wire, self.sources = runner, wire, sources
        self.nights: list[Collected] = []
        self.paths: list[list[str]] = []  # what the server was asked for, night by night, robots.txt left out
        self.hosts: list[set[str]] = []
        self.contents: list[dict[str, list[Json]]] = []

    def night(self, at: str) -> None:
        self.wire.forget()
        self.nights.append(self.runner.night(self.sources, at=at))
        self.paths.append(self.wire.paths())
        self.hosts.append({seen.host for seen in self.wire.seen})
        self.contents.append(self.runner.contents())

    def failed(self, source: str, night: int = 0) -> str:
        return self.nights[night].failed[source]


def _closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def world(module_wire: Wire, module_runner: NightRunner) -> Iterator[World]:
    wire, runner = module_wire, module_runner
    runner.crawl = {"timeout": 1.5, "max_size": 1_000_000}
    url, sources = wire.url, []

    def source(ident: str, body: bytes | None = None, *, host: str = "127.0.0.1", **more: object) -> None:
        path = f"/{ident}/feed"
        if body is not None:
            wire.route(path, Reply(200, body, XML))
        sources.append(a_source(ident, feed=url(path, host), **more))

    source("plain")
    two = rss(("1", url("/plain/1"), "One"), ("2", url("/plain/2"), "Two"))
    wire.route("/plain/feed", Reply(200, two, XML, etag='"a"'))
    wire.route("/plain/1", Reply(200, PAGE.body, HTML, etag='"p"'))
    wire.route("/plain/2", PAGE)
    source("moved", rss(("1", url("/moved/old"), "Moved")))
    wire.route("/moved/old", Reply(301, headers={"location": "/moved/new"}))
    wire.route("/moved/new", PAGE)
    source("loop", rss(("1", url("/loop/page"), "Loop")))
    wire.route("/loop/page", Reply(302, headers={"location": "/loop/page"}))
    source("gzip")
    wire.route("/gzip/feed", Reply(200, gzip.compress(rss(("1", url("/x"), "Packed"))), GZIP))
    source("brotli", page={"fetch": False})
    wire.route("/brotli/feed", Reply(200, brotli.compress(rss(("1", url("/x"), "Tight"))), BROTLI))
    _, _, korean = rss(("1", url("/x"), "줄기세포 똠")).decode().partition("?>")
    source("korean", f"<?xml version='1.0' encoding='euc-kr'?>{korean}".encode("cp949"), page={"fetch": False})
    source("gzip_bomb")
    wire.route("/gzip_bomb/feed", Reply(200, gzip.compress(BOMB), GZIP))
    source("brotli_bomb")
    wire.route("/brotli_bomb/feed", Reply(200, brotli.compress(BOMB), BROTLI))
    source("endless")
    wire.route("/endless/feed", Reply(200, b"<rss>" * 10_000, XML, chunks=100))
    source("headers")
    wire.route("/headers/feed", Reply(200, b"x", {f"x-{number}": "y" * 20 for number in range(500)}))
    source("slow", host="127.0.0.2")
    wire.route("/slow/feed", Reply(200, b"", delay=3))
    source("robots_down", rss(("1", url("/x"), "X")), host="127.0.0.3")
    wire.route("127.0.0.3|/robots.txt", Reply(500))
    source("robots_no", rss(("1", url("/private/1", "127.0.0.4"), "X")), host="127.0.0.4")
    wire.route("127.0.0.4|/robots.txt", Reply(200, b"User-agent: Stemwire\nDisallow: /private/\n"))
    wire.route("/private/1", PAGE)
    source("inside", rss(("1", url("/inside/page"), "In"), ("2", url("/secret", "127.0.0.9"), "Link")))
    wire.route("/inside/page", Reply(302, headers={"location": url("/secret", "127.0.0.9")}))
    wire.route("/secret", Reply(200, b"secret", HTML))
    source("files", rss(("1", "file:///etc/passwd", "File")))
    source("login", b"<!DOCTYPE html><html><title>Sign in</title></html>")
    source("empty", rss(), expect={"entries": {"min": 1}})
    source("emptied", rss(("1", url("/plain/1"), "Was here")))
    source("invalid", rss(("1", url("/plain/1"), "Fine &nbsp; so <far")), page={"fetch": False})
    source("missing")
    source("odd", rss(*((str(n), link, link) for n, link in enumerate(ODD))))
    sources.append(a_source("port", feed="http://127.0.0.1:99999/feed"))
    sources.append(a_source("typo", feed=[], api=[{"api": "pubmde", "query": "x"}]))
    sources.append(a_source("dead", feed=f"http://127.0.0.1:{_closed_port()}/feed"))
    source("lying", rss(("1", url("/lying/1"), "Lying")))
    wire.route("/lying/1", Reply(304), PAGE)
    source("gone", rss(("1", url("/gone/1"), "Gone")))
    wire.route("/gone/1", PAGE, Reply(410))
    source("back", rss(("1", url("/back/1"), "Back")))
    wire.route("/back/1", PAGE, Reply(410), PAGE, Reply(410))
    source("busy", rss(("1", url("/busy/1", "127.0.0.5"), "Busy")), host="127.0.0.5")
    wait = Reply(429, headers={"retry-after": "90000"})
    wire.route("/busy/feed", wait, Reply(200, rss(("1", url("/x"), "Busy")), XML))
    source("many", rss(*((str(n), url(f"/many/{n}"), f"Many {n}") for n in range(5))), expect={"entries": {"max": 4}})
    wire.route("/many/0", PAGE)

    world = World(runner, wire, sources)
    world.night("2026-11-22T03:00:00Z")
    wire.route("/emptied/feed", Reply(200, rss(), XML))
    world.night("2026-11-23T02:30:00Z")
    world.night("2026-11-24T02:30:00Z")
    world.night("2026-11-25T02:30:00Z")
    yield world


def test_a_night_without_trouble(world: World) -> None:
    assert sorted(world.runner.visits("plain")[:3]) == [
        ("/plain/1", "fetched", 200),
        ("/plain/2", "fetched", 200),
        ("/plain/feed", "fetched", 200),
    ]
    assert "plain" not in world.nights[0].failed
    assert world.runner.issues("plain") == {}


def test_the_report_counts_every_request_once(world: World) -> None:
    for night in world.nights:
        report = night.report
        assert report.seen == report.done + report.skipped + report.failed
        assert report.seen > 25


def test_second_night_asks_with_validators_and_writes_nothing_new(world: World) -> None:
    assert sorted(world.runner.visits("plain")[3:6]) == [
        ("/plain/1", "unchanged", 304),
        ("/plain/2", "unchanged", 200),
        ("/plain/feed", "unchanged", 304),
    ]
    first, second = (
        {
            table: [row for row in rows if str(row.get("source", row.get("entry"))).startswith("plain")]
            for table, rows in contents.items()
        }
        for contents in world.contents[:2]
    )
    assert first == second
    seen = world.runner.rows("SELECT count(*) AS n FROM sighting WHERE entry LIKE 'plain:%'")
    assert seen == [{"n": 8}]  # listed on all four nights, 304 or not


def test_intervals_double(world: World) -> None:
    assert [night.count("/plain/2") for night in world.paths] == [1, 1, 1, 0]


def test_redirects_are_followed_and_remembered(world: World) -> None:
    row = world.runner.rows("SELECT url, final_url FROM raw.capture WHERE source = 'moved' AND role = 'page'")
    assert row[0]["final_url"].endswith("/moved/new")
    assert row[0]["url"].endswith("/moved/old")


def test_a_redirect_loop_ends(world: World) -> None:
    assert world.paths[0].count("/loop/page") == 6
    assert "max redirections" in world.runner.issues("loop")["page_failed"]


@pytest.mark.parametrize(("ident", "title"), [("gzip", "Packed"), ("brotli", "Tight"), ("korean", "줄기세포 똠")])
def test_encodings_are_undone(world: World, ident: str, title: str) -> None:
    assert world.runner.rows("SELECT title FROM entry WHERE source = ?", ident) == [{"title": title}]


@pytest.mark.parametrize("ident", ["gzip_bomb", "brotli_bomb"])
def test_bombs_are_refused(world: World, ident: str) -> None:
    assert "larger than 1000000 bytes when unpacked" in world.failed(ident)


def test_an_endless_body_is_cut(world: World) -> None:
    assert "larger than 1000000 bytes" in world.failed("endless")


def test_endless_headers_are_cut(world: World) -> None:
    assert "header lines" in world.failed("headers")


def test_a_slow_host_is_named(world: World) -> None:
    assert "no answer within 1.5 s" in world.failed("slow")
    assert "source_dead" in world.runner.issues("slow")


def test_robots_that_cannot_be_read_mean_not_now(world: World) -> None:
    assert "robots.txt of 127.0.0.3" in world.failed("robots_down")
    assert "robots_refused" in world.runner.issues("robots_down")
    assert not any("/robots_down/feed" in paths for paths in world.paths)


def test_robots_are_obeyed(world: World) -> None:
    assert world.runner.visits("robots_no")[1] == ("/private/1", "refused", None)
    assert not any("/private/1" in paths for paths in world.paths)
    assert "robots_no" not in world.nights[0].failed
    assert "robots.txt disallows it" in world.runner.issues("robots_no")["page_refused"]


def test_no_link_and_no_redirect_leads_inside(world: World) -> None:
    assert {outcome for _, outcome, _ in world.runner.visits("inside", "page")} == {"refused"}
    assert not any("/secret" in paths for paths in world.paths)
    assert not any("127.0.0.9" in hosts for hosts in world.hosts)


def test_a_link_to_a_file_is_no_link(world: World) -> None:
    assert world.runner.rows("SELECT url FROM entry WHERE source = 'files'") == [{"url": None}]


def test_what_is_no_feed_is_named(world: World) -> None:
    assert "HTML page ('Sign in')" in world.failed("login")
    assert "feed_broken" in world.runner.issues("login")


def test_an_empty_feed_is_below_what_is_expected(world: World) -> None:
    assert world.failed("empty") == "0 entries, at least 1 are expected"


def test_an_emptied_feed_loses_nothing(world: World) -> None:
    assert "emptied" not in world.nights[1].failed
    assert "empty, where 1 were listed before" in world.runner.issues("emptied")["feed_broken"]
    assert len(world.runner.rows("SELECT 1 FROM entry WHERE source = 'emptied'")) == 1


def test_invalid_xml_gives_what_can_be_read(world: World) -> None:
    assert len(world.runner.rows("SELECT 1 FROM entry WHERE source = 'invalid'")) == 1


def test_404_and_a_closed_port_are_named(world: World) -> None:
    assert world.failed("missing").endswith("404 Not Found")
    assert "the connection was refused" in world.failed("dead")
    assert {"missing", "dead"} <= world.nights[3].failed.keys()
    assert world.runner.rows("SELECT count(*) AS n FROM issue WHERE source = 'dead'") == [{"n": 1}]


def test_odd_links_harm_nobody(world: World) -> None:
    assert "odd" not in world.nights[0].failed
    assert len(world.runner.rows("SELECT 1 FROM entry WHERE source = 'odd'")) == len(ODD)
    assert {outcome for _, outcome, _ in world.runner.visits("odd", "page")} <= {"failed", "refused"}
    assert "not an address that can be asked for" in world.failed("port")


def test_an_unknown_api_is_named_and_stops_nobody(world: World) -> None:
    assert "no API is called 'pubmde'" in world.failed("typo")


def test_a_lying_304_is_asked_again_once(world: World) -> None:
    assert world.paths[0].count("/lying/1") == 2
    assert world.runner.visits("lying")[1] == ("/lying/1", "fetched", 200)


def test_410_for_three_nights_is_gone(world: World) -> None:
    assert [outcome for _, outcome, _ in world.runner.visits("gone", "page")] == ["fetched", "gone", "gone", "gone"]
    states = [
        next(page for page in contents["pages"] if page["entry"].startswith("gone:")) for contents in world.contents
    ]
    assert [page["gone_nights"] for page in states] == [0, 1, 2, 3]
    assert [page["state"] for page in states] == ["held", "held", "held", "gone"]
    assert states[-1]["capture"] == states[0]["capture"]


def test_410_must_be_in_a_row(world: World) -> None:
    page = world.runner.rows("SELECT state, gone_nights FROM page WHERE entry LIKE 'back:%'")
    assert page[0]["state"] == "held"
    assert page[0]["gone_nights"] <= 1


def test_retry_after_is_kept_across_nights(world: World) -> None:
    visits = world.runner.rows(
        "SELECT outcome, status, retry_after, reason FROM raw.visit WHERE source = 'busy' AND role = 'feed'"
        " ORDER BY rowid"
    )
    assert visits[0]["status"] == 429
    assert visits[0]["retry_after"].startswith("2026-11-23T03:")  # 25 hours were asked for, a day is the most
    assert [visit["outcome"] for visit in visits] == ["failed", "held", "fetched", "unchanged"]
    assert "asked not to be called before 2026-11-23T03:" in visits[1]["reason"]
    assert [night.count("/busy/feed") for night in world.paths] == [1, 0, 1, 1]
    assert "busy" not in world.nights[1].failed


def test_more_entries_than_expected_want_a_look(world: World) -> None:
    assert "at most 4 are expected" in world.runner.issues("many")["expect_max"]
    assert "many" not in world.nights[0].failed


def test_failed_pages_are_one_issue(world: World) -> None:
    assert world.runner.issues("many")["page_failed"].startswith("4 pages failed: ")


def test_a_host_is_asked_one_thing_at_a_time(world: World) -> None:
    """However many sources name it (most here live on one host)."""
    assert world.wire.most_at_once["127.0.0.1"] == 1


def test_the_requests_say_who_asks(world: World) -> None:
    seen = world.wire.seen[-1]
    assert seen.headers["user-agent"] == "Stemwire/1.0 (+mailto:desk@stemwire.example)"
    assert "referer" not in seen.headers
    assert "cookie" not in seen.headers
