"""How exactly the answers of interfaces are read, set by set, and how fast PubMed's files are.

    python bench/apis.py [--inputs DIR] [--json] [--sets 20,22] [--differences] [--exact]

| set | measure | anchor |
|---|---|---|
| each with a module in `bench/exact/` | `exact`: fields that equal the truth, of all fields of all its records | none |
| 26 | `join`: rows with an identifier whose paper finds the notice | none |
| 20 | `speed_ratio`: records per second, over that of `pubmed_parser` with all its fields, same files | 1 |
| 20 | `speed_ratio_iterparse`: the same over lxml's iterparse without any work, same files | 1 |
| 20 | `memory_ratio`: peak memory on files of eight times the size, over that on one | 1 |

A module of `bench/exact/` is found by its name (`s20.py`) and yields (field, expected, got, where). `--differences`
prints every one that is not equal. The project does not use `pubmed_parser`: if it is not installed, its line is left
out with a note; `STEMWIRE_RIVAL` may name another Python that has it. `--exact` leaves speed and memory out.

Speed is processor seconds at the best of some turns, each reader in a process of its own, over the files in which both
find the same number of articles (the others are named). pubmed_parser extracts what our records contain: whole days,
authors one by one with ORCID and affiliation, MeSH with qualifiers, labels of abstracts unchanged. It always reads
references (as a list or a string, in the same time). Our parser leaves out references and chemicals, and also reads
what pubmed_parser leaves out: all affiliations, corrections, registry numbers, every date, books, deletions. From its
second turn on it has cached the set's MeSH headings, as it has for most of a file of 30,000 records.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lxml import etree

from bench.measure import Board, Measure
from crawlers.lists.apis import medline
from crawlers.lists.model import ListEntry

BOOKS = {"Book", "Book Chapter"}
FETCHED = "2036-01-01T00:00:00Z"
TURNS = 5
COUNT = """
import json, sys
import pubmed_parser
counts = []
for path in json.load(sys.stdin):
    try:
        counts.append(sum(1 for _ in pubmed_parser.parse_medline_xml(path)))
    except Exception as error:
        counts.append(type(error).__name__)
print(json.dumps(counts))
"""
OURS = """
import json, sys, time
from pathlib import Path
sys.path.insert(0, {root!r})
from crawlers.lists.apis import medline
paths, best = [Path(path) for path in json.load(sys.stdin)], 1e9
for _ in range({turns}):
    began = time.process_time()
    n = sum(1 for _ in medline.read_files(paths, {fetched!r}))
    best = min(best, time.process_time() - began)
print(json.dumps([n, best]))
"""
RIVAL = """
import json, sys, time
import pubmed_parser
paths, best = json.load(sys.stdin), 1e9
for _ in range({turns}):
    began = time.process_time()
    n = sum(1 for path in paths for _ in pubmed_parser.parse_medline_xml(
        path, year_info_only=False, author_list=True, parse_downto_mesh_subterms=True))
    best = min(best, time.process_time() - began)
print(json.dumps([n, best]))
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the bench; the exit code is 2 when no set was there."""
    found = sorted(path.stem[1:] for path in (Path(__file__).parent / "exact").glob("s[0-9][0-9].py"))
    parser = argparse.ArgumentParser(description="how exactly the answers of interfaces are read")
    parser.add_argument("--sets", default=",".join(found), help="numbers, parted by commas (default: %(default)s)")
    parser.add_argument("--differences", action="store_true", help="every difference in full")
    parser.add_argument("--exact", action="store_true", help="without speed and memory")
    board = Board.start("how exactly the answers of interfaces are read", argv, parser)
    for number in board.options.sets.split(","):
        folder = board.find(number)
        if folder is None:
            continue
        _exact(board, number, folder)
        if number == "20" and not board.options.exact:
            _speed(board, folder)
            _memory(board, folder)
    return board.finish()


def _exact(board: Board, number: str, folder: Path) -> None:
    counted: Counter[str] = Counter()
    equal: Counter[str] = Counter()
    different: Counter[str] = Counter()
    for field, expected, got, where in import_module(f"bench.exact.s{number}").rows(folder):
        measure = "join" if field == "join" else "exact"
        counted[measure] += 1
        equal[measure] += expected == got
        if expected != got:
            different[field] += 1
            if board.options.differences:
                board.say(f"set {number} {field}: {where}\n    expected {expected!r}\n    got      {got!r}")
    for measure, n in counted.items():
        board.show(Measure(set=folder.name, measure=measure, value=equal[measure] / n, anchor=None, n=n))
    if different and not board.options.differences:
        told = ", ".join(f"{field} {n}" for field, n in different.most_common())
        board.say(f"set {number}: {different.total()} differences ({told}); --differences shows them")


def _speed(board: Board, folder: Path) -> None:
    every = sorted(path for path in folder.rglob("*.xml.gz"))
    paths = _common(board, every)

    def bare() -> int:
        n = 0
        for path in paths:
            with gzip.open(path) as file:
                for _, node in etree.iterparse(file, resolve_entities=False, load_dtd=False, no_network=True):
                    n += node.tag == "PubmedArticle"
        return n

    n = _articles(paths)
    code = OURS.format(root=str(Path(__file__).resolve().parents[1]), turns=TURNS, fetched=FETCHED)
    _, mine = _ask(sys.executable, code, paths)
    if rival := _ask_rival(RIVAL.format(turns=TURNS), paths):
        theirs_n, theirs = rival
        _, again = _ask(sys.executable, code, paths)  # before and behind: the machine has other work, now and then
        mine = min(mine, again)
        if n != theirs_n:
            raise RuntimeError(f"{n} records here, {theirs_n} there: a speed means nothing")
        board.show(Measure(set=folder.name, measure="speed_ratio", value=theirs / mine, anchor=1.0, n=n))
    _, theirs = _best(bare)
    board.show(Measure(set=folder.name, measure="speed_ratio_iterparse", value=theirs / mine, anchor=1.0, n=n))


def _common(board: Board, paths: list[Path]) -> list[Path]:
    """The files in which both find the same number of articles. Prints those that are left out."""
    counts = _ask_rival(COUNT, paths)
    if counts is None:
        board.say("set 20: pubmed_parser is not installed; STEMWIRE_RIVAL=/path/to/python names a Python that has it")
        return paths
    common = []
    for path, theirs in zip(paths, counts, strict=True):
        if (n := _articles([path])) == theirs:
            common.append(path)
        else:
            board.say(f"set 20: {path.name} is left out of the speed: {n} articles here, {theirs} there")
    return common


def _articles(paths: Sequence[Path]) -> int:
    """Books are read too, and not counted: pubmed_parser does not know them."""
    items = medline.read_files(paths, FETCHED)
    return sum(isinstance(item, ListEntry) and BOOKS.isdisjoint(item.extra["types"]) for item in items)


def _best(run: Callable[[], int]) -> tuple[int, float]:
    """(what it counted, its processor seconds at the best of some turns)."""
    best, n = float("inf"), 0
    for _ in range(TURNS):
        began = time.process_time()
        n = run()
        best = min(best, time.process_time() - began)
    return n, best


def _ask_rival(code: str, paths: Iterable[Path]) -> Any:
    """What pubmed_parser says; None where it is not installed."""
    python = os.environ.get("STEMWIRE_RIVAL") or sys.executable
    found = subprocess.run([python, "-c", "import pubmed_parser"], capture_output=True, check=False)
    return None if found.returncode else _ask(python, code, paths)


def _ask(python: str, code: str, paths: Iterable[Path]) -> Any:
    """What a Python of its own says of these files."""
    names = json.dumps([str(path) for path in paths])
    done = subprocess.run([python, "-c", code], input=names, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)


MEMORY = """
import sys
from pathlib import Path
sys.path.insert(0, {root!r})
from crawlers.lists.apis import medline
n = sum(1 for _ in medline.read_files([Path({path!r})], {fetched!r}))
held = Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]
print(n, held)
"""


def _memory(board: Board, folder: Path) -> None:
    """The set's records over and over in one file (a composite: there is no such file of NLM's)."""
    root = str(Path(__file__).resolve().parents[1])
    most, n = [], 0
    with tempfile.TemporaryDirectory() as scratch:
        for rounds in (1, 8):
            path = Path(scratch) / f"composite{rounds}.xml.gz"
            _write_composite(folder, path, rounds)
            code = MEMORY.format(root=root, path=str(path), fetched=FETCHED)
            said = subprocess.run(
                [sys.executable, "-c", code], capture_output=True, text=True, check=True
            ).stdout.split()
            n, held = int(said[0]), int(said[1])
            most.append(held)
    board.show(Measure(set=folder.name, measure="memory_ratio", value=most[1] / most[0], anchor=1.0, n=n))


def _write_composite(folder: Path, path: Path, rounds: int) -> None:
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(b'<?xml version="1.0" encoding="utf-8"?>\n<PubmedArticleSet>\n')
        for _ in range(rounds):
            for source in sorted(folder.rglob("*.xml.gz")):
                data = gzip.decompress(source.read_bytes())
                begin, end = data.find(b"<PubmedArticle>"), data.rfind(b"</PubmedArticle>")
                if begin >= 0:
                    file.write(data[begin : end + len(b"</PubmedArticle>\n")])
                    file.write(b"\n")
        file.write(b"</PubmedArticleSet>\n")


if __name__ == "__main__":
    sys.exit(main())
