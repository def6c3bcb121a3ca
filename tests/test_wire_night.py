"""The bundled newsroom over real HTTP on loopback: four whole nights of the real pipeline against servers of our own.

Every host of the newsroom is a server on a port of 127.0.0.1; its addresses are rewritten byte by byte in what it
serves and in the source files, nothing else is. Sources with an API are left out: their addresses are fixed. What a
wire can do and a recording cannot is switched on host by host (`MANNERS`) and looked at from both ends: what the
server saw, and what the stores say. At the end the documents are those of a recorded night.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import brotli
import pytest

from core.records import Json
from tests.test_night import NEWSROOM, ROOT, NightRunner
from tests.wire import Reply, Seen, Wire

TIMEOUT = 10.0
SLOW, BUSY = "kamogawa-post.example", "www.huaxing-cell.example"
FIRST_OF_BUSY = f"https://{BUSY}/en/news/show-305.html"  # the newest is asked for first
GONE = "https://www.hallam-regen.example/news/2026/sickle-cell-five-years"
MOVED = "https://news.korea-biolife.example/?p=4313"
STORY = "https://news.korea-biolife.example/2026/09/29/spinal-cord-scaffold-dogs/"  # where it moved
MEMBERS = "https://news.korea-biolife.example/members/briefing-winter/"
EDITED = "https://news.korea-biolife.example/2026/11/05/knee-injection-trial-halfway/"
SILENT = "https://www.seolhwa-times.example/en/health/2026-11-18-eye-cells-fifteen-patients"  # without a note
HALTED = "https://www.seolhwa-times.example/en/health/2026-11-30-wound-gel-trial"  # new on the second night
PAUSED = "https://www.corvane.example/investors/wound-gel-pause"  # the release behind it, new as well
LATE = {"kamogawa", "huaxing"}  # sources that cannot be read on the first night
NIGHTS = ("2026-11-22T03:00:00Z", "2026-11-22T03:20:00Z", "2026-11-22T04:15:00Z", "2026-11-22T06:00:00Z")
FIELDS = (
    "id, entry, source, kind, url, title, text, summary, authors, lang, published, published_from, dates, identifiers,"
    " links, extra, licence, translated"
)


def with_etag(reply: Reply) -> Reply:
    return replace(reply, etag=f'"{hashlib.sha256(reply.body).hexdigest()[:16]}"')


def with_date(reply: Reply) -> Reply:
    return replace(reply, modified="Thu, 19 Nov 2026 00:10:00 GMT")


def gzipped(reply: Reply) -> Reply:
    return replace(reply, body=gzip.compress(reply.body), headers=reply.headers | {"Content-Encoding": "gzip"})


def brotlied(reply: Reply) -> Reply:
    return replace(reply, body=brotli.compress(reply.body), headers=reply.headers | {"Content-Encoding": "br"})


def in_pieces(reply: Reply) -> Reply:
    return replace(reply, pieces=7)


MANNERS: dict[str, Callable[[Reply], Reply]] = {
    "news.korea-biolife.example": with_etag,
    "www.hallam-regen.example": with_etag,
    "www.konkuk-news.example": with_date,
    "www.koreaportal.example": with_date,
    "en.miraemedi.example": gzipped,
    "worldregen.example": brotlied,
    "journals.northlight.example": in_pieces,
}


class Newsroom:
    """The servers, one for each host, and the source files that name them, in `folder`."""

    def __init__(self, folder: Path) -> None:
        rows = [json.loads(line) for line in (NEWSROOM / "index.jsonl").read_text("utf-8").splitlines()]
        self.own, self.sources = folder / "own", folder / "sources"  # as they are, and with our addresses
        hosts = {urlsplit(row["url"]).netloc for row in rows if row.get("match") != "prefix"}
        texts = {path.name: path.read_bytes() for path in (ROOT / "demo" / "sources").glob("*.toml")}
        texts = {name: text for name, text in texts.items() if b"[[api]]" not in text}
        self.wires = {
            host: Wire(hosts=["127.0.0.1"])
            for host in sorted(hosts)
            if any(host.encode() in text for text in texts.values())
        }
        self._hosts = {str(wire.port): host for host, wire in self.wires.items()}
        for path, change in ((self.own, bytes), (self.sources, self.rewritten)):
            path.mkdir()
            for name, text in texts.items():
                (path / name).write_bytes(change(text))
        self.bodies: dict[str, set[str]] = {}  # address -> sha256 of each body that it serves, before any coding
        routes: dict[str, list[Reply]] = {}
        for row in rows:
            if urlsplit(row["url"]).netloc in self.wires:
                routes.setdefault(row["url"], []).append(self._reply(row))
        routes[GONE].append(Reply(410))
        feed = routes[f"https://{SLOW}/feed.json"]
        feed.insert(0, replace(feed[0], delay=2 * TIMEOUT))
        routes[FIRST_OF_BUSY].insert(0, Reply(429, headers={"Retry-After": "3600"}))
        for url, replies in routes.items():
            parts = urlsplit(url)
            self.wires[parts.netloc].route(parts.path + (f"?{parts.query}" if parts.query else ""), *replies)

    def _reply(self, row: Json) -> Reply:
        body = self.rewritten((NEWSROOM / str(row["file"])).read_bytes()) if "file" in row else b""
        url, headers = str(row["url"]), dict(row["headers"])
        if "location" in headers:
            headers["location"] = self.rewritten(headers["location"].encode()).decode()
        etag, modified = headers.pop("etag", None), headers.pop("last-modified", None)
        reply = Reply(int(str(row["status"])), body, headers)
        if reply.status == 200:
            self.bodies.setdefault(url, set()).add(hashlib.sha256(body).hexdigest())
            manner = MANNERS.get(urlsplit(url).netloc)
            reply = manner(reply) if manner else reply
        return replace(reply, etag=etag or reply.etag, modified=modified or reply.modified)

    def rewritten(self, text: bytes) -> bytes:
        for host, wire in self.wires.items():
            text = text.replace(f"https://{host}".encode(), f"http://127.0.0.1:{wire.port}".encode())
        return text

    def here(self, url: str) -> str:
        """A newsroom's address on our servers."""
        return self.rewritten(url.encode()).decode()

    def there(self, said: object) -> object:
        """What the pipeline says, with the newsroom's own addresses again."""
        if not isinstance(said, str):
            return said
        return re.sub(r"http://127\.0\.0\.1:(\d+)", lambda match: f"https://{self._hosts[match[1]]}", said)

    def close(self) -> None:
        for wire in self.wires.values():
            wire.close()


class World:
    """What the nights were: `seen[k]` by host, `runs[k]`, `documents[k]` by id, and so on."""

    def __init__(self, newsroom: Newsroom, runner: NightRunner) -> None:
        self.newsroom, self.runner = newsroom, runner
        self.seen: list[dict[str, list[Seen]]] = []
        self.documents: list[dict[str, dict[str, object]]] = []
        self.gone: list[set[object]] = []  # documents that are tombstones
        self.captures: list[set[str]] = []
        self.runs: list[str] = []
        self.codes: list[int] = []

    def night(self, at: str) -> None:
        for wire in self.newsroom.wires.values():
            wire.forget()
        done = self.runner.run("nightly", "--json", STEMWIRE_NOW=at)
        assert done.returncode in (0, 1), done.stderr
        self.codes.append(done.returncode)
        self.runs.append(self.runner.rows("SELECT max(id) FROM run")[0][0])
        self.seen.append({host: list(wire.seen) for host, wire in self.newsroom.wires.items()})
        self.documents.append(documents(self.runner, self.newsroom))
        gone = self.runner.rows("SELECT id FROM document WHERE state <> 'current'")
        self.gone.append({self.newsroom.there(row["id"]) for row in gone})
        self.captures.append({row["id"] for row in self.runner.rows("SELECT id FROM capture", "raw")})

    def asked(self, night: int, host: str) -> list[tuple[str, int]]:
        """(path, status), in order."""
        return [(seen.path, seen.status) for seen in self.seen[night][host]]

    def visits(self, url: str, night: int | None = None) -> list[tuple[str, int | None]]:
        """(outcome, status) of a newsroom's address, in order."""
        rows = self.runner.rows("SELECT * FROM visit ORDER BY rowid", "raw")
        return [
            (row["outcome"], row["status"])
            for row in rows
            if row["url"] == self.newsroom.here(url) and (night is None or row["run"] == self.runs[night])
        ]

    def issues(self, source: str) -> dict[str, str]:
        rows = self.runner.rows(f"SELECT kind, text FROM issue WHERE source = '{source}'")
        return {row["kind"]: row["text"] for row in rows}


def documents(runner: NightRunner, newsroom: Newsroom) -> dict[str, dict[str, object]]:
    """Everything that is held of each document but for when, where from, and whether it is still there."""
    said: dict[str, dict[str, object]] = {}
    for row in runner.rows(f"SELECT {FIELDS} FROM document"):
        fields = {name: newsroom.there(row[name]) for name in row.keys()}  # noqa: SIM118  rows are no mappings
        said[str(fields["id"])] = fields
    return said


def mentions(runner: NightRunner, newsroom: Newsroom) -> set[tuple[object, ...]]:
    rows = runner.rows('SELECT document, part, start, "end", type, surface, concept FROM mention')
    return {tuple(newsroom.there(value) for value in row) for row in rows}


def texts(said: dict[str, dict[str, object]]) -> dict[str, object]:
    """By title, for a first and readable difference."""
    return {str(fields["title"]): fields["text"] for fields in said.values()}


def without(said: dict[str, dict[str, object]], sources: set[str]) -> dict[str, dict[str, object]]:
    return {ident: fields for ident, fields in said.items() if fields["source"] not in sources}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    newsroom = Newsroom(tmp_path_factory.mktemp("newsroom"))
    try:
        more = f"timeout = {TIMEOUT}\ngone_nights = 3"
        world = World(newsroom, NightRunner(tmp_path_factory.mktemp("wire"), newsroom.sources, more))
        for at in NIGHTS:
            world.night(at)
        yield world
    finally:
        newsroom.close()


@pytest.fixture(scope="module")
def recorded(world: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """The same sources from the recording, two nights: the second brings the edited page."""
    runner = NightRunner(tmp_path_factory.mktemp("recorded"), world.newsroom.own, "gone_nights = 3")
    other = World(world.newsroom, runner)
    for at in NIGHTS[:2]:
        runner.run("nightly", "--recorded", str(NEWSROOM), STEMWIRE_NOW=at)
        other.documents.append(documents(runner, world.newsroom))
    return other


def test_the_first_night_brings_what_a_recorded_one_brings_but_for_two_hosts(world: World, recorded: World) -> None:
    live, kept = without(world.documents[0], LATE), without(recorded.documents[0], LATE)
    assert len(kept) > 25
    only_listed = [fields for fields in world.documents[0].values() if fields["source"] in LATE]
    assert not any(fields["text"] for fields in only_listed), "no page could be had, so the list alone tells of them"
    assert texts(live) == texts(kept)
    assert live == kept


def test_in_the_end_the_documents_are_those_of_a_recorded_night(world: World, recorded: World) -> None:
    live, kept = world.documents[-1], recorded.documents[-1]
    assert {fields["source"] for fields in live.values()} >= LATE
    assert texts(live) == texts(kept)
    live[GONE] |= {name: kept[GONE][name] for name in ("summary", "published_from", "dates", "links")}  # a tombstone
    assert live == kept
    assert mentions(world.runner, world.newsroom) == mentions(recorded.runner, world.newsroom)
    sql = "SELECT d.url, v.text FROM version v JOIN document d ON d.id = v.document"
    versions = [
        sorted(tuple(map(world.newsroom.there, row)) for row in each.runner.rows(sql)) for each in (world, recorded)
    ]
    assert versions[0] == versions[1] and [url for url, _ in versions[0]] == [EDITED, SILENT]


def test_every_answer_is_kept_as_it_was_before_its_coding(world: World) -> None:
    rows = world.runner.rows("SELECT final_url, sha256 FROM capture", "raw")
    kept = {(world.newsroom.there(row["final_url"]), row["sha256"]) for row in rows}
    served = {(url, sha256) for url, each in world.newsroom.bodies.items() for sha256 in each}
    assert kept <= served
    visited = {world.newsroom.there(row[0]) for row in world.runner.rows("SELECT url FROM visit", "raw")}
    assert {url for url, _ in served - kept} & visited == {MEMBERS}, "all else was never asked for"


def test_nobody_else_is_called_and_everybody_is_told_who_asks(world: World) -> None:
    addresses = {row["url"] for row in world.runner.rows("SELECT DISTINCT url FROM visit", "raw")}
    assert all(re.match(r"http://127\.0\.0\.1:\d+/", address) for address in addresses)
    agents = {seen.headers["user-agent"] for night in world.seen for each in night.values() for seen in each}
    assert agents == {"Stemwire/1.0 (+mailto:desk@stemwire.example)"}


def test_robots_txt_is_asked_first_and_obeyed(world: World) -> None:
    for host, seen in world.seen[0].items():
        assert seen[0].path == "/robots.txt", host
        assert sum(each.path == "/robots.txt" for each in seen) == 1, host
    asked = [path for night in range(len(NIGHTS)) for path, _ in world.asked(night, "news.korea-biolife.example")]
    assert asked and not any(path.startswith("/members/") for path in asked)
    assert set(world.visits(MEMBERS)) == {("refused", None)}
    assert "robots.txt disallows it" in world.issues("korea_biolife")["page_refused"]


def test_the_newest_pages_are_asked_for_first(world: World) -> None:
    paths = [path for path, _ in world.asked(0, "news.korea-biolife.example") if path != urlsplit(STORY).path]
    days = [match[0] for path in paths if (match := re.match(r"/\d{4}/\d\d/\d\d/", path))]
    assert len(days) > 10 and days == sorted(days, reverse=True)


def test_a_moved_page_is_followed_to_its_one_address(world: World) -> None:
    asked = world.asked(0, "news.korea-biolife.example")
    assert asked[asked.index(("/?p=4313", 301)) + 1 :].count((urlsplit(STORY).path, 200)) == 1
    row = world.runner.rows(f"SELECT * FROM capture WHERE url = '{world.newsroom.here(MOVED)}'", "raw")[0]
    assert world.newsroom.there(row["final_url"]) == STORY
    assert STORY in world.documents[0] and MOVED not in world.documents[0]


@pytest.mark.parametrize(
    ("host", "header"),
    [("www.konkuk-news.example", "if-modified-since"), ("news.korea-biolife.example", "if-none-match")],
)
def test_the_second_night_says_what_it_holds(world: World, host: str, header: str) -> None:
    first, second = (
        {seen.path: seen for seen in world.seen[night][host] if seen.status in (200, 304)} for night in (0, 1)
    )
    assert first.keys() == second.keys() and not any(header in seen.headers for seen in first.values())
    new = {urlsplit(EDITED).path, "/feed/"} if host.startswith("news") else set()
    for path, seen in second.items():
        assert header in seen.headers, path
        assert seen.status == (200 if path in new else 304), path
        if f"https://{host}{path}" in world.newsroom.bodies and seen.status == 304:
            visits = world.visits(f"https://{host}{path}", 1) or world.visits(MOVED, 1)
            assert visits == [("unchanged", 304)], path


def test_what_has_not_changed_is_not_kept_twice(world: World) -> None:
    new = []
    for before, after in zip(world.captures, world.captures[1:], strict=False):
        rows = world.runner.rows("SELECT id, source, url FROM capture", "raw")
        new.append({(row["source"], world.newsroom.there(row["url"])) for row in rows if row["id"] in after - before})
    edited = {("korea_biolife", EDITED), ("korea_biolife", "https://news.korea-biolife.example/feed/")}
    times = (SILENT, HALTED, "https://www.seolhwa-times.example/en/rss.xml")
    edited |= {("seolhwa_times", url) for url in times}
    edited |= {("corvane", url) for url in (PAUSED, "https://www.corvane.example/feed")}
    assert {each for each in new[0] if each[0] != "kamogawa"} == edited
    assert {source for source, _ in new[1]} == {"huaxing"}
    assert new[2] == set()
    assert world.visits("https://graft-report.example/p/old-mice-young-marrow")[:2] == [
        ("fetched", 200),
        ("unchanged", 200),  # no validators there: the bytes say it
    ]


def test_a_page_of_three_nights_of_410_becomes_a_tombstone(world: World) -> None:
    path = urlsplit(GONE).path
    answered = [status for night in range(4) for each, status in world.asked(night, "www.hallam-regen.example")
                if each == path]  # fmt: skip
    assert answered == [200, 410, 410, 410]
    assert [outcome for outcome, _ in world.visits(GONE)] == ["fetched", "gone", "gone", "gone"]
    row = world.runner.rows(f"SELECT * FROM document WHERE id = '{world.newsroom.here(GONE)}'")[0]
    assert row["state"] == "gone" and row["text"] == world.documents[0][GONE]["text"] != ""
    assert world.gone == [set(), set(), set(), {GONE}], "not before its time, and nothing else"


def test_a_host_that_asks_to_wait_is_left_alone_until_then(world: World) -> None:
    page = urlsplit(FIRST_OF_BUSY).path
    assert world.asked(0, BUSY) == [("/robots.txt", 200), ("/en/news/", 200), (page, 429)], "nothing is asked after it"
    assert world.asked(1, BUSY) == [], "twenty minutes later"
    assert {status for _, status in world.asked(2, BUSY)} == {200}, "an hour and a quarter later"
    listing = f"https://{BUSY}/en/news/"
    assert [outcome for outcome, _ in world.visits(listing)] == ["fetched", "held", "unchanged", "unchanged"]
    assert world.visits(FIRST_OF_BUSY)[:3] == [("failed", 429), ("held", None), ("fetched", 200)]
    assert world.visits(f"{listing}show-218.html")[:3] == [("held", None), ("held", None), ("fetched", 200)]
    told = world.runner.rows("SELECT retry_after FROM visit WHERE status = 429", "raw")
    assert [row["retry_after"][:15] for row in told] == ["2026-11-22T04:0"]
    reasons = world.runner.rows(f"SELECT reason FROM visit WHERE outcome = 'held' AND run = '{world.runs[1]}'", "raw")
    assert reasons and all("asked not to be called before 2026-11-22T04:0" in row["reason"] for row in reasons)


def test_a_slow_host_fails_alone_and_is_read_the_next_night(world: World) -> None:
    assert world.visits(f"https://{SLOW}/feed.json")[:2] == [("failed", None), ("fetched", 200)]
    assert f"no answer within {TIMEOUT:g} s" in world.issues("kamogawa")["source_dead"]
    silent = world.runner.rows("SELECT source FROM visit WHERE outcome = 'failed' AND status IS NULL", "raw")
    assert [row["source"] for row in silent] == ["kamogawa"]
    titles = {fields["title"] for fields in world.documents[1].values() if fields["source"] == "kamogawa"}
    assert len(titles) == 3 and not any(f["source"] == "kamogawa" for f in world.documents[0].values())
    assert world.runner.rows("SELECT 1 FROM issue WHERE source = 'kamogawa' AND resolved IS NULL") == []


def test_sources_that_fail_make_the_exit_code_and_are_named(world: World) -> None:
    assert world.codes == [1, 1, 1, 1]  # one source is a login page every night
    assert "Sign in" in world.issues("members_wire")["feed_broken"]
    assert world.asked(0, "wire.cellmembers.example")[1:] == [("/feed.xml", 302), ("/login?next=%2Ffeed.xml", 200)]


@pytest.mark.parametrize(
    ("host", "source", "value"),
    [
        ("en.miraemedi.example", "mirae", "gzip"),
        ("worldregen.example", "worldregen", "br"),
        ("journals.northlight.example", "northlight", "chunked"),
    ],
)
def test_codings_of_the_wire_are_undone(world: World, host: str, source: str, value: str) -> None:
    """That the bytes are right is for `test_every_answer_is_kept_…`; here: they did travel so, and were read."""
    assert all({"gzip", "br"} <= set(re.split(r", *", seen.headers["accept-encoding"])) for seen in world.seen[0][host])
    for replies in world.newsroom.wires[host].routes.values():
        for reply in replies:
            assert reply.status != 200 or (
                reply.pieces if value == "chunked" else reply.headers["Content-Encoding"] == value
            )
    assert any(fields["source"] == source for fields in world.documents[0].values())


def test_a_page_in_euc_kr_keeps_the_syllables_that_only_cp949_has(world: World) -> None:
    rows = world.runner.rows(
        "SELECT headers, url FROM capture WHERE source = 'stem_cell_bank' AND role = 'page'", "raw"
    )
    said = {world.newsroom.there(row["url"]): json.loads(row["headers"])["content-type"] for row in rows}
    page = "https://nscb.example/board/view.do?no=118"
    assert said[page] == "text/html;charset=EUC-KR"
    assert "우물 정(샾) 단추" in str(world.documents[0][page]["text"])
    assert not any("�" in str(fields["text"]) for fields in world.documents[-1].values())
