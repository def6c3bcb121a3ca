"""The gold set of news: which articles, where their text comes from, and how it is made.

`tests/gold/news.jsonl` holds one object an article: `id`, `set` (the folder of the inputs, or "newsroom" for
the bundled one), `file` in it, `part` (dev or test), `sha256` of the text, and `ents`: `[start, end, TYPE,
concept]`, offsets of the text, end exclusive. The text itself is not there: it is read from its file as
`pipeline.py read` would, title, empty line, body. An article whose file is missing is left out; one whose text
has another sha256 cannot be used and is named.

    python -m bench.gold texts OUT [--inputs DIR]     the texts of the set, to annotate them: id, title, text, sha256
    python -m bench.gold offsets TEXTS LISTS OUT      surfaces per article ({"id", "INSTITUTION": ["…"], …}) -> offsets
    python -m bench.gold agree TEXTS A B              agreement of two annotators by type, and what they differ on

docs/how-to/annotate-news.md explains the rules and types.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.measure import INPUTS, ROOT
from crawlers.pages import read_file

GOLD = ROOT / "tests" / "gold" / "news.jsonl"
TYPES = (
    "INSTITUTION", "CELL_TYPE", "DISEASE", "JOURNAL", "PERSON", "PLACE", "SPECIES", "ANATOMY", "CELL_LINE",
)  # fmt: skip
ANY_CASE = frozenset({"CELL_TYPE", "DISEASE", "SPECIES", "ANATOMY"})  # a surface stands for its spellings too
WHOLE = frozenset({"INSTITUTION", "JOURNAL", "CELL_LINE", "PERSON"})  # nothing inside such a name is listed
NESTED = {"CELL_TYPE": frozenset({"ANATOMY", "SPECIES"}), "DISEASE": frozenset({"ANATOMY"})}
FETCHED = "2026-01-01T00:00:00Z"  # the reader of pages wants to know; texts do not depend on it
ADDRESS = re.compile(r'https?://\S+|\S+@\S+\.\w+|www\.\S+|(?<=\]\()/[^)]*\)|"/[^"\n]*"|^ {2}- [\w-]+$', re.MULTILINE)
Span = tuple[int, int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article of the gold set, with its text."""

    id: str
    set: str
    part: str
    title: str
    text: str  # title, empty line, body
    ents: tuple[tuple[int, int, str, str | None], ...]

    @property
    def body(self) -> str:
        return self.text[len(self.title) + 2 :] if self.title else self.text


def load_gold(path: Path = GOLD) -> list[dict[str, Any]]:
    """The rows of the gold file."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def find_article(row: Mapping[str, Any], inputs: Path) -> Article | None:
    """The article with its text, or None when its file is not here. Raises ValueError when the text is another."""
    path = ROOT / row["file"] if row["set"] == "newsroom" else inputs / row["set"] / row["file"]
    if not path.is_file():
        return None
    title, text = read_text(path)
    if (found := hashlib.sha256(text.encode()).hexdigest()) != row["sha256"]:
        raise ValueError(f"{row['id']}: the text has changed (sha256 {found[:12]}, not {row['sha256'][:12]})")
    ents = tuple((start, end, kind, concept) for start, end, kind, concept in row["ents"])
    return Article(id=row["id"], set=row["set"], part=row["part"], title=title, text=text, ents=ents)


def read_text(path: Path) -> tuple[str, str]:
    """(title, title + empty line + body) of a page, a text, or an object with `title` and `text`; packed or not."""
    body = path.read_bytes()
    if path.suffix == ".gz":
        body = gzip.decompress(body)
    if ".json" in path.suffixes:
        said = json.loads(body)
        title, text = said["title"].strip(), said["text"].strip()
    else:
        title, text, _ = read_file(body, FETCHED)
    return title, f"{title}\n\n{text}" if title else text


def find_spans(text: str, lists: Mapping[str, Sequence[str]]) -> tuple[list[Span], list[str]]:
    """Every place of the surfaces in the text by the rules of nesting, and those surfaces that have no place."""
    addresses = [match.span() for match in ADDRESS.finditer(text)]
    spans: set[Span] = set()
    for kind, surfaces in lists.items():
        for surface in surfaces:
            loose = kind in ANY_CASE and len(surface) > 3 and not surface.isupper()
            pattern = re.compile(rf"(?<!\w){re.escape(surface)}(?!\w)", re.IGNORECASE if loose else 0)
            for match in pattern.finditer(text):
                if not any(start <= match.start() < end for start, end in addresses):
                    spans.add((match.start(), match.end(), kind))
    kept: list[Span] = []
    for span in sorted(spans, key=lambda one: (one[0] - one[1], one[0], one[2] not in WHOLE)):
        if not any(hides(other, span) for other in kept):
            kept.append(span)
    found = {(kind, text[start:end].casefold()) for start, end, kind in kept}
    lost = [f"{kind} {one}" for kind, ones in lists.items() for one in ones if (kind, one.casefold()) not in found]
    return sorted(kept), lost


def hides(other: Span, one: Span) -> bool:
    """True if `one` is not listed in addition to the longer `other`."""
    if other[1] <= one[0] or one[1] <= other[0]:
        return False
    covers = other[0] <= one[0] and one[1] <= other[1]
    return other[2] == one[2] or (covers and (other[2] in WHOLE or one[2] in NESTED.get(other[2], frozenset())))


def surfaces(text: str, spans: Iterable[tuple[Any, ...]]) -> dict[str, set[str]]:
    """What is named, by type, each surface once: without capitals, article and shape of the quote marks."""
    named: dict[str, set[str]] = {kind: set() for kind in TYPES}
    for start, end, kind, *_ in spans:
        if kind in named:
            named[kind].add(plain(text[start:end]))
    return named


def plain(surface: str) -> str:
    """One spelling for all that are the same to a reader."""
    flat = " ".join(surface.replace("’", "'").replace("\x03", " ").split()).casefold()
    return flat.removeprefix("the ")


def agreement(
    texts: Mapping[str, str], one: Mapping[str, Any], other: Mapping[str, Any]
) -> Iterator[tuple[str, float, int, list[str]]]:
    """Per type: F1 of one annotator against the other, surfaces of both, and the differences (id, who, surface)."""
    for kind in TYPES:
        both, total = 0, 0
        differ: list[str] = []
        for name, text in texts.items():
            ours, theirs = surfaces(text, one[name])[kind], surfaces(text, other[name])[kind]
            both += len(ours & theirs)
            total += len(ours) + len(theirs)
            differ += [f"{name}\tA\t{surface}" for surface in sorted(ours - theirs)]
            differ += [f"{name}\tB\t{surface}" for surface in sorted(theirs - ours)]
        yield kind, 2 * both / total if total else 1.0, total - both, differ


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def write_jsonl(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    texts = commands.add_parser("texts")
    texts.add_argument("out", type=Path)
    texts.add_argument("--inputs", type=Path, default=INPUTS)
    offsets = commands.add_parser("offsets")
    agree = commands.add_parser("agree")
    for command, names in ((offsets, ("texts", "lists", "out")), (agree, ("texts", "a", "b"))):
        for name in names:
            command.add_argument(name, type=Path)
    options = parser.parse_args(argv)
    if options.command == "texts":
        articles = [one for row in load_gold() if (one := find_article(row, options.inputs))]
        write_jsonl(options.out, ({"id": one.id, "title": one.title, "text": one.text} for one in articles))
        return 0
    known = {row["id"]: row["text"] for row in read_jsonl(options.texts)}
    if options.command == "offsets":
        rows = []
        for row in read_jsonl(options.lists):
            lists = {kind: row.get(kind, []) for kind in TYPES}
            spans, lost = find_spans(known[row["id"]], lists)
            for surface in lost:
                print(f"{row['id']}: no place for {surface}", file=sys.stderr)
            rows.append({"id": row["id"], "ents": [[*span, None] for span in spans]})
        write_jsonl(options.out, rows)
        return 0
    both = [{row["id"]: row["ents"] for row in read_jsonl(path)} for path in (options.a, options.b)]
    for kind, f1, count, differ in agreement(known, *both):
        print(f"{kind}\t{f1:.3f}\t{count}")
        print("".join(f"   {line}\n" for line in differ), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
