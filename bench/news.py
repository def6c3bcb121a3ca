"""How well names are found in news: our gold set, at document level, each surface once per article.

    python -m bench.news [--inputs DIR] [--only gold|gold2] [--part dev|test] [--misses TYPE] [--json]

The articles and their annotation are described in `bench/gold.py` and docs/how-to/annotate-news.md. A third of
them (`part` "test") is never looked at while rules are made: `--misses` shows errors of the dev part only.

Sets: `news.dev` and `news.test` are all articles of the part; `newsroom.…` those of the bundled newsroom,
`outside.…` those under `--inputs`. An article is read as `pipeline.py read` reads it, without a country. Per
type `<type>_f1` over (article, surface) pairs, and `concept_accuracy`: of the surfaces found whose concept is
known, how many have it. There is no anchor: no library alone knows these types.

    python -m bench.news --only gold2 [--gold2 DIR] [--misses KIND]

Sets `gold2…` are those of `bench/gold2.py`: entities, stages, roles, what a text is about; all, the half to tune on
(`gold2.tune`), the half that is held (`gold2.held`), English and other languages. `--misses` (a type, stage, role,
about, countries …) shows errors of the tuning half only.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.gold import TYPES, Article, find_article, load_gold, plain, surfaces
from bench.gold2 import GOLD2, measure_gold2
from bench.measure import ROOT, Board, Measure
from core.config import load_config
from core.records import Mention
from nlp.entities import Reader, load
from nlp.text import load_reader


@dataclass(slots=True)
class Count:
    """Sums over the articles of one set."""

    right: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    gold: Counter[str] = field(default_factory=Counter)
    known: int = 0  # right surfaces with a concept in the gold
    linked: int = 0  # of those, linked to it

    def f1(self, kind: str) -> float | None:
        total = self.found[kind] + self.gold[kind]
        return 2 * self.right[kind] / total if total else None


def whole_offsets(article: Article, mention: Mention) -> tuple[int, int, str]:
    """The mention's offsets in title + empty line + body."""
    shift = len(article.title) + 2 if mention.part == "text" and article.title else 0
    return mention.start + shift, mention.end + shift, mention.type


def measure_article(reader: Reader, article: Article, counts: Sequence[Count]) -> list[str]:
    """Add the article to the counts; the errors, one a line."""
    reading = reader.read(document=article.id, title=article.title, text=article.body, lang="en", country=None)
    ours = surfaces(article.text, [whole_offsets(article, one) for one in reading.mentions])
    gold = surfaces(article.text, article.ents)
    errors: list[str] = []
    for kind in TYPES:
        for count in counts:
            count.right[kind] += len(ours[kind] & gold[kind])
            count.found[kind] += len(ours[kind])
            count.gold[kind] += len(gold[kind])
        errors += [f"{kind} + {article.id} {one}" for one in sorted(ours[kind] - gold[kind])]
        errors += [f"{kind} - {article.id} {one}" for one in sorted(gold[kind] - ours[kind])]
    meant: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for start, end, kind, concept in article.ents:
        if concept is not None:
            meant[kind, plain(article.text[start:end])].add(concept)
    linked: defaultdict[tuple[str, str], set[str | None]] = defaultdict(set)
    for one in reading.mentions:
        linked[one.type, plain(one.surface)].add(one.concept)
    for pair, concepts in meant.items():
        if pair in linked:
            for count in counts:
                count.known += 1
                count.linked += bool(linked[pair] & concepts)
            if not linked[pair] & concepts:
                errors.append(f"CONCEPT ! {article.id} {pair} {linked[pair]} for {concepts}")
    return errors


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", choices=["dev", "test"], help="default: both")
    parser.add_argument(
        "--misses", metavar="TYPE", help="show errors of this type (or all, or concept), dev part, on stderr"
    )
    parser.add_argument("--only", choices=["gold", "gold2"], help="default: both")
    parser.add_argument("--gold2", type=Path, default=GOLD2, help="folder of gold 2 (default: %(default)s)")
    board = Board.start("names in news", argv, parser)
    if board.options.only != "gold2":
        measure_gold(board)
    if board.options.only != "gold" and (board.options.gold2 / "dev.jsonl").is_file():
        board.found += 1
        misses = (board.options.misses or "").upper()
        for row in measure_gold2(
            board.options.gold2, board.inputs, load_reader(load_config(ROOT / "config.toml")), board.say, misses
        ):
            board.show(row)
    return board.finish()


def measure_gold(board: Board) -> None:
    """The figures of the first gold set."""
    part, misses = board.options.part, (board.options.misses or "").upper()
    counts: defaultdict[str, Count] = defaultdict(Count)
    reader: Reader | None = None
    for row in load_gold():
        if part and row["part"] != part:
            continue
        try:
            article = find_article(row, board.inputs)
        except ValueError as error:
            board.say(str(error))
            continue
        if article is None:
            board.say(f"{row['id']}: not in {board.inputs}")
            continue
        reader = reader or load({})
        home = "newsroom" if article.set == "newsroom" else "outside"
        errors = measure_article(reader, article, [counts[f"{name}.{article.part}"] for name in ("news", home)])
        for line in errors:
            if misses and article.part == "dev" and (misses == "ALL" or line.startswith(misses)):
                board.say(line)
    for name in sorted(counts):
        board.found += 1
        count = counts[name]
        for kind in TYPES:
            measure = f"{kind.lower()}_f1"
            board.show(Measure(set=name, measure=measure, value=count.f1(kind), anchor=None, n=count.gold[kind]))
            if misses and misses in {kind, "ALL"}:
                precision, recall = (count.right[kind] / max(1, of[kind]) for of in (count.found, count.gold))
                board.say(f"   precision {precision:.3f} recall {recall:.3f}")
        value = count.linked / count.known if count.known else None
        board.show(Measure(set=name, measure="concept_accuracy", value=value, anchor=None, n=count.known))


if __name__ == "__main__":
    sys.exit(main())
