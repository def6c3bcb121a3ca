"""What two readers said of documents, and what it makes of a shown statement.

`docs/judged/NAME.jsonl` holds one object a document: `id` and `address` (twelve characters of the sha256 of its
identifier and of its address), `sha256` of what was read, `part`, and `readers`: what each of the two, apart from the
other, found in the text. It holds no sentence of others.

A reader's object: `stages`, `species`, `outlook`, `outcome`, `caution`, `status`, `countries`, `kind`, `papers`,
`trials` (all values that are true of the text, so that any other value is false); `headline` and `marketing` (true or
false); `about`, `named` and `wrong` (concepts as `MONDO:0005301 multiple sclerosis`, or a bare name); `verdicts`
({"kind:value": word}, where a reader judged the shown statement itself, which goes before the lists). A field that is
missing says nothing.

A statement is right if both readers say so, false if both say that, arguable in between, and unjudged where a reader
says nothing of it. Of a chip, right is: the text is about it. To name what the text merely names is no untruth.

    python -m bench.judged READER1 READER2 --cards SHOWN --dev FILE OUT     two readers' files -> one file of verdicts
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.gold import read_jsonl, write_jsonl
from bench.measure import ROOT
from bench.shown_cards import Statement

FOLDER = ROOT / "docs" / "judged"
LISTS = {
    "stage": "stages", "species": "species", "outlook": "outlook", "outcome": "outcome", "caution": "caution",
    "status": "status", "country": "countries", "source_kind": "kind", "headline": "headline", "marketing": "marketing",
    "paper": "papers", "trial": "trials",
}  # fmt: skip
WORDS = {
    "right": "right",
    "about": "right",
    "arguable": "arguable",
    "named": "named",
    "false": "false",
    "wrong": "false",
}
CONCEPT = re.compile(r"^([\w.]+:\S+)(?:\s+(.*))?$")
Reader = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A document's truth as two readers see it."""

    id: str
    address: str
    sha256: str
    part: str
    readers: tuple[Reader, ...]

    def judge(self, statement: Statement) -> str:
        """right, arguable, named, false or unjudged."""
        words = [judge_one(reader, statement) for reader in self.readers]
        if "unjudged" in words or not words:
            return "unjudged"
        if len(set(words)) > 1 and "right" in words:
            return "arguable"
        return next(word for word in ("right", "arguable", "named", "false") if word in words)

    def agreed(self, kind: str) -> set[str]:
        """The values of a kind that both readers hold to be true; of chips, the names of what the text is about."""
        found = [values_of(reader, kind) for reader in self.readers]
        return set.intersection(*found) if found else set()


def values_of(reader: Reader, kind: str) -> set[str]:
    if kind == "chip":
        return {_name(one) or one for one in reader.get("about", ())}
    return _listed(reader.get(LISTS[kind]))


def judge_one(reader: Reader, statement: Statement) -> str:
    """What one reader says of a statement."""
    said = reader.get("verdicts", {}).get(f"{statement.kind}:{statement.value}")
    if said is not None:
        return WORDS[said]
    if statement.kind == "chip":
        for field, word in (("about", "right"), ("named", "named"), ("wrong", "false")):
            if any(is_named(one, statement.value, statement.name) for one in reader.get(field, ())):
                return word
        return "unjudged"
    listed = reader.get(LISTS.get(statement.kind, ""))
    if listed is None:
        return "unjudged"
    if isinstance(listed, bool):
        return "right" if listed else "false"
    return "right" if statement.value in _listed(listed) else "false"


def load_judged(path: Path) -> list[Judged]:
    """The documents that were judged; none where the file is missing."""
    if not path.is_file():
        return []
    return [
        Judged(
            id=row["id"], address=row["address"], sha256=row["sha256"], part=row["part"], readers=tuple(row["readers"])
        )
        for row in read_jsonl(path)
    ]  # fmt: skip


def merge(
    cards: Sequence[Mapping[str, Any]], readers: Sequence[Sequence[Mapping[str, Any]]], dev: set[str]
) -> list[dict[str, Any]]:
    """One row a document that every reader judged. Raises KeyError where a reader left one out."""
    by_id = [{row["id"]: {key: value for key, value in row.items() if key != "id"} for row in rows} for rows in readers]
    return [
        {
            "id": card["id"], "address": card["address"], "sha256": card["sha256"],
            "part": "dev27" if card["id"] in dev else "rest", "readers": [known[card["id"]] for known in by_id],
        }
        for card in cards
    ]  # fmt: skip


def _listed(said: object) -> set[str]:
    """A list's values; one word is a list of one."""
    if isinstance(said, str):
        return {said}
    return {str(one) for one in said} if isinstance(said, (list, tuple)) else set()


def is_named(said: str, concept: str, name: str) -> bool:
    """Whether what a reader wrote (`MONDO:0005301 multiple sclerosis`, or a bare name) is this concept."""
    match = CONCEPT.match(said)
    return bool(match and match[1] == concept) or (_name(said) or said.casefold()) == name.casefold()


def _name(said: str) -> str:
    """The name of `MONDO:0005301 multiple sclerosis`, or of a bare one, in small letters."""
    match = CONCEPT.match(said)
    return ((match[2] or "") if match else said).casefold().strip()


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reader", nargs=2, type=Path, help="what each reader wrote, one object a document, with its id")
    parser.add_argument("--cards", type=Path, required=True, help="what was judged (`bench/shown.py --write`)")
    parser.add_argument("--dev", type=Path, required=True, help="ids that may be looked at while rules are made")
    parser.add_argument("out", type=Path)
    options = parser.parse_args(argv)
    dev = {line.split()[0] for line in options.dev.read_text("utf-8").splitlines() if line.strip()}
    rows = merge(read_jsonl(options.cards), [read_jsonl(path) for path in options.reader], dev)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    write_jsonl(options.out, rows)
    print(json.dumps({"documents": len(rows)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
