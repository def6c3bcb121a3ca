"""The linkers of a process: built from the lexicons once, kept as a pickle under the fingerprint of their sources.

Types whose names are linked by their words (`KINDS`) have one index each; all others are linked by their exact names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nlp.compiled_lexicons import load_compiled
from nlp.entities.typefiles import EntityType, load_types
from nlp.entities.vocabulary import parse_lexicon
from nlp.normalize import name_keys
from nlp.normalize.terms import HAND, LABEL, LEARNT, SYNONYM, TAUGHT, TermIndex, TermLinker, build_index

FORMAT = 2  # of the pickle: raise it when its fields or the rules of building change
KINDS = ("disease", "cell_type")
TYPES = Path(__file__).resolve().parents[1] / "entities"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedRow:
    """One name of a concept, how good it is, and whether it is one that only linking knows."""

    surface: str
    concept: str
    rank: int
    short: bool
    learnt: bool


def rows_of(kind: str, lexicons: Path) -> list[NamedRow]:
    """The names of a type with a concept, from the files that its TOML names. Raises ConfigError."""
    (one,) = (found for found in load_types(TYPES) if found.name == kind)
    return list(_rows(one, lexicons))


def _rows(one: EntityType, lexicons: Path) -> Iterator[NamedRow]:
    for name in one.lexicons:
        path = lexicons / name
        if not path.is_file() and name.endswith("_links.tsv"):
            continue  # `training.links` has not written it yet
        hand = name.startswith("hand/")
        for row in parse_lexicon(path.read_bytes(), where=name):
            if not row.concept or "drop" in row.flags:
                continue
            learnt = "alias" in row.flags and "silent" in row.flags
            if hand:
                rank = HAND
            elif "label" in row.flags:
                rank = LABEL
            elif learnt:
                rank = TAUGHT if "default" in row.flags else LEARNT
            else:
                rank = SYNONYM
            short = "short" in row.flags
            yield NamedRow(surface=row.surface, concept=row.concept, rank=rank, short=short, learnt=learnt)


def make_linker(kind: str, rows: Iterable[NamedRow]) -> TermLinker:
    return TermLinker(build_index(kind, ((one.surface, one.concept, one.rank, one.short) for one in rows)))


def load_linkers(types: Sequence[EntityType], lexicons: Path, cache: Path) -> dict[str, TermLinker]:
    """Label of a type -> its linker. Raises ConfigError on a broken row."""
    wanted = [one for one in types if one.name in KINDS]

    def build() -> dict[str, TermIndex]:
        return {
            one.label: build_index(one.name, ((r.surface, r.concept, r.rank, r.short) for r in _rows(one, lexicons)))
            for one in wanted
        }

    indexes = load_compiled(cache, "linking", fingerprint_of(wanted, lexicons), dict, build)
    return {label: TermLinker(index) for label, index in indexes.items()}


def fingerprint_of(types: Sequence[EntityType], lexicons: Path) -> str:
    """sha256 over the lexicons' bytes, the equivalents, and the rules of reducing names."""
    total = hashlib.sha256(f"format {FORMAT}".encode())
    total.update(name_keys.EQUIVALENTS.read_bytes())
    total.update(Path(name_keys.__file__).read_bytes())
    for one in types:
        for name in one.lexicons:
            path = lexicons / name
            total.update(name.encode() + b"\0")
            if path.is_file():
                total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()
