"""The site's search over the edition of real documents, held against what two readings judged.

    ./run.sh bench judged_search [--edition FILE] [--judged FILE] [--unjudged FILE] [--errors] [--json]

FILE is an edition that `bench/edition.py --out DIR` made (DIR/editions/current.db); without it one is made for the run.
Hits are those of `publish.pages.search_results.find_results`, one a story, with the documents that each stands for.
Queries and grades are those of `relevance.py`. Of each half (`tuning`, `held_out`), and of each kind in it:

recall_at_10     documents that are right among the first ten hits, of min(10, right ones); queries with a right one
precision_at_10  hits that are right, of those that are judged among the first ten of the first group with any hit
judged_at_10     hits among the first ten that are judged; where few are, the other two say little
nothing_found    share of queries without a hit where a right document is known
agreement        Cohen's kappa of the two readings, over all grades (set `edition`)
rightly_nothing  `bench/queries/nothing.jsonl`: no document matches all, at most three match some

`--unjudged FILE` writes what is shown and not judged yet, without saying at which place: one query a line. `--errors`
names on stderr what is missing or wrong, of the half for tuning only.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import search
from bench.edition import make_edition
from bench.measure import ROOT, Board, Measure
from bench.relevance import JUDGED, PARTS, Judged, Need, kappa, kept_as, load_judged, load_needs

SET = "edition"
NOTHING = ROOT / "bench" / "queries" / "nothing.jsonl"
SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A judged query and what the search answered: the identifiers that each hit stands for."""

    need: Need
    judged: Judged
    hits: tuple[frozenset[str], ...]
    whole: int  # of these match all of the query

    @property
    def shown(self) -> frozenset[str]:
        return frozenset[str]().union(*self.hits[:SHOWN])

    @property
    def recall(self) -> float | None:
        right = self.judged.right
        return min(1.0, len(right & self.shown) / min(SHOWN, len(right))) if right else None

    @property
    def precision(self) -> float | None:
        """Of the first group with a hit; a hit is right if a document that it stands for is."""
        told = [hit for hit in self.hits[: min(self.whole or SHOWN, SHOWN)] if self.is_judged(hit)]
        return sum(bool(hit & self.judged.right) for hit in told) / len(told) if told else None

    def is_judged(self, hit: frozenset[str]) -> bool:
        """Whether something certain is known of it."""
        return bool(hit & self.judged.right) or bool(hit & (self.judged.grades.keys() - self.judged.doubtful))


def read_results(edition: Path, needs: Sequence[Need], judged: Mapping[str, Judged]) -> list[Result]:
    """Ask each judged query."""
    with closing(sqlite3.connect(f"file:{edition.resolve()}?mode=ro", uri=True)) as db:
        ident_of: dict[str, str] = {url: kept_as(ident) for url, ident in db.execute("SELECT url, ident FROM document")}
    asked = [need for need in needs if need.q in judged]
    answers = search.ask(edition, [need.q for need in asked])
    return [
        Result(
            need=need,
            judged=judged[need.q],
            hits=tuple(frozenset(ident_of[url] for url in hit) for hit in got.hits),
            whole=got.whole,
        )
        for need, got in zip(asked, answers, strict=True)
    ]


def measure(name: str, results: Sequence[Result]) -> Iterator[Measure]:
    """The figures of some results."""
    known = [result for result in results if result.judged.right]
    figures: dict[str, list[float]] = {
        "recall_at_10": [value for result in known if (value := result.recall) is not None],
        "precision_at_10": [value for result in results if (value := result.precision) is not None],
        "judged_at_10": [float(result.is_judged(hit)) for result in results for hit in result.hits[:SHOWN]],
        "nothing_found": [float(not result.hits) for result in known],
    }
    for key, values in figures.items():
        mean = sum(values) / len(values) if values else None
        yield Measure(set=name, measure=key, value=mean, anchor=None, n=len(values))


def find_errors(result: Result) -> Iterator[str]:
    """What is missing among the first ten, and what is wrong among them."""
    right = result.judged.right
    if (result.recall or 0) < 1 and right:
        missing = sorted(right - result.shown)
        yield f"missing, {len(right) - len(missing)} of {len(right)} found: {', '.join(missing[:5])}"
    wrong = [
        sorted(hit)[0]
        for hit in result.hits[: min(result.whole or SHOWN, SHOWN)]
        if result.is_judged(hit) and not hit & right
    ]
    if wrong:
        yield f"wrong: {', '.join(wrong[:5])}"


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--edition", type=Path, help="an edition that bench/edition.py made")
    parser.add_argument("--judged", type=Path, default=JUDGED, help="default: %(default)s")
    parser.add_argument("--unjudged", type=Path, metavar="FILE", help="write what is shown and not judged")
    parser.add_argument("--errors", action="store_true", help="name errors of the half for tuning")
    board = Board.start("the search, judged", argv, parser)
    options = board.options
    with tempfile.TemporaryDirectory() as temporary:
        edition = options.edition
        if edition is None:
            edition = Path(temporary) / "editions" / "current.db"
            if not make_edition(board.inputs, Path(temporary))[0]:
                board.say(f"no sets in {board.inputs}")
                return 2
        board.found = 1
        results = read_results(edition, load_needs(), load_judged(options.judged))
        nothing = list(search.read_queries(NOTHING))
        silent = search.ask(edition, [one.q for one in nothing])
    for row in measure_all(results):
        board.show(row)
    for row in search.measure_all(SET, nothing, silent, board.say if options.errors else lambda line: None):
        if row.measure == "rightly_nothing":
            board.show(row)
    for result in results if options.errors else ():
        for line in find_errors(result) if result.need.part == "tuning" else ():
            board.say(f"{result.need.q} ({result.need.why}): {line}")
    if options.unjudged:
        rows = [
            {"q": result.need.q, "docs": sorted(missing)}
            for result in results
            if (missing := {min(hit) for hit in result.hits[:SHOWN] if not hit & result.judged.grades.keys()})
        ]
        options.unjudged.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return board.finish()


def measure_all(results: Sequence[Result]) -> Iterator[Measure]:
    """All together, each half, and each kind of query in it."""
    grades = [both for result in results for both in result.judged.grades.values()]
    yield Measure(set=SET, measure="agreement", value=kappa(grades), anchor=None, n=len(grades))
    groups: dict[str, list[Result]] = {SET: list(results)}
    for part in PARTS:
        groups[f"{SET}.{part}"] = [result for result in results if result.need.part == part]
    kinds: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        kinds[f"{SET}.{result.need.part}.{result.need.why}"].append(result)
    for name, some in {**groups, **dict(sorted(kinds.items()))}.items():
        yield from measure(name, some)


if __name__ == "__main__":
    sys.exit(main())
