"""Editions change under a real, served site: no reader gets an error, half an edition, or an old one permanently."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pytest

from core.config import ROOT, Config
from core.errors import UsageError
from core.records import Document
from core.store import Store
from publish import stage
from publish.edition.editions import list_editions, use_edition
from publish.pages.serve import make_site, serve
from publish.stage import publish
from tests.present import present

Place = tuple[str, int]  # host, port
INVARIANT = (
    "select (select count(*) from document), (select value from meta where name = 'documents'),"
    " (select count(*) from search where search match 'tags : all_'),"
    " (select sum(documents) from facet where facet = 'kind'), (select value from meta where name = 'name')"
)
SQL = f"/stemwire.json?{urlencode({'sql': INVARIANT, '_shape': 'arrays'})}"
SERVE = """
import sys
from pathlib import Path
from core.config import Config, Crawl, Paths, Site
from publish.pages.serve import serve
config = Config(crawl=Crawl(contact="mailto:a@b.example"), paths=Paths(editions=sys.argv[1]), site=Site(url="https://desk.example"))
serve(config, port=0)
"""


@pytest.fixture
def served(config: Config, work: Store, at_night: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """(host, port) of a site in a process of its own, on the first edition."""
    monkeypatch.setattr(stage, "check_edition", lambda config, path: [])
    publish(config, work)
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(config.editions)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        line = present(process.stdout).readline()
        assert "http://" in line, present(process.stderr).read()
        yield "127.0.0.1", int(line.split("http://")[1].split()[0].rpartition(":")[2])
    finally:
        process.terminate()
        _, errors = process.communicate(timeout=30)
        assert "Traceback" not in errors, errors


def get(place: Place, path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection(place[0], place[1], timeout=30)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def one_more(work: Store, number: int) -> None:
    found = work.load(Document, "id = ?", ("https://hanbit.example/2026/ev-nerve",))[0]
    with work.writing():
        work.save(replace(found, id=f"https://hanbit.example/more/{number}", title=f"Another story, number {number}"))


def name_of_edition(place: Place) -> str:
    """The edition that answers a query. 503 means that the machine is busy: asked again, up to 300 times."""
    for _ in range(300):
        status, body = get(place, SQL)
        if status == 200:
            return str(json.loads(body)["rows"][0][4])
        assert status == 503, (status, body[:300])
        time.sleep(0.1)
    raise AssertionError("the site was busy 300 times in a row")


def test_readers_meet_whole_editions_only(served: Place, config: Config, work: Store) -> None:
    stop, asked = threading.Event(), [0]
    wrong: list[tuple[int, int, str]] = []
    seen: set[str | None] = set()

    def read(number: int) -> None:
        while not stop.is_set():
            try:
                if number == 0:
                    status, body = get(served, "/")
                    good = status == 200 and "</html>" in body
                elif number == 1:
                    status, body = get(served, "/search?q=story&sort=best")
                    good = status == 200 and "</html>" in body
                else:
                    status, body = get(served, SQL)
                    row = json.loads(body)["rows"][0] if status == 200 else []
                    good = status == 503 or (status == 200 and len({int(n) for n in row[:4]}) == 1)
                    seen.add(row[4] if status == 200 else None)
            except (OSError, http.client.HTTPException, ValueError) as error:
                good, status, body = False, 0, repr(error)
            asked[0] += 1
            if status == 503:
                time.sleep(0.05)
            if not good:
                wrong.append((number, status, body[:300]))

    readers = [threading.Thread(target=read, args=(number,)) for number in range(4)]
    for reader in readers:
        reader.start()
    names = [list_editions(config)[0].edition.name]
    for number in range(6):
        one_more(work, number)
        names.append(present(publish(config, work).edition).name)
        assert name_of_edition(served) == names[-1]  # the next answer is on the new edition
    use_edition(config, names[-2])
    assert name_of_edition(served) == names[-2]  # the very next answer is on the edition gone back to
    stop.set()
    for reader in readers:
        reader.join()
    assert wrong == []
    assert seen - {None} <= set(names)
    assert asked[0] > 50


def test_a_request_stays_on_the_edition_it_began_on(
    config: Config, work: Store, at_night: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage, "check_edition", lambda config, path: [])
    old = present(publish(config, work).edition)
    made = make_site(config)

    async def ask() -> None:
        await made.invoke_startup()
        database = made.get_database("stemwire")
        sql = "select value from meta where name = 'name'"

        async def name() -> str:
            return str((await database.execute(sql)).rows[0][0])

        first = database.begin()
        with first.request():
            before = await name()
            one_more(work, 1)
            new = present(publish(config, work).edition)
            second = database.begin()
            during, size, counts = await name(), database.size, database.cached_table_counts["document"]
            with second.request():
                inside = await name()
            assert not first.retired or first.requests == 1
        after = await name()
        assert first.retired and not first._connections  # closed when the last request on it had ended
        assert (before, during, inside, after) == (old.name, old.name, new.name, new.name)
        assert (size, counts) == ((config.editions / f"{old.name}.db").stat().st_size, old.documents)
        assert database.cached_table_counts["document"] == old.documents + 1

    asyncio.run(ask())
    made.executor.shutdown()


def test_a_broken_link_keeps_the_last_edition(served: Place, config: Config, work: Store) -> None:
    link = config.editions / "current.db"
    target = link.readlink()
    assert get(served, "/")[0] == 200
    link.unlink()
    assert get(served, "/")[0] == 200
    link.symlink_to("stemwire-20990101T000000Z.db")
    assert get(served, "/search?q=stem")[0] == 200
    link.unlink()
    link.symlink_to(target)
    assert get(served, "/")[0] == 200


def test_connections_of_replaced_editions_are_closed(served: Place, config: Config, work: Store) -> None:
    def opened() -> set[str]:
        """Names of editions that the serving process holds open; needs /proc."""
        found = set()
        for folder in Path("/proc").glob("[0-9]*/fd"):
            try:
                links = [str(link.readlink()) for link in folder.iterdir()]
            except OSError:
                continue
            found |= {Path(link).name for link in links if str(config.editions) in link}
        return found

    if not Path("/proc/self/fd").exists():
        pytest.skip("no /proc here to see open files in")
    assert get(served, "/")[0] == 200
    for number in range(3):
        one_more(work, number)
        name = present(publish(config, work).edition).name
        assert get(served, "/")[0] == 200
    for _ in range(200):  # the threads of the site let go of old files one request after the other
        if opened() == {f"{name}.db"}:
            break
        assert get(served, "/")[0] == 200
    assert opened() == {f"{name}.db"}


def test_a_taken_port_is_one_clear_line(served: Place, config: Config) -> None:
    with pytest.raises(UsageError, match="cannot listen"):
        serve(config, port=served[1])
