"""Is each edit of a page classed as what it is? Planted edits, and the real ones of set 12 and of our newsroom.

    python -m bench.edits [--inputs DIR] [--json] [--errors]

| set | edits |
|---|---|
| `planted.tune` | half of `planted_edits.tsv`: an edit a row, each put into an article that we wrote |
| `planted.held` | the other half, which nobody looked at while the rules were made |
| `12_feed_replay` | headlines and author lines that bioRxiv changed between two nights, judged by hand |
| `newsroom` | articles of `demo/newsroom` that have a second answer |

`right` is the share of edits whose rows have exactly the kinds that the edit has. `silent_right` is the share of
planted edits that are rightly held to be silent, or not. The verdicts on set 12 are in `docs/judged/edits.tsv`: a
digest of the address and the night, the publisher, the part, and the kinds, but no words of the texts. Set 12 has one
publisher that changes what it published (Nature changed nothing there), so that it could not be split by publisher.
`--errors` lists the edits of the tuning half, of set 12 and of the newsroom that are classed otherwise.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import html
import random
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import feedparser

from bench.measure import ROOT, Board, Measure
from core.text import fingerprint
from relations.edits import Text, make_edits

PLANTED = Path(__file__).with_name("planted_edits.tsv")
JUDGED = ROOT / "docs" / "judged" / "edits.tsv"
SEED = 12
TITLE = "A quiet week in the cell hall"
PARAGRAPHS = (
    "The freezer hall is kept at the same temperature day and night. A guard walks through it every hour.",
    "Most of what is stored there was given by families who wanted nothing in return. Their names are in a book.",
    "On Tuesdays a van takes boxes with dry ice to the airport. The driver knows the way without a map.",
    "A student who watched the cells divide said that it looked like rain on a window.",
    "The building has no windows on the north side. In winter the corridor smells of coffee.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An edit, and the kinds it has."""

    name: str
    before: Text
    after: Text
    kinds: frozenset[str]
    lang: str | None


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="edits classed by kind")
    parser.add_argument("--errors", action="store_true", help="list what is classed otherwise, the held half left out")
    board = Board.start("", argv, parser)
    board.found += 1
    for half in ("tune", "held"):
        cases = list(load_planted(half))
        show(board, f"planted.{half}", cases, secret=half == "held")
        silent = sum(is_silent(case) == (not case.kinds & {"cosmetic", "correction note"}) for case in cases)
        board.show(
            Measure(set=f"planted.{half}", measure="silent_right", value=silent / len(cases), anchor=None, n=len(cases))
        )
    show(board, "newsroom", list(load_newsroom()))
    folder = board.find("12")
    if folder:
        show(board, folder.name, list(load_judged(folder)))
    return board.finish()


def show(board: Board, name: str, cases: Sequence[Case], *, secret: bool = False) -> None:
    """Print how many cases are right, and with `--errors` which are not."""
    wrong = [case for case in cases if find_kinds(case) != case.kinds]
    value = 1 - len(wrong) / len(cases) if cases else None
    board.show(Measure(set=name, measure="right", value=value, anchor=None, n=len(cases)))
    for case in wrong if board.options.errors and not secret else ():
        board.say(f"  {case.name}: {sorted(case.kinds)}, classed as {sorted(find_kinds(case))}")


def find_kinds(case: Case) -> frozenset[str]:
    """The kinds of the rows of an edit; cosmetic only where there is no other."""
    kinds = {edit.kind for edit in make_edits("d", case.before, case.after, lang=case.lang)}
    return frozenset(kinds - {"cosmetic"} or kinds)


def is_silent(case: Case) -> bool:
    return any(edit.silent for edit in make_edits("d", case.before, case.after, lang=case.lang))


def load_planted(half: str) -> Iterator[Case]:
    """The planted edits of one half, each in an article with seeded neighbours."""
    with PLANTED.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if row["half"] == half]
    chance = random.Random(SEED)
    for row in rows:
        paragraphs = chance.sample(PARAGRAPHS, 4)
        place = chance.randrange(len(paragraphs))
        titles = (row["before"], row["after"]) if row["part"] == "title" else (TITLE, TITLE)
        lines = ("", "") if row["part"] == "title" else (row["before"], row["after"])
        before, after = (
            Text(
                title=title, capture=str(number), replaced="2026-11-28T00:00:00Z",
                text="\n\n".join([*paragraphs[:place], *([line] if line else []), *paragraphs[place:]]),
            )
            for number, (title, line) in enumerate(zip(titles, lines, strict=True))
        )  # fmt: skip
        yield Case(
            name=row["before"] or row["after"], before=before, after=after, kinds=frozenset({row["kind"]}),
            lang=row["lang"],
        )  # fmt: skip


def load_newsroom() -> Iterator[Case]:
    """The articles of our newsroom that have a second answer."""
    kinds = {"korea-biolife-knee-oa": {"number", "correction note"}, "seolhwa-eye": {"number", "wording"}}
    for name, found in kinds.items():
        texts = []
        for number in (1, 2):
            page = (ROOT / "demo" / "newsroom" / "pages" / f"{name}-{number}.html").read_text("utf-8")
            body = "\n\n".join(plain(part) for part in re.findall(r"<p\b[^>]*>(.*?)</p>", page, re.S))
            heading = re.search(r"<h1[^>]*>(.*?)</h1>", page, re.S)
            texts.append(Text(title=plain(heading[1]) if heading else "", text=body, capture=str(number), replaced="r"))
        yield Case(name=name, before=texts[0], after=texts[1], kinds=frozenset(found), lang="en")


def load_judged(folder: Path) -> Iterator[Case]:
    """The changes of set 12 that were judged."""
    with JUDGED.open(encoding="utf-8", newline="") as file:
        verdicts = {row["digest"]: frozenset(row["kinds"].split(", ")) for row in csv.DictReader(file, delimiter="\t")}
    for digest, part, before, after in find_real(folder):
        if digest in verdicts:
            texts = [
                Text(title=words if part == "title" else "", text="" if part == "title" else words, capture=str(number),
                     replaced="r")
                for number, words in enumerate((before, after))
            ]  # fmt: skip
            name = f"{part}: {before} -> {after}"
            yield Case(name=name, before=texts[0], after=texts[1], kinds=verdicts[digest], lang="en")


def find_real(folder: Path) -> Iterator[tuple[str, str, str, str]]:
    """(digest, part, before, after) of every headline and author line of set 12 that changed between two nights."""
    for feed in ("biorxiv", "nature"):
        last: dict[str, tuple[str, str]] = {}
        for path in sorted((folder / feed).glob("*.xml.gz")):
            for entry in feedparser.parse(gzip.decompress(path.read_bytes())).entries:
                now = plain(entry.title), find_authors(entry)
                old = last.get(entry.id, now)
                for part, before, after in zip(("title", "authors"), old, now, strict=True):
                    if before != after and before and after:
                        yield fingerprint(entry.id, path.name, part)[1:13], part, before, after
                last[entry.id] = now


def find_authors(entry: feedparser.FeedParserDict) -> str:
    """The author line of an entry of bioRxiv; empty for others."""
    content = entry.get("content") or [{"value": ""}]
    found = re.search(r'<div class="highwire-cite-authors">(.*?)</div>', str(content[0]["value"]), re.S)
    return plain(found[1]).replace(" ,", ",") if found else ""


def plain(markup: str) -> str:
    """The text of a piece of markup, on one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup)).split())


if __name__ == "__main__":
    raise SystemExit(main())
