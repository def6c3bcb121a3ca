"""The search of the site, asked what people type, over an edition of a recorded newsroom.

    python -m bench.search --newsroom DIR --queries FILE [--edition FILE] [--misses] [--json]

DIR holds `sources/`, `newsroom/` (a recording) and `config.toml`, as `demo/` does (the default); its `[paths]` are
ignored: the night runs in a temporary folder, and `--edition FILE` keeps the edition that it made and uses it the next
time. FILE (default: `bench/queries/desk.jsonl`) holds one query a line: `q`; `must`: the addresses of what should be
found; `stories`: the same grouped by story; `best_first`: those of which one should come first. Hits are those of
`publish.pages.search.find_results`: one a story, the documents that match all of the query first.

In this order:
recall_at_10     stories of which a document is among the first ten hits, of min(10, stories); the mean over queries
nothing_found    share of queries with an empty answer though there is something to find
right_first      the first hit, or a document that it stands for, is in `best_first` (if that has at most six addresses)
precision_at_10  share of right ones among the first ten hits of the first group that is not empty
rightly_nothing  queries that should find nothing: no document matches all, and at most three match some
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.measure import ROOT, Board, Measure
from bench.night import run_night
from core.config import load_config
from publish.pages.page import Request
from publish.pages.search_results import Results, find_results
from publish.pages.serve import make_site
from publish.pages.views import CurrentEdition

QUERIES = ROOT / "bench" / "queries" / "desk.jsonl"
SHOWN = 10
MOST_FIRST = 6  # a longer `best_first` says nothing about what should come first
MOST_WRONG = 3  # hits of a query that should find nothing, all of them in the second group


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A query and what should come."""

    q: str
    must: frozenset[str]
    stories: tuple[frozenset[str], ...]
    first: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Got:
    """What came: the addresses that each hit stands for, the first group before the second."""

    hits: tuple[frozenset[str], ...]
    whole: int  # hits that match all of the query

    @property
    def first_group(self) -> tuple[frozenset[str], ...]:
        """Hits of the first group that is not empty, at most ten."""
        return self.hits[: min(self.whole or len(self.hits), SHOWN)]


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--newsroom", type=Path, default=ROOT / "demo", help="default: %(default)s")
    parser.add_argument("--queries", type=Path, default=QUERIES, help="default: %(default)s")
    parser.add_argument("--edition", type=Path, help="use this edition; if it is not there, make it and keep it here")
    parser.add_argument("--misses", action="store_true", help="say what is wrong, on stderr")
    board = Board.start("the search of the site", argv, parser)
    options = board.options
    if not (options.newsroom / "newsroom").is_dir() and not (options.edition and options.edition.is_file()):
        board.say(f"no recorded newsroom in {options.newsroom}")
        return 2
    board.found = 1
    asked = list(read_queries(options.queries))
    with tempfile.TemporaryDirectory() as temporary:
        edition = options.edition or Path(temporary) / "edition.db"
        if not edition.is_file():
            make_edition(options.newsroom, Path(temporary), edition)
        got = ask(edition, [one.q for one in asked])
    say: Callable[[str], None] = board.say if options.misses else lambda line: None
    for measure in measure_all(name_of(options.queries), asked, got, say):
        board.show(measure)
    return board.finish()


def read_queries(path: Path) -> Iterator[Asked]:
    for line in path.read_text("utf-8").splitlines():
        if line.strip():
            row = json.loads(line)
            yield Asked(
                q=row["q"], must=frozenset(row["must"]), stories=tuple(map(frozenset, row["stories"])),
                first=frozenset(row["best_first"]),
            )  # fmt: skip


def name_of(queries: Path) -> str:
    """What the figures call a file of queries: its name, or that of its folder where it is only `queries`."""
    return queries.resolve().parent.name if queries.stem == "queries" else queries.stem


def make_edition(newsroom: Path, work: Path, edition: Path) -> None:
    """Carry out a night on the recording in folders of its own, and keep the edition with its sidecar."""
    folder = work / "night"
    folder.mkdir()
    for name in ("sources", "newsroom"):
        (folder / name).symlink_to((newsroom / name).resolve(), target_is_directory=True)
    written = without_table((newsroom / "config.toml").read_text("utf-8"), "paths")
    paths = {"data": folder / "data", "sources": folder / "sources", "editions": folder / "editions"}
    lines = [f"{name} = {json.dumps(str(path))}" for name, path in paths.items()]
    (folder / "config.toml").write_text("\n".join([written, "[paths]", *lines, ""]), "utf-8")
    run_night(folder)
    made = (folder / "editions" / "current.db").resolve(strict=True)
    edition.parent.mkdir(parents=True, exist_ok=True)
    for suffix in (".db", ".json"):
        shutil.copyfile(made.with_suffix(suffix), edition.with_suffix(suffix))


def without_table(toml: str, name: str) -> str:
    """A file of settings without one of its tables.

    >>> without_table('a = 1\\n[paths]\\nb = 2\\n[site]\\nc = 3', "paths")
    'a = 1\\n[site]\\nc = 3'
    """
    return re.sub(rf"^\[{name}\].*?(?=^\[|\Z)", "", toml, flags=re.MULTILINE | re.DOTALL)


def ask(edition: Path, queries: Sequence[str]) -> list[Got]:
    """What the site's own search answers to each query."""
    with closing(sqlite3.connect(f"{edition.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as db:
        url_of: dict[str, str] = dict(db.execute('SELECT "key", url FROM document'))
    site = make_site(load_config(ROOT / "config.toml"), edition=edition.resolve())

    async def all_of_them() -> list[Results]:
        await site.invoke_startup()
        current = CurrentEdition(site)
        return [await find_results(current, Request(params=[("q", query)]), limit=SHOWN) for query in queries]

    try:
        return [read_results(results, url_of) for results in asyncio.run(all_of_them())]
    finally:
        site.get_database("stemwire").close()
        site.executor.shutdown()


def read_results(results: Results, url_of: Mapping[str, str]) -> Got:
    hits = [frozenset(url_of[key] for key in (hit.key, *hit.members)) for group in results.groups for hit in group.hits]
    return Got(hits=tuple(hits), whole=sum(len(group.hits) for group in results.groups if not group.relaxed))


def measure_all(name: str, asked: Sequence[Asked], got: Sequence[Got], say: Callable[[str], None]) -> Iterator[Measure]:
    """Every figure; `say` gets each query that is not answered as it should be."""
    pairs = list(zip(asked, got, strict=True))
    some = [(one, answer) for one, answer in pairs if one.must]
    none = [(one, answer) for one, answer in pairs if not one.must]
    ranked = [(one, answer) for one, answer in some if 1 <= len(one.first) <= MOST_FIRST]
    figures: list[tuple[str, list[tuple[Asked, float]]]] = [
        ("recall_at_10", [(one, recall(one, answer)) for one, answer in some]),
        ("nothing_found", [(one, float(not answer.hits)) for one, answer in some]),
        ("right_first", [(one, float(bool(answer.hits and answer.hits[0] & one.first))) for one, answer in ranked]),
        ("precision_at_10", [(one, precision(one, answer)) for one, answer in some if answer.hits]),
        ("rightly_nothing", [(one, float(answer.whole == 0 and len(answer.hits) <= MOST_WRONG))
                             for one, answer in none]),
    ]  # fmt: skip
    for measure, values in figures:
        for one, value in values:
            if value != (measure != "nothing_found"):
                say(f"{measure} {value:.2f}: {one.q[:80]}")
        mean = sum(value for _, value in values) / len(values) if values else None
        yield Measure(set=name, measure=measure, value=mean, anchor=None, n=len(values))


def recall(one: Asked, got: Got) -> float:
    """The share of the stories that are among the first ten hits."""
    shown = frozenset[str]().union(*got.hits[:SHOWN])
    return min(1.0, sum(bool(story & shown) for story in one.stories) / min(SHOWN, len(one.stories)))


def precision(one: Asked, got: Got) -> float:
    return sum(bool(hit & one.must) for hit in got.first_group) / len(got.first_group)


if __name__ == "__main__":
    sys.exit(main())
