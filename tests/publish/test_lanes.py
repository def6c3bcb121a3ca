"""Under load: who is answered, who is asked to come back; and nobody holds a place by not reading or not asking."""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from typing import Any
from urllib.parse import urlencode

import pytest

from publish.pages import access_policy, connections
from publish.pages.answer_cache import HEAD, AnswerCache, Kept
from publish.pages.datasette_parts import without_time_limits
from publish.pages.edition_database import EditionDatabase
from publish.pages.exchange import Message
from publish.pages.lanes import AT_ONCE, QUEUE
from tests.publish.loopback import Loopback, serve_on_loopback
from tests.publish.reader import Newsroom, Reader

ENDLESS = "with recursive c(x) as (select 1 union all select x + 1 from c) select count(*) from c"
LONG = "with recursive c(x) as (select 1 union all select x + 1 from c limit 40000) select x, x || ' ' || x from c"


def test_searches_beyond_the_lane_are_refused_politely(reader: Reader) -> None:
    many = [f"/search?q=stem{' cell' * (n % 7)}&page={n}" for n in range(40)]
    *searches, home, about = reader.all([*many, "/", "/about"])
    statuses = [answer.status_code for answer in searches]
    assert set(statuses) == {200, 503} and statuses.count(200) >= AT_ONCE["search"] + QUEUE["search"]
    for answer in searches:
        if answer.status_code == 503:
            assert answer.headers["retry-after"] == "5" and answer.headers["cache-control"] == "no-store"
            assert "Many people are searching" in answer.text
    assert (home.status_code, about.status_code) == (200, 200)
    assert reader.get("/search?q=stem").status_code == 200  # every place was given back


def test_one_search_that_many_ask_for_is_made_once(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = count_queries(monkeypatch)
    assert reader.get("/search?q=neural").status_code == 200
    once = asked[0]
    reader.site.get_database("stemwire").file.answers.clear()
    asked[0] = 0
    answers = reader.all(["/search?q=neural"] * 40)
    assert {answer.status_code for answer in answers} == {200} and len({answer.text for answer in answers}) == 1
    assert 0 < asked[0] == once
    assert reader.all(["/search?q=neural"])[0].text == answers[0].text and asked[0] == once
    assert reader.all(["/search?q=crest"])[0].status_code == 200 and asked[0] > once


def count_queries(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    asked, real = [0], EditionDatabase.run

    async def count(self: EditionDatabase, work: Callable[[sqlite3.Connection], object], readers: bool) -> object:
        asked[0] += 1
        return await real(self, work, readers)

    monkeypatch.setattr(EditionDatabase, "run", count)
    return asked


def test_readers_sql_is_never_kept(reader: Reader) -> None:
    address = f"/stemwire.json?{urlencode({'sql': 'select hex(random())', '_shape': 'arrays'})}"
    assert len({answer.text for answer in reader.all([address] * 3)}) == 3


def test_answers_are_kept_up_to_so_many_bytes() -> None:
    answers = AnswerCache(most=3 * (HEAD + 100))
    keys = [(f"/{n}".encode(), b"", False) for n in range(4)]
    for key in keys[:3]:
        answers.keep(key, Kept((), 100))
    assert answers.find(keys[0]) and len(answers) == 3
    answers.keep(keys[3], Kept((), 100))  # the longest unused goes
    assert [bool(answers.find(key)) for key in keys] == [True, False, True, True]
    answers.keep(keys[0], Kept((), 10_000))
    assert len(answers) == 0  # larger than all there is room for


async def ask(reader: Reader, address: str, send: Callable[[Message], Any], receive: Callable[[], Any]) -> None:
    """One request without a client between: the test decides what is read, and when the reader goes."""
    path, _, query = address.partition("?")
    scope = {
        "type": "http", "http_version": "1.1", "method": "GET", "path": path, "raw_path": path.encode(),
        "query_string": query.encode(), "headers": [], "scheme": "http", "server": ("x", 80), "client": ("x", 1),
    }  # fmt: skip
    await reader.site.client.app(scope, receive, send)


def test_work_for_a_reader_who_is_gone_is_ended(newsroom: Newsroom) -> None:
    reader = Reader(newsroom[0])
    without_time_limits(reader.site)  # only being interrupted ends this query

    async def leave() -> None:
        gone = asyncio.Event()
        sent: list[Message] = []

        async def receive() -> Message:
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            sent.append(message)

        address = f"/stemwire.json?{urlencode({'sql': ENDLESS})}"
        asked = [asyncio.ensure_future(ask(reader, f"{address}&n={n}", send, receive)) for n in range(6)]
        file = reader.site.get_database("stemwire").file
        while file.jobs < AT_ONCE["sql"]:
            await asyncio.sleep(0.01)
        gone.set()
        await asyncio.wait_for(asyncio.gather(*asked), 60)
        while file.jobs:
            await asyncio.sleep(0.01)
        assert sent == [] and file.requests == 0

    reader.run(asyncio.wait_for(leave(), 90))
    assert reader.sql("select 1").status_code == 200
    reader.close()


def test_long_answers_leave_the_lane_however_slowly_they_are_read(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access_policy, "HELD", 2_000)
    monkeypatch.setattr(reader.site, "sql_time_limit_ms", 600_000)  # a busy machine
    statuses: list[int] = []

    async def read_slowly() -> None:
        goes_on = asyncio.Event()

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])
                if message["status"] == 200:
                    await goes_on.wait()

        async def receive() -> Message:
            await asyncio.Event().wait()
            raise AssertionError

        sql = f"/stemwire.csv?{urlencode({'sql': LONG})}"
        asked = [asyncio.ensure_future(ask(reader, f"{sql}&n={n}", send, receive)) for n in range(AT_ONCE["long"] + 1)]
        while len(statuses) < len(asked):
            await asyncio.sleep(0.01)
        assert sorted(statuses) == [200] * AT_ONCE["long"] + [503]
        other = await reader.site.client.get("/stemwire.json?sql=select+1")
        assert other.status_code == 200  # the lane of SQL is free
        goes_on.set()
        await asyncio.gather(*asked)

    reader.run(asyncio.wait_for(read_slowly(), 90))


@pytest.fixture
def place(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> Iterator[Loopback]:
    """A site on loopback that has little patience."""
    monkeypatch.setattr(connections, "HALF_SENT", 1.0)
    monkeypatch.setattr(connections, "NOT_READ", 1.0)
    yield from serve_on_loopback(newsroom[0])


def get(place: Loopback, path: str) -> int:
    connection = http.client.HTTPConnection(*place[:2], timeout=60)
    with closing(connection):
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        return answer.status


def test_half_sent_requests_are_cut(place: Loopback) -> None:
    halves = [
        b"",
        b"GET / HT",
        b"GET / HTTP/1.1\r\nhost: x\r\n",
        b"POST /-/mcp HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{",
    ]
    for half in halves:
        with closing(socket.create_connection(place[:2], timeout=60)) as client, suppress(ConnectionResetError):
            client.sendall(half)
            assert not client.recv(1 << 16).startswith(b"HTTP/1.1 2")
    with closing(socket.create_connection(place[:2], timeout=60)) as client:  # the second request of a connection
        client.sendall(b"GET /about HTTP/1.1\r\nhost: x\r\n\r\n")
        answer = client.recv(1 << 16)
        assert answer.startswith(b"HTTP/1.1 200")
        client.sendall(b"GET /about HT")
        with suppress(ConnectionResetError):
            while client.recv(1 << 16):
                pass
    assert get(place, "/") == 200


def test_who_does_not_read_is_cut(place: Loopback) -> None:
    wide = f"/stemwire.csv?{urlencode({'sql': LONG.replace('x from', repr('x' * 160) + ' from')})}"
    clients = [socket.create_connection(place[:2], timeout=60) for _ in range(AT_ONCE["long"] + 2)]
    for client in clients:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.sendall(f"GET {wide} HTTP/1.1\r\nhost: x\r\n\r\n".encode())
    assert get(place, "/search?q=stem") == 200
    while (status := get(place, "/stemwire.json?sql=select+1")) != 200:
        assert status == 503
    for _ in range(600):
        if not place.connections:
            break
        time.sleep(0.1)
    assert not place.connections
    for client in clients:
        client.close()


def test_what_is_sent_is_json_for_those_who_read(place: Loopback) -> None:
    connection = http.client.HTTPConnection(*place[:2], timeout=60)
    with closing(connection):
        connection.request("GET", "/stemwire.json?sql=select+1+as+one&_shape=array")
        assert json.loads(connection.getresponse().read()) == [{"one": 1}]
