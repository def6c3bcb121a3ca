"""What it costs to match every subscription with a night's new documents, and whether each gets what its search finds.

    ./run.sh bench letter_matching [--inputs DIR] [--edition DIR] [--subscriptions N] [--documents N]
                                    [--asked N] [--json]

The edition is `--edition`, or one of the documents that the sets hold (`bench/edition.py`), made as much larger as
`--documents` asks for where it has fewer (`bench/multiplied.py`: without the tags of things that documents name, so
run it with `--documents` below what the edition has, too). Its newest documents are those of the night.
The subscriptions are drawn with a fixed seed from what people ask for (`Mix`), many of them only once:

    share   what                                                        drawn from
    .25     searches that were typed, in many languages                 bench/queries, the first ones more often
    .25     a thing by one of its names, every third with a word        table alias, what is named more, more often
    .10     words of one title, two or three                            documents of the edition
    .10     a phrase of a title, in quotation marks                     documents of the edition
    .12     filters: kind, country, stage, a thing; with words or days  table facet
    .08     OR, brackets, NOT and minus                                 words of titles and names
    .05     beginnings of words
    .05     title: and author:
    .05     a word that no document has, an identifier

Figures, each over two numbers of subscriptions and two of documents (`n` is subscriptions times documents):
* match_cpu_ratio: CPU-seconds of `Matcher.match` by those of asking each search by itself (reading it, and its SQL with
  the documents of the night); the anchor is that each is asked: 1.0. So that asking takes minutes, not an hour, it is
  timed for `--asked` of the subscriptions, spread evenly, and multiplied;
* match_differs: subscriptions of these for which the two differ in any document; the anchor is 0;
* match_us_a_hit: microseconds of CPU for each hit: linear in hits where it does not grow.
Exit code 1 when any differs.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypedDict

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.edition import make_edition
from bench.measure import Board, Measure
from bench.multiplied import multiply
from core.config import Config, Crawl, Paths
from publish.letters.current_edition import CurrentEdition, open_current
from publish.letters.matching import Asked, Matcher
from publish.search.reading import where_of

SET = "letter_matching"
QUERIES = Path(__file__).with_name("queries")
SEED = 13
SHARES = {
    "typed": 25, "named": 25, "words": 10, "phrase": 10, "filters": 12, "operators": 8, "beginnings": 5, "fields": 5,
    "absent": 5,
}  # fmt: skip
_WORD = re.compile(r"[^\W\d_]{4,}")


class TitleRow(TypedDict):
    """A title and the names of its authors, as JSON."""

    title: str
    authors: str


class NameRow(TypedDict):
    """A name of a thing, how many documents name it, and its identifier."""

    name: str
    documents: int
    concept: str


class FacetRow(TypedDict):
    """A value of a filter."""

    facet: str
    value: str
    label: str


class KeyRow(TypedDict):
    """The key of a document."""

    key: str


class NumberRow(TypedDict):
    """The number of a document."""

    id: int


class Mix:
    """Draws searches like those that people follow."""

    def __init__(self, edition: CurrentEdition) -> None:
        self._random = random.Random(SEED)
        files = [path.read_text("utf-8").splitlines() for path in sorted(QUERIES.glob("*.jsonl"))]
        self._typed: list[str] = [json.loads(line)["q"] for lines in files for line in lines]
        self._titles = edition.select(TitleRow, "SELECT title, authors FROM document ORDER BY id")
        self._names = edition.select(
            NameRow,
            "SELECT a.shown AS name, coalesce(e.documents, 0) AS documents, a.concept FROM alias a"
            " LEFT JOIN entity e ON e.id = a.entity ORDER BY a.name, a.type, a.concept",
        )
        self._weights = [1 + row["documents"] for row in self._names]
        facets = (
            "kind",
            "evidence",
            "species",
            "animal",
            "status",
            "trial_status",
            "disease",
            "cell",
            "source",
            "line",
        )
        sql = "SELECT facet, value, label FROM facet WHERE facet IN (SELECT value FROM json_each(?)) ORDER BY 1, 2"
        self._facets = edition.select(FacetRow, sql, (json.dumps(facets),))

    def draw(self, many: int) -> list[str]:
        """So many searches."""
        makers: dict[str, Callable[[], str]] = {name: getattr(self, f"_draw_{name}") for name in SHARES}
        kinds = self._random.choices(list(SHARES), weights=list(SHARES.values()), k=many)
        return [makers[kind]() for kind in kinds]

    def _draw_typed(self) -> str:
        return self._typed[min(int(self._random.expovariate(1 / 80)), len(self._typed) - 1)]

    def _draw_named(self) -> str:
        name = self._name()
        return f"{name} {self._word()}" if self._random.random() < 1 / 3 else name

    def _draw_words(self) -> str:
        words = self._title_words()
        return " ".join(self._random.sample(words, min(len(words), self._random.choice((2, 2, 3)))))

    def _draw_phrase(self) -> str:
        words = self._random.choice(self._titles)["title"].replace('"', " ").split()
        start = self._random.randrange(max(1, len(words) - 2))
        return f'"{" ".join(words[start : start + self._random.choice((2, 3))])}"'

    def _draw_filters(self) -> str:
        found = self._random.choice(self._facets)
        value = (
            str(found["label"])
            if found["facet"] in ("disease", "cell") and self._random.random() < 0.3
            else found["value"]
        )
        one = f'{found["facet"]}:"{value}"'
        return self._random.choice((
            one, f"{one} country:{self._random.choice(('KR', 'US', 'JP', 'GB', 'CN'))}", f"{self._word()} {one}",
            f"{self._name()} {one}", f"{one} since:2026-0{self._random.randint(1, 9)}", f"-{one} {self._word()}",
        ))  # fmt: skip

    def _draw_operators(self) -> str:
        a, b, c = self._word(), self._word(), self._word()
        return self._random.choice((
            f"{a} OR {b}", f"{a} OR {b} {c}", f"({a} {b}) OR {c}", f"{a} -{b}", f"{a} NOT ({b} OR {c})",
            f'{self._name()} OR "{a} {b}"', f'{self._name()} -"{a} {b}"',
        ))  # fmt: skip

    def _draw_beginnings(self) -> str:
        word = self._word()
        start = f"{word[: self._random.randint(4, max(4, len(word) - 2))]}*"
        return self._random.choice((start, f"{start} {self._word()}"))

    def _draw_fields(self) -> str:
        names = json.loads(self._random.choice(self._titles)["authors"])
        last = str(names[0]).split()[-1] if names and str(names[0]).split() else "cho"
        return f"title:{self._word()}" if self._random.random() < 0.6 else f'author:"{last}"'

    def _draw_absent(self) -> str:
        number = self._random.randint(1000000, 99999999)
        return self._random.choice((f"NCT{number:08}", f"10.5555/{number}", f"quux{number} cells", f"pmid {number}"))

    def _name(self) -> str:
        chosen = self._random.choices(self._names, weights=self._weights)[0]
        return chosen["name"].replace('"', " ")

    def _word(self) -> str:
        return self._random.choice(self._title_words())

    def _title_words(self) -> Sequence[str]:
        return _WORD.findall(self._random.choice(self._titles)["title"]) or ["cells"]


def ask_each(edition: CurrentEdition, queries: Sequence[str], documents: Sequence[str]) -> list[tuple[str, ...]]:
    """What each search finds of these documents, asked by itself."""
    sql = 'SELECT id FROM document WHERE "key" IN (SELECT value FROM json_each(?))'
    ids = json.dumps([row["id"] for row in edition.select(NumberRow, sql, (json.dumps(documents),))])
    found = []
    for query in queries:
        where, params = where_of(edition.read(query))
        sql = (
            f'SELECT d."key" AS "key" FROM search JOIN document d ON d.id = search.rowid WHERE {" AND ".join(where)}'
            " AND +search.rowid IN (SELECT value FROM json_each(:ids)) ORDER BY d.id DESC"
        )
        found.append(tuple(row["key"] for row in edition.select(KeyRow, sql, {**params, "ids": ids})))
    return found


def measure(edition: CurrentEdition, queries: Sequence[str], documents: Sequence[str], most: int) -> Iterator[Measure]:
    """The figures of one size."""
    n = len(queries) * len(documents)
    asked = {number: Asked(kind="search", query=query) for number, query in enumerate(queries)}
    started = time.process_time()
    matches = Matcher(edition).match(asked, documents)
    together = time.process_time() - started
    sample = [
        number for number in range(0, len(queries), max(1, len(queries) // most)) if number not in matches.unreadable
    ]
    started = time.process_time()
    alone = ask_each(edition, [queries[number] for number in sample], documents)
    each = (time.process_time() - started) * len(queries) / len(sample)
    differs = sum(matches.found.get(number, ()) != keys for number, keys in zip(sample, alone, strict=True))
    hits = sum(map(len, matches.found.values()))
    print(
        f"{len(queries):,} subscriptions, {len(set(queries)):,} different, {len(matches.unreadable)} unreadable;"
        f" {len(documents):,} documents, {hits:,} hits; CPU {together:.2f} s, each alone {each:.1f} s",
        file=sys.stderr,
    )
    size = f"{SET} {len(queries)} x {len(documents)}"
    yield Measure(set=size, measure="match_cpu_ratio", value=together / each, anchor=1.0, n=n)
    yield Measure(set=size, measure="match_differs", value=differs, anchor=0.0, n=len(sample))
    yield Measure(set=size, measure="match_us_a_hit", value=together * 1e6 / max(1, hits), anchor=None, n=hits)


@contextmanager
def open_edition(options: argparse.Namespace) -> Iterator[CurrentEdition | None]:
    """The edition to match with; None where the sets are missing."""
    with tempfile.TemporaryDirectory() as folder:
        config = Config(
            crawl=Crawl(contact="mailto:desk@stemwire.example"), paths=Paths(data=folder, editions=f"{folder}/editions")
        )
        small = options.edition / "editions" / "current.db" if options.edition else None
        if small is None and make_edition(options.inputs, Path(folder))[0]:
            small = (config.editions / "current.db").resolve()
        if small is None:
            yield None
            return
        config.editions.mkdir(exist_ok=True)
        large = config.editions / "large.db"
        with closing(sqlite3.connect(small)) as db:
            there: int = db.execute("SELECT count(*) FROM document").fetchone()[0]
        if there < options.documents:
            multiply(small, large, options.documents)
        else:
            shutil.copyfile(small, large)
        current = config.editions / "current.db"
        current.unlink(missing_ok=True)
        current.symlink_to(large.name)
        with open_current(config) as edition:
            yield edition


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--edition", type=Path, help="folder of an edition (default: one is made of the sets)")
    parser.add_argument("--subscriptions", type=int, default=10_000, help="how many (default: %(default)s)")
    parser.add_argument("--documents", type=int, default=2_000, help="documents of the night (default: %(default)s)")
    parser.add_argument("--asked", type=int, default=500, help="of them asked by themselves (default: %(default)s)")
    board = Board.start(SET, argv, parser)
    many, night = board.options.subscriptions, board.options.documents
    with open_edition(board.options) as edition:
        if edition is not None:
            board.found += 1
            newest = [key for key, _ in edition.documents()][::-1]
            queries = Mix(edition).draw(many)
            for subscriptions, documents in ((many // 2, night), (many, night // 2), (many, night)):
                for figure in measure(edition, queries[:subscriptions], newest[:documents], board.options.asked):
                    board.show(figure)
    differs = any(one.value for one in board.shown if one.measure == "match_differs")
    return board.finish() or int(differs)


if __name__ == "__main__":
    raise SystemExit(main())
