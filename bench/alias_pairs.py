"""Two names of one thing: a document says one, a reader types the other. Is the document found?

    ./run.sh bench alias_pairs [--pairs N] [--seed N] [--shown N] [--json]

Names come from our lexicons, in all languages and of all types that a search can filter by. In order:

1. concepts are drawn, the same ones each time, as many of each type as of any other while they last; of each, two names
   that differ when they are folded, and that mean this concept when nothing says otherwise (`senses` 1);
2. a work.db is made with one document a pair: its title asks what is new about the second name, which is a mention of
   the concept; the real stage `names` runs, and a real edition is built;
3. the first name is typed. `alias_pairs` is the share of documents found among those that match all of it, by the
   search of the site; the anchor is the share found by the words alone, as if nothing were known about names;
4. `alias_senses` is the share of short forms of several senses that offer their senses and are searched as the words
   only. `--shown` prints so many pairs that were not found: look at those of another seed only, so that the names of
   the measure stay unseen.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.measure import Board, Measure
from core.config import load_config
from core.facets import facets
from core.records import Concept, Document, Mention, Source
from core.stage import run_stage
from core.store import Store, new_run, open_store
from nlp.names.lexicon_names import Names, load_names
from nlp.names.stage import stage
from publish.edition.build import fill, index
from publish.search.asking import ask_now
from publish.search.clauses import QueryError
from publish.search.fold import name_key
from publish.search.fts import conditions
from publish.search.query import parse_query
from publish.search.reading import Reading, read, where_of

ROOT = Path(__file__).resolve().parents[1]
SET = "names"
SEED = 11
PAIRS = 5000
FORMS = 500  # short forms of several senses
DAY = "2026-11-22"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two names of one concept."""

    concept: str
    type: str
    typed: str
    said: str


def draw_pairs(names: Names, number: int, seed: int) -> list[Pair]:
    """So many pairs, of different concepts, spread over the types."""
    chance = random.Random(seed)
    filters = {facet.name for facet in facets().of_kind("type") if facet.filter}
    of_type: defaultdict[str, list[str]] = defaultdict(list)
    for concept in sorted(names.names):
        if names.types[concept].lower() in filters and len(_keys(names, concept)) > 1:
            of_type[names.types[concept]].append(concept)
    for concepts in of_type.values():
        chance.shuffle(concepts)
    pairs: list[Pair] = []
    for type_, drawn in _take_turns(of_type, number):
        for concept in drawn:
            first, second = chance.sample(sorted(_keys(names, concept).values()), 2)
            pairs.append(Pair(concept=concept, type=type_, typed=first, said=second))
    return pairs


def _keys(names: Names, concept: str) -> dict[str, str]:
    """Folded name -> a name, of those that mean this concept."""
    return {name_key(one.name, names.types[concept].lower()): one.name for one in names.of(concept) if one.senses == 1}


def _take_turns(of_type: Mapping[str, Sequence[str]], number: int) -> Iterator[tuple[str, Sequence[str]]]:
    """As many of each type as of any other, while they last."""
    left = number
    for place, type_ in enumerate(sorted(of_type, key=lambda one: (len(of_type[one]), one))):
        share = min(len(of_type[type_]), left // (len(of_type) - place))
        left -= share
        yield type_, of_type[type_][:share]


def fill_work(work: Store, pairs: Sequence[Pair]) -> None:
    """One document a pair, which says the second name."""
    source = Source(
        id="bench", name="Bench", kind="news", country=None, lang="en", about="Made for a measurement.", licence="full",
        home=None, scope="all", rules="{}",
    )  # fmt: skip
    with work.writing():
        work.save(source)
        for number, pair in enumerate(pairs):
            before = "What is new about "
            title = f"{before}{pair.said}?"
            ident = f"https://bench.example/{number:05}"
            work.save(Concept(
                id=pair.concept, type=pair.type, name=pair.said, country=None, url=None, origin="lexicon"
            ))  # fmt: skip
            work.save(Document(
                id=ident, entry=f"bench:{number}", source="bench", kind="news", url=ident, title=title,
                text=f"{title} Nobody knows yet.", summary="", authors=(), lang="en", published=DAY,
                published_from="made", dates=(), identifiers={}, links=(), extra={}, licence="full", translated=None,
                state="current", capture="none", first_seen=f"{DAY}T04:00:00Z", hash=str(number),
            ))  # fmt: skip
            work.save(Mention(
                document=ident, part="title", start=len(before), end=len(title) - 1, type=pair.type,
                surface=pair.said, concept=pair.concept, score=1.0, why="made", component="bench",
            ))  # fmt: skip


def build(folder: Path, pairs: Sequence[Pair]) -> Path:
    """An edition of these pairs, by the real stage and the real build."""
    path = folder / "edition.db"
    with (
        open_store(folder / "work.db", "work") as work,
        closing(sqlite3.connect(path, isolation_level=None)) as edition,
    ):
        fill_work(work, pairs)
        run_stage(stage(load_config(ROOT / "config.toml")), work, new_run(work, "bench"))
        fill(edition, work)
        index(edition, work)
    return path


@dataclass(frozen=True, slots=True)
class Site:
    """The search of the site on one edition."""

    edition: sqlite3.Connection

    def read(self, typed: str) -> Reading:
        def execute(sql: str, params: Mapping[str, object]) -> list[sqlite3.Row]:
            return self.edition.execute(sql, dict(params)).fetchall()

        return ask_now(read(parse_query(typed)), execute)

    def finds(self, reading: Reading, address: str, *, by_words: bool = False) -> bool:
        """Whether the document at an address is among those that match all of it."""
        where, params = conditions(reading.written) if by_words else where_of(reading)
        sql = f"SELECT 1 FROM search WHERE {' AND '.join(where)} AND search.rowid = :number"
        (number,) = self.edition.execute("SELECT id FROM document WHERE ident = ?", (address,)).fetchone()
        return self.edition.execute(sql, {**params, "number": number}).fetchone() is not None


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=PAIRS)
    parser.add_argument("--seed", type=int, default=SEED, help="another one draws other names")
    parser.add_argument("--shown", type=int, default=0, help="pairs that were not found")
    board = Board.start("two names of one thing", argv, parser)
    board.found = 1  # the lexicons are always here
    names = load_names()
    pairs = draw_pairs(names, board.options.pairs, board.options.seed)
    with tempfile.TemporaryDirectory() as folder, closing(sqlite3.connect(build(Path(folder), pairs))) as edition:
        edition.row_factory = sqlite3.Row
        site = Site(edition)
        found: defaultdict[str, list[bool]] = defaultdict(list)
        plain: defaultdict[str, list[bool]] = defaultdict(list)
        missed: list[str] = []
        for number, pair in enumerate(pairs):
            try:
                reading = site.read(pair.typed)
            except QueryError as error:
                found[pair.type].append(False)
                plain[pair.type].append(False)
                missed.append(f"{pair.concept} typed {pair.typed!r}: {error}")
                continue
            address = f"https://bench.example/{number:05}"
            found[pair.type].append(site.finds(reading, address))
            plain[pair.type].append(site.finds(reading, address, by_words=True))
            if not found[pair.type][-1]:
                meant = ", ".join(part.thing.concept for part in reading.parts if part.thing)
                missed.append(f"{pair.concept} typed {pair.typed!r} said {pair.said!r} read as {meant or 'words'}")
        for type_ in sorted(found):
            board.show(_measure(f"alias_pairs_{type_.lower()}", found[type_], plain[type_]))
        every = [one for some in found.values() for one in some]
        board.show(_measure("alias_pairs", every, [one for some in plain.values() for one in some]))
        board.show(_measure("alias_senses", [_offers(site.read(form)) for form in draw_forms(edition)], None))
    for line in random.Random(SEED).sample(missed, min(board.options.shown, len(missed))):
        board.say(line)
    return board.finish()


def draw_forms(edition: sqlite3.Connection) -> list[str]:
    """Short forms of the edition's things that mean none of them when nothing says otherwise."""
    sql = "SELECT max(shown) FROM alias WHERE how <> 'met' GROUP BY name HAVING min(senses) > 1 AND max(how = 'short')"
    forms = sorted(shown for (shown,) in edition.execute(sql))
    return random.Random(SEED).sample(forms, min(FORMS, len(forms)))


def _offers(reading: Reading) -> bool:
    return bool(reading.unclear) and not any(part.thing for part in reading.parts)


def _measure(name: str, found: Sequence[bool], plain: Sequence[bool] | None) -> Measure:
    share = sum(found) / len(found) if found else None
    anchor = sum(plain) / len(plain) if plain else None
    return Measure(set=SET, measure=name, value=share, anchor=anchor, n=len(found))


if __name__ == "__main__":
    sys.exit(main())
