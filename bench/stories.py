"""Do copies of one text come together, and only those? Compared with MinHash at 0.8 over the same shingles.

    python bench/stories.py [--inputs DIR] [--json] [--no-growth]

| set | what is grouped | measures |
|---|---|---|
| 36 | 1,000 articles with ten planted near-identical pairs | `bcubed_f1`, `precision` and `recall` of pairs |
| 33 | health news and releases, with copies that we plant | the same; `false_joins`: pairs that share boilerplate |
| 33 | the same, ten times as many documents | `time_ratio`: seconds for ten times the documents, over seconds |

Planted copies of a long article, in turn: cut to its first half; retitled, with every fifth sentence gone; 30 % of its
sentences among the sentences of an article that is nowhere else; whole, with a paragraph added; copy of a copy. Planted
pairs that must not join: two unrelated articles with a closing paragraph of 90 words and an opening line in common. All
days are within one window, so that dates help nobody. The anchor is datasketch's MinHash (128 permutations, three-word
shingles, LSH at 0.8), which is how near-duplicates are commonly found.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from datasketch import MinHash, MinHashLSH

from bench.measure import Board, Measure
from core.records import Document, NearDuplicate, Source
from core.stage import run_stage
from core.store import Store, new_run, open_store
from relations import near_duplicates as room
from relations.stories import group_documents

SEED = 7
CLOSING = (
    "The foundation behind this page has supported work of this sort since its beginning and is glad to hear from"
    " readers at any time of the year. It keeps an archive of its letters, a calendar of lectures and a list of those"
    " who gave, which can be seen on request during office hours. Nothing on this page is meant as advice for one"
    " person; ask somebody who knows you. Words and pictures may be used again if their origin is named and nothing is"
    " left out. Readers who would rather not receive further letters can say so with one line to the same address."
)
OPENING = "Photographs by the staff of this paper. Listen to this article, share it, or save it for later."
ADDED = (
    "People who live near the building told our reporter that they had heard little of it until this week. Some"
    " wanted to know what it costs. Others had come by to see the entrance and went home again before the rain began."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One article; `group` names the planted copies of one text (its own id for an unrelated article)."""

    id: str
    title: str
    text: str
    group: str


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="copies brought together, compared with MinHash")
    parser.add_argument("--no-growth", action="store_true", help="leave out time_ratio (a minute)")
    board = Board.start("", argv, parser)
    folder = board.find("36")
    if folder:
        show(board, folder.name, load_pairs(folder))
    folder = board.find("33")
    if folder:
        articles = load_articles(folder)
        planted, traps = plant(articles)
        show(board, folder.name, planted, traps)
        if not board.options.no_growth:
            board.show(
                Measure(set=folder.name, measure="time_ratio", value=grow(articles), anchor=None, n=len(articles))
            )
    return board.finish()


def show(board: Board, name: str, items: Sequence[Item], traps: Sequence[tuple[str, str]] = ()) -> None:
    """All figures of one collection."""
    truth = {item.id: item.group for item in items}
    ours, theirs = _named(find_groups(items)), _named(minhash_groups(items))
    for measure, count in (("bcubed_f1", bcubed), ("precision", precision), ("recall", recall)):
        board.show(
            Measure(set=name, measure=measure, value=count(truth, ours), anchor=count(truth, theirs), n=len(items))
        )
    if traps:
        joined = [sum(named[one] == named[other] for one, other in traps) for named in (ours, theirs)]
        board.show(Measure(set=name, measure="false_joins", value=joined[0], anchor=joined[1], n=len(traps)))


def find_groups(items: Iterable[Item]) -> list[list[str]]:
    """The product's own way: its stage over a store, then its grouping, by copies alone."""
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "work.db", "work") as work:
        lay(work, items)
        run_stage(room.stage(None), work, new_run(work, "bench"))  # type: ignore[arg-type]  # it has no settings
        edges = [(k.relation, k.score, k.document, k.other) for k in work.load(NearDuplicate) if k.relation == "copy"]
    return group_documents(sorted(item.id for item in items), edges)


def lay(work: Store, items: Iterable[Item]) -> None:
    source = Source(id="s", name="s", kind="news", country=None, lang="en", about="", licence="full", home=None,
                    scope="all", rules="{}")  # fmt: skip
    with work.writing():
        work.save(source)
        for item in items:
            work.save(
                Document(
                    id=item.id, entry=item.id, source=f"s{sum(item.id.encode()) % 40}", kind="news", url="",
                    title=item.title, text=item.text, summary="", authors=(), lang="en", published="2026-11-02",
                    published_from=None, dates=(), identifiers={}, links=(), extra={}, licence="full", translated=None,
                    state="current", capture="c", first_seen="2026-11-02T00:00:00Z", hash=item.id,
                )
            )  # fmt: skip


def minhash_groups(items: Sequence[Item]) -> list[list[str]]:
    index = MinHashLSH(threshold=0.8, num_perm=128)
    hashes = {}
    for item in items:
        words = re.findall(r"\w+", item.text.lower())
        found = MinHash(num_perm=128)
        found.update_batch([" ".join(words[at : at + 3]).encode() for at in range(len(words) - 2)])
        hashes[item.id] = found
        index.insert(item.id, found)
    group = {item.id: item.id for item in items}
    for one, found in hashes.items():
        for other in index.query(found):
            left, right = group[one], group[str(other)]
            for ident in [ident for ident, name in group.items() if name == right and left != right]:
                group[ident] = left
    groups: dict[str, list[str]] = defaultdict(list)
    for ident, name in group.items():
        groups[name].append(ident)
    return list(groups.values())


def load_pairs(folder: Path) -> list[Item]:
    truth = json.loads((folder / "ground-truth.json").read_text("utf-8"))
    group = {one: pair[0] for pair in truth["pairs"] for one in pair}
    lines = gzip.decompress((folder / truth["file"]).read_bytes()).decode("utf-8").splitlines()
    rows = [line.split(" ", 1) for line in lines if " " in line]
    return [Item(id=ident, title="", text=text, group=group.get(ident, ident)) for ident, text in rows]


def load_articles(folder: Path) -> list[Item]:
    """Articles of at least 250 words, each once, in the order of their files."""
    found = {}
    for path in sorted(folder.glob("*/*.json.gz")):
        article = json.loads(gzip.decompress(path.read_bytes()))
        text = article.get("text") or ""
        if len(text.split()) >= 250:
            name = f"{path.parent.name}/{path.name.split('.')[0]}"
            found[text] = Item(id=name, title=article.get("title") or "", text=text, group=name)
    return sorted(found.values(), key=lambda item: item.id)


def plant(articles: Sequence[Item]) -> tuple[list[Item], list[tuple[str, str]]]:
    """(articles with copies of every third, and pairs with common boilerplate)."""
    chance = random.Random(SEED)
    quarry, rest = iter(articles[::3]), [item for place, item in enumerate(articles) if place % 3]
    items, traps = [], []
    for place, item in enumerate(rest):
        items.append(item)
        if place % 3 == 0:
            for number, text in enumerate(copies_of(item.text, next(quarry).text, chance)):
                items.append(Item(id=f"{item.id}#{number}", title=f"Copy {number}", text=text, group=item.group))
    alone = [item for place, item in enumerate(rest) if place % 3 == 1]
    for one, other in zip(alone[::2], alone[1::2], strict=False):
        pair = []
        for item in (one, other):
            marked = Item(id=f"{item.id}#boiler", title=item.title, group=item.group,
                          text=f"{OPENING}\n\n{item.text}\n\n{CLOSING}")  # fmt: skip
            items.append(marked)
            pair.append(marked.id)
        traps.append((pair[0], pair[1]))
    return items, traps


def copies_of(text: str, strange: str, chance: random.Random) -> list[str]:
    sentences, others = _sentences(text), _sentences(strange)
    third = max(3, round(len(sentences) * 0.3))
    kept = sorted(chance.sample(range(len(sentences)), min(third, len(sentences))))
    mixed = list(others[: len(sentences) - len(kept)])
    for at in kept:
        mixed.insert(chance.randint(0, len(mixed)), sentences[at])
    thinned = [sentence for place, sentence in enumerate(sentences) if place % 5 != 3]
    return [
        " ".join(sentences[: len(sentences) // 2]),
        " ".join(thinned),
        " ".join(mixed),
        f"{text}\n\n{ADDED}",
        " ".join(thinned[: max(6, len(thinned) * 2 // 3)]),
    ]


def grow(articles: Sequence[Item]) -> float:
    """Seconds for ten times the documents over seconds for the documents; all are unrelated, of shuffled words."""
    chance = random.Random(SEED)
    pool = [sentence for item in articles for sentence in _sentences(item.text)]
    many = [
        Item(id=f"{item.id}@{number}", title=item.title, group="",
             text=" ".join(scrambled(chance, pool)))
        for number in range(20)
        for item in articles
    ]  # fmt: skip
    few = chance.sample(many, len(many) // 10)
    seconds = []
    for items in (few, many):
        began = time.process_time()
        find_groups(items)
        seconds.append(time.process_time() - began)
    return round(seconds[1] / seconds[0], 2)


def scrambled(chance: random.Random, pool: Sequence[str]) -> list[str]:
    words = " ".join(chance.sample(pool, min(25, len(pool)))).split()
    return chance.sample(words, len(words))


def bcubed(truth: dict[str, str], named: dict[str, str]) -> float:
    """B-cubed F1 over the items that have a relative in the truth or were given one."""
    here = [ident for ident in truth if _size(truth, ident) > 1 or _size(named, ident) > 1]
    if not here:
        return 1.0
    right = {ident: sum(truth[o] == truth[ident] and named[o] == named[ident] for o in truth) for ident in here}
    exact = sum(right[ident] / _size(named, ident) for ident in here) / len(here)
    whole = sum(right[ident] / _size(truth, ident) for ident in here) / len(here)
    return round(2 * exact * whole / (exact + whole), 4)


def precision(truth: dict[str, str], named: dict[str, str]) -> float:
    found, right = _pairs(named), _pairs(truth)
    return round(len(found & right) / len(found), 4) if found else 0.0


def recall(truth: dict[str, str], named: dict[str, str]) -> float:
    found, right = _pairs(named), _pairs(truth)
    return round(len(found & right) / len(right), 4) if right else 0.0


def _pairs(named: dict[str, str]) -> set[tuple[str, str]]:
    groups: dict[str, list[str]] = defaultdict(list)
    for ident, name in sorted(named.items()):
        groups[name].append(ident)
    return {(one, other) for group in groups.values() for at, one in enumerate(group) for other in group[at + 1 :]}


def _size(named: dict[str, str], ident: str) -> int:
    return sum(name == named[ident] for name in named.values())


def _named(groups: Iterable[Sequence[str]]) -> dict[str, str]:
    return {ident: group[0] for group in groups for ident in group}


def _sentences(text: str) -> list[str]:
    return [sentence for sentence in re.split(r"(?<=[.!?])\s+", text) if sentence.strip()]


if __name__ == "__main__":
    sys.exit(main())
