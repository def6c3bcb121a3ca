"""Names and values that our lexicons and rules know, whether or not a document has them yet.

A search for a disease that nobody has written of may find something tomorrow; one for a disease that does not exist
never will. The files that `nlp/entities` declares for a type are read as data, once in a process, only when somebody
asks for a thing that the edition lacks. A name is compared by its words as the search compares them
(`publish.search.fold`): case, accents, plural and spelling do not count. In the same way, `nlp/classify` has the values
that its rules give: the column `value` of its tables.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from core.config import ROOT, load_toml
from core.facets import Facet
from publish.search.fold import lookup_keys, name_key
from publish.search.fts import is_concept

LEXICONS = ROOT / "nlp" / "lexicons"
RULES = ROOT / "nlp" / "classify"
ENOUGH = 3000  # names that are compared letter by letter


def is_known(facet: Facet, value: str) -> bool:
    """Whether a lexicon of the type has this name or identifier; True for a type without lexicons."""
    files = _files(facet.file)
    if not files:
        return True
    if is_concept(value):
        return any(concept.casefold() == value.casefold() for _, concept in _rows(files))
    return any(key in _names(files) for key in lookup_keys(value))


def nearest_name(facet: Facet, value: str) -> str | None:
    """The name of a lexicon that is most like this one, or None if none is near."""
    names = _names(_files(facet.file))
    words = {word for key in lookup_keys(value) for word in key.split()}
    having = {word: sum(word in key.split() for key in names) for word in words}
    shared = sorted((word for word in words if having[word]), key=lambda word: having[word])
    key = name_key(value)
    like = [name for name in names if shared and shared[0] in name.split()][:ENOUGH]
    like += [name for name in names if name[:2] == key[:2] and abs(len(name) - len(key)) < 3][:ENOUGH]
    near = difflib.get_close_matches(key, like, n=1, cutoff=0.75)
    return names[near[0]] if near else None


@cache
def classified_values() -> tuple[frozenset[str], ...]:
    """The values that the rules for labels give: of each table together."""
    tables = []
    for path in sorted(RULES.glob("*.tsv")):
        with path.open(encoding="utf-8") as file:
            if next(file).split("\t")[0] == "value":
                values = {line.split("\t")[0].strip() for line in file}
                tables.append(frozenset(value for value in values if value and value[0] not in "=#"))
    return tuple(tables)


@cache
def _files(declared: str) -> tuple[Path, ...]:
    """The lexicons of the type that a file of nlp/entities declares."""
    return tuple(LEXICONS / name for name in load_toml(ROOT / declared).get("lexicons", []))


@cache
def _names(files: tuple[Path, ...]) -> dict[str, str]:
    """key -> name as it is written."""
    names: dict[str, str] = {}
    for name, _ in _rows(files):
        names.setdefault(name_key(name), name)
    return names


def _rows(files: tuple[Path, ...]) -> Iterator[tuple[str, str]]:
    """(name, concept) of every row of these files."""
    for path in files:
        with path.open(encoding="utf-8") as file:
            next(file)
            for line in file:
                name, concept, _ = line.split("\t", 2)
                yield name, concept
