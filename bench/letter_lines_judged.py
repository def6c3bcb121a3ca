"""What readers say of the lines of letters: would a researcher keep them?

    ./run.sh bench letter_lines_judged --write DIR [--edition DIR]
    ./run.sh bench letter_lines_judged --score DIR [--json]

`--write` makes LETTERS letters of LINES lines each over an edition of real documents (`bench/edition.py --out DIR`):
the first letters of searches in English words of bench/queries/edition.jsonl that find enough stories, a hash of the
search decides which. Each is a file in DIR as a subscriber would read it, with its lines numbered, and at its head the
need of the person who asked. `verdicts-A.tsv` and `verdicts-B.tsv` have a row a line, with an empty place for `y` or
`n` and one for the reason; two readers fill them without seeing each other's.

`--score` reads both: would_keep (share of y over all verdicts), kept_by_both, agreement (share of lines with equal
verdicts) and kappa (Cohen's). A row without a verdict is an error that names it.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.measure import Board, Measure
from bench.opened_night import SITE, find_edition, open_night
from publish.letters.bodies import text_of
from publish.letters.letter import Letter, Line, Part
from publish.letters.line_rows import Known
from publish.letters.lines import make_lines, pick_before

QUERIES = Path(__file__).parent / "queries" / "edition.jsonl"
ASKED = frozenset(("concept", "abbreviation", "words", "filter", "phrase", "boolean", "status", "institution"))
LETTERS, LINES = 30, 10
READERS = ("A", "B")
FIELDS = ("letter", "line", "title", "keep", "why")
ABOUT = """Thirty letters of ten lines. You are the researcher whose need is written at the head of each letter.

For every line write y or n into the column `keep` of your file of verdicts:
y  I would keep this line: it is about what I asked for, I see why it is there, and what it says helps me to decide
   whether to open it
n  I would not: it is not about what I asked for, or I cannot see why it is there, or it says something that is wrong,
   misleading or of no use
and into `why` a few words for each n. Do not look at the other reader's file.
"""


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", type=Path, metavar="DIR", help="write letters and files of verdicts")
    parser.add_argument("--score", type=Path, metavar="DIR", help="read the verdicts of both readers")
    parser.add_argument("--edition", type=Path, help="folder of an edition (default: one is made of the sets)")
    board = Board.start("what readers say of lines", argv, parser)
    if board.options.write:
        with find_edition(board.inputs, board.options.edition) as folder:
            if folder is None:
                board.say(f"no sets in {board.inputs}")
                return 2
            with open_night(folder) as known:
                board.say(f"{write_letters(known, board.options.write)} lines in {board.options.write}")
        return 0
    if not board.options.score:
        print("judged lines: --write DIR, then --score DIR", file=sys.stderr)
        return 0
    board.found += 1
    for measure in score(board.options.score):
        board.show(measure)
    return board.finish()


def choose_searches(known: Known) -> Iterator[tuple[str, str, list[Line]]]:
    """(search, need, lines) of searches that find enough."""
    rows = [json.loads(line) for line in QUERIES.read_text("utf-8").splitlines()]
    asked = [row for row in rows if row["why"] in ASKED and row["q"].isascii()]
    made = 0
    for row in sorted(asked, key=lambda row: hashlib.sha256(row["q"].encode()).hexdigest()):
        lines = make_lines(known, pick_before(known.edition, row["q"], LINES))
        if len(lines) == LINES and made < LETTERS:
            made += 1
            yield row["q"], row["need"], lines


def write_letters(known: Known, folder: Path) -> int:
    """Write the letters and the empty files of verdicts; returns the number of lines."""
    folder.mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, str]] = []
    for number, (query, need, lines) in enumerate(choose_searches(known), 1):
        part = Part(subscription=number, name=query, query=query, address=f"{SITE}/search", lines=tuple(lines))
        letter = Letter(site="Stemwire", home=SITE, day=known.day, every="weekly", first=False, parts=(part,))
        text = f"The person follows: {query}\nNeed: {need}\n\n{number_lines(text_of(letter))}"
        (folder / f"letter-{number:02}.txt").write_text(text, "utf-8")
        rows += [
            {"letter": f"{number:02}", "line": str(place), "title": line.title.text[:80], "keep": "", "why": ""}
            for place, line in enumerate(lines, 1)
        ]
    for reader in READERS:
        with (folder / f"verdicts-{reader}.tsv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, FIELDS, delimiter="\t", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    (folder / "README.txt").write_text(ABOUT, "utf-8")
    return len(rows)


def number_lines(text: str) -> str:
    """A letter whose stories have numbers instead of stars."""
    numbered, place = [], 0
    for line in text.splitlines():
        if line.startswith("* "):
            place += 1
            line = f"[{place}] {line[2:]}"
        numbered.append(line)
    return "\n".join(numbered) + "\n"


def score(folder: Path) -> Iterator[Measure]:
    """The figures of two files of verdicts. Raises SystemExit for a row without one."""
    first, second = (read_verdicts(folder / f"verdicts-{reader}.tsv") for reader in READERS)
    if first.keys() != second.keys():
        raise SystemExit(f"{folder}: the two files of verdicts have different rows")
    pairs = [(first[row], second[row]) for row in sorted(first)]
    lines = len(pairs)
    agreed = sum(one == other for one, other in pairs) / lines
    kept = [sum(one for one, _ in pairs) / lines, sum(other for _, other in pairs) / lines]
    chance = kept[0] * kept[1] + (1 - kept[0]) * (1 - kept[1])
    figures = {
        "would_keep": sum(kept) / 2,
        "kept_by_both": sum(one and other for one, other in pairs) / lines,
        "agreement": agreed,
        "kappa": (agreed - chance) / (1 - chance) if chance < 1 else None,
    }
    for measure, value in figures.items():
        yield Measure(set=folder.name, measure=measure, value=value, anchor=None, n=lines)


def read_verdicts(path: Path) -> dict[tuple[str, str], bool]:
    """(letter, line) -> whether the reader would keep it. Raises SystemExit for a row without a verdict."""
    found: dict[tuple[str, str], bool] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if row["keep"].strip().lower() not in ("y", "n"):
                raise SystemExit(f"{path.name}: letter {row['letter']}, line {row['line']} has no y or n")
            found[row["letter"], row["line"]] = row["keep"].strip().lower() == "y"
    if not found:
        raise SystemExit(f"{path}: no verdicts")
    return found


if __name__ == "__main__":
    sys.exit(main())
