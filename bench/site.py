"""What pages of the site cost, how that grows, and whether readers are well served under load.

    ./run.sh bench site --documents 100000 [--than 20000] [--edition FILE] [--only cpu,growth,hostile,republish]

The edition is the demo's (or FILE), multiplied (`bench/multiplied.py`). In order:
1. `cpu_NAME`: processor time of a page, made anew each time; the anchor is that of its own statements, replayed on a
   plain connection in the same run. `times_NAME` is the page over the bare SQL of its hits: the statements that list
   what the page shows, without counts. Both in milliseconds, the ratio without unit;
2. `growth_NAME`: the page at --documents over the page at --than;
3. `hostile_p95`: a rare search over HTTP, its 95th percentile while six readers run endless SQL; anchor: without them;
4. `republish_errors`, `_half_built`, `_stale`: 20 editions, switched under four readers. n is the number of answers.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote, urlencode

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.measure import ROOT, Board, Measure
from bench.multiplied import multiply
from core.config import Config, Crawl, Paths, Site
from publish.edition.damage import find_sha256
from publish.edition.editions import switch_to
from publish.pages.serve import make_site

TIMES, WARM = 5, 1
SET = "site"
EDITIONS, READERS, ABUSERS, ASKED = 20, 4, 6, 40
INVARIANT = (
    "select (select count(*) from document), (select value from meta where name = 'documents'),"
    " (select count(*) from search where search match 'tags : all_'), (select value from meta where name = 'name')"
)
ENDLESS = "with recursive c(x) as (select 1 union all select x + 1 from c) select count(*) from c, mention"
RARE = "SELECT word FROM word WHERE documents > 4 ORDER BY documents, word LIMIT ?"
SERVE = """
import sys
from core.config import Config, Crawl, Paths, Site
from publish.pages.serve import serve
serve(Config(crawl=Crawl(contact="mailto:a@b.example"), paths=Paths(editions=sys.argv[1], data=sys.argv[1]),
             site=Site(url="https://desk.example")), port=0)
"""


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--than", type=int, default=0, help="for growth; default: a fifth of --documents")
    parser.add_argument("--edition", type=Path, help="what is multiplied; default: the demo's")
    parser.add_argument("--only", default="cpu,growth,hostile,republish")
    board = Board.start("the site", argv, parser)
    options, only = board.options, set(board.options.only.split(","))
    small = options.edition or ROOT / "data" / "demo" / "editions" / "current.db"
    if not small.exists():
        board.say(f"{small}: not there; `./run.sh demo --once` makes it, --edition takes another")
        return 2
    small = small.resolve()
    with tempfile.TemporaryDirectory(prefix="bench-site-") as folder:
        large = make(board, Path(folder) / "large", small, options.documents)
        if only & {"cpu", "growth"}:
            costs = measure_pages(board, large, shown="cpu" in only)
            if "growth" in only:
                less = make(board, Path(folder) / "less", small, options.than or options.documents // 5)
                show_growth(board, costs, measure_pages(board, less, shown=False))
        if "hostile" in only:
            measure_hostile(board, large)
        if "republish" in only:
            measure_republish(board, small, Path(folder) / "swapped")
    return 0


def make(board: Board, folder: Path, small: Path, documents: int) -> Path:
    """A folder with one large edition, switched on."""
    folder.mkdir()
    begun = time.process_time()
    path = folder / "stemwire-20260101T000000Z.db"
    total = multiply(small, path, documents)
    switch_to(folder, path.stem)
    board.say(f"{total} documents: {time.process_time() - begun:.0f} s of processor, {path.stat().st_size >> 20} MB")
    return folder


def configure(folder: Path) -> Config:
    return Config(
        crawl=Crawl(contact="mailto:a@b.example"), paths=Paths(editions=str(folder), data=str(folder)),
        site=Site(url="https://desk.example"),
    )  # fmt: skip


def choose_pages(folder: Path) -> dict[str, str]:
    """Name of a figure -> address."""
    with closing(sqlite3.connect(folder / "current.db")) as db:
        type_, concept = db.execute("SELECT type, concept FROM entity ORDER BY documents DESC, id").fetchone()
        disease, name = db.execute(
            "SELECT concept, name FROM entity WHERE type = 'disease' ORDER BY documents DESC, id"
        ).fetchone()
        [story] = db.execute("SELECT slug || '-' || \"key\" FROM story ORDER BY documents DESC, id DESC").fetchone()
        rare = db.execute("SELECT word FROM word WHERE documents > 4 ORDER BY documents, word").fetchone()[0]
    filters = {"kind": "news", "country": "KR", "evidence": "animal"}
    return {
        "home": "/",
        "search_common": "/search?q=stem+cells",
        "search_newest": "/search?q=stem+cells&sort=newest",
        "search_rare": f"/search?q={rare}",
        "search_phrase": "/search?q=%22stem+cells%22",
        "search_name": f"/search?{urlencode({'disease': name})}",
        "search_concept": f"/search?{urlencode({'q': name})}",
        "search_filters": f"/search?{urlencode(filters)}",
        "entity": f"/entity/{type_}/{quote(concept)}",
        "disease": f"/entity/disease/{quote(disease)}",
        "story": f"/story/{quote(story)}",
        "atom": "/search.atom",
        "countries": "/countries",
        "about": "/about",
    }


Statements = list[tuple[str, dict[str, object]]]
Cost = tuple[float, float, float]  # milliseconds of processor: the page, its statements, those of its hits


def measure_pages(board: Board, folder: Path, *, shown: bool) -> dict[str, Cost]:
    """What each page costs."""
    site = make_site(configure(folder))
    loop = asyncio.new_event_loop()
    loop.run_until_complete(site.invoke_startup())
    database = site.get_database("stemwire")
    asked: Statements = []
    real = database.execute

    async def note(sql: str, params: dict[str, object] | None = None, *rest: object, **more: object) -> object:
        asked.append((sql, dict(params or {})))
        return await real(sql, params, *rest, **more)

    database.execute = note
    costs: dict[str, Cost] = {}
    for name, address in choose_pages(folder).items():
        spent = []
        for _ in range(WARM + TIMES):
            database.file.answers.clear()
            asked.clear()
            begun = time.process_time()
            answer = loop.run_until_complete(site.client.get(address))
            spent.append(time.process_time() - begun)
            if answer.status_code != 200:
                board.say(f"{address}: {answer.status_code}")
        hits = [(sql, params) for sql, params in asked if lists_hits(sql)] or asked
        page = statistics.median(spent[WARM:]) * 1000
        bare, of_hits = replay(folder, asked), replay(folder, hits)
        costs[name] = page, bare, of_hits
        if shown:
            count = len(asked)
            board.show(Measure(set=SET, measure=f"cpu_{name}", value=page, anchor=bare, n=count))
            board.show(Measure(set=SET, measure=f"times_{name}", value=page / of_hits, anchor=of_hits, n=len(hits)))
    database.close()
    site.executor.shutdown()
    loop.close()
    return costs


def lists_hits(sql: str) -> bool:
    """Whether a statement lists what a search found, and does not only count."""
    plain = " ".join(sql.lower().split())
    return "search match" in plain and "count(" not in plain


def replay(folder: Path, statements: Statements) -> float:
    """Milliseconds of processor that statements take on a plain connection."""
    spent = []
    with closing(sqlite3.connect(f"file:{folder / 'current.db'}?mode=ro&immutable=1", uri=True)) as db:
        for _ in range(WARM + TIMES):
            begun = time.process_time()
            for sql, params in statements:
                db.execute(sql, params).fetchall()
            spent.append(time.process_time() - begun)
    return max(statistics.median(spent[WARM:]) * 1000, 0.001)


def show_growth(board: Board, large: dict[str, Cost], less: dict[str, Cost]) -> None:
    for name in large:
        growth = large[name][0] / less[name][0]
        board.show(Measure(set=SET, measure=f"growth_{name}", value=growth, anchor=None, n=TIMES))


@contextmanager
def served(folder: Path) -> Iterator[int]:
    """The port of a site in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True, env=environment
    )
    try:
        line = process.stdout.readline() if process.stdout else ""
        yield int(line.split("http://")[1].split()[0].rpartition(":")[2])
    finally:
        process.terminate()
        process.wait(30)


def get(port: int, address: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    with closing(connection):
        connection.request("GET", address)
        answer = connection.getresponse()
        return answer.status, answer.read()


@contextmanager
def running(work: Sequence[object]) -> Iterator[threading.Event]:
    """Threads that call each of `work` again and again until the block ends."""
    stop = threading.Event()

    def repeat(one: object) -> None:
        while not stop.is_set():
            one()  # type: ignore[operator]

    threads = [threading.Thread(target=repeat, args=(one,)) for one in work]
    for thread in threads:
        thread.start()
    try:
        yield stop
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def measure_hostile(board: Board, folder: Path) -> None:
    """A search, alone and while six readers run endless SQL."""
    with closing(sqlite3.connect(folder / "current.db")) as db:
        rare = [
            row[0] for row in db.execute(f"SELECT word FROM word WHERE documents = 7 ORDER BY word LIMIT {2 * ASKED}")
        ]
    with served(folder) as port:
        get(port, "/search?q=warm")
        quiet = percentile([timed(port, f"/search?q={word}") for word in rare[:ASKED]])
        hostile = f"/stemwire.json?{urlencode({'sql': ENDLESS})}"
        with running([lambda: get(port, hostile)] * ABUSERS):
            time.sleep(1)
            loaded = percentile([timed(port, f"/search?q={word}") for word in rare[ASKED:]])
    board.show(Measure(set=SET, measure="hostile_p95", value=loaded / quiet, anchor=quiet, n=ASKED))


def timed(port: int, address: str) -> float:
    begun = time.perf_counter()
    status, _ = get(port, address)
    if status != 200:
        raise SystemExit(f"{address}: {status}")
    return (time.perf_counter() - begun) * 1000


def percentile(values: Sequence[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)]


def measure_republish(board: Board, small: Path, folder: Path) -> None:
    """Twenty editions under four readers: errors, half-built answers, and answers of an edition replaced before."""
    folder.mkdir()
    names = [f"stemwire-20260101T0000{number:02d}Z" for number in range(EDITIONS)]
    said = json.loads(small.with_suffix(".json").read_text("utf-8"))
    for name in names:
        path = folder / f"{name}.db"
        shutil.copyfile(small, path)
        with closing(sqlite3.connect(path)) as db, db:
            db.execute("UPDATE meta SET value = ? WHERE name = 'name'", (name,))
        about = said | {"name": name, "content": name, "size": path.stat().st_size, "sha256": find_sha256(path)}
        path.with_suffix(".json").write_text(json.dumps(about), "utf-8")
    switch_to(folder, names[0])
    current, answers, errors, half, stale = [names[0]], [0], [0], [0], [0]
    asking = f"/stemwire.json?{urlencode({'sql': INVARIANT, '_shape': 'arrays'})}"
    with served(folder) as port:

        def read() -> None:
            before = current[0]
            status, body = get(port, asking)
            answers[0] += 1
            if status != 200:
                errors[0] += status != 503
                return
            row = json.loads(body)["rows"][0]
            half[0] += len({int(number) for number in row[:3]}) != 1
            stale[0] += row[3] < before

        def look() -> None:
            status, body = get(port, "/search?q=cells")
            answers[0] += 1
            errors[0] += status not in (200, 503) or b"</html>" not in body

        with running([read, read, look, look][:READERS]):
            for name in names[1:]:
                switch_to(folder, name)
                current[0] = name
                time.sleep(0.2)
    for measure, count in (("errors", errors), ("half_built", half), ("stale", stale)):
        board.show(Measure(set=SET, measure=f"republish_{measure}", value=count[0], anchor=None, n=answers[0]))


if __name__ == "__main__":
    sys.exit(main())
