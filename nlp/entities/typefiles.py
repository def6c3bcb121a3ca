"""What an entity type's TOML says: one file `nlp/entities/<type>.toml` per type, found by folder scan.

    label     = "DISEASE"                  # the type's name in `Mention.type`
    about     = "…"                        # one line for people
    component = "lexicon"                  # who finds it: a name in spaCy's registry
    lexicons  = ["disease.tsv", "hand/disease.tsv"]   # under nlp/lexicons; a later one may correct an earlier one
    case      = "fold"                     # fold | capitals (every main word has one) | exact
    shortest  = 4                          # letters, for names that carry no flag `keep`
    variants  = ["plural", "possessive", "spelling"]
    swallows  = ["DISEASE"]                # types whose mentions inside one of this type are dropped
    stop      = ["disease"]                # names never taken, as running text writes them
    not_after = ["anti-", "non-"]          # text directly before a name that makes it something else
    urls      = { MONDO = "http://…/MONDO_{}" }       # address of a concept by its prefix
    [facet]                                # how a search names and shows it; core/facets.py reads this table
    [options]                              # the component's own settings

Every `nlp/lexicons/hand/<type>-*.tsv` (hand/disease-cjk.tsv) belongs to the type too, after those that are named.
Unknown keys and wrong types are errors that name the file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from core.errors import ConfigError

CASES = ("fold", "capitals", "exact")
VARIANTS = ("plural", "possessive", "spelling", "dotted", "genus")


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityType:
    """One entity type as its TOML declares it; `name` is the file's stem."""

    name: str
    label: str
    about: str
    component: str
    lexicons: tuple[str, ...] = ()
    case: str = "fold"
    shortest: int = 4
    variants: tuple[str, ...] = ()
    swallows: tuple[str, ...] = ()
    stop: tuple[str, ...] = ()
    not_after: tuple[str, ...] = ()
    urls: Mapping[str, str]
    options: Mapping[str, Any]


def load_types(folder: Path) -> tuple[EntityType, ...]:
    """Every type in the folder, by file name, with its further hand lists. Raises ConfigError."""
    found = tuple(
        with_hand_lists(parse_type(path.stem, path.read_bytes(), where=path), folder.parent / "lexicons")
        for path in sorted(folder.glob("*.toml"))
    )
    labels = [one.label for one in found]
    for label in labels:
        if labels.count(label) > 1:
            raise ConfigError(f"two entity types have the label {label}", where=str(folder))
    return found


def with_hand_lists(one: EntityType, lexicons: Path) -> EntityType:
    """The type with the lists `hand/<type>-*.tsv` that lie in the folder and that its TOML does not name."""
    lists = sorted(f"hand/{path.name}" for path in (lexicons / "hand").glob(f"{one.name}-*.tsv"))
    return replace(one, lexicons=(*one.lexicons, *(name for name in lists if name not in one.lexicons)))


def parse_type(name: str, body: bytes, *, where: Path) -> EntityType:
    """Bytes of one TOML -> EntityType. Raises ConfigError naming file and key."""
    place = f"{where.parent.name}/{where.name}"
    try:
        raw = tomllib.loads(body.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError("not a TOML file", where=place) from error
    raw.pop("facet", None)
    wanted = {field.name: str(field.type) for field in fields(EntityType) if field.name != "name"}
    for key in raw:
        if key not in wanted:
            raise ConfigError(f"unknown key {key!r}", where=place, hint="known: " + ", ".join(sorted(wanted)))
    values: dict[str, Any] = {"urls": {}, "options": {}}
    for key, value in raw.items():
        kind = wanted[key]
        if kind.startswith("tuple"):
            if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
                raise ConfigError(f"{key} must be a list of strings", where=place)
            value = tuple(value)
        elif kind.startswith("Mapping") and not isinstance(value, dict):
            raise ConfigError(f"{key} must be a table", where=place)
        elif kind in {"str", "int"} and type(value).__name__ != kind:
            raise ConfigError(f"{key} must be {'text' if kind == 'str' else 'a whole number'}", where=place)
        values[key] = value
    for key in ("label", "about", "component"):
        if not values.get(key):
            raise ConfigError(f"{key} is missing", where=place)
    if values.get("case", "fold") not in CASES:
        raise ConfigError(f"case must be one of {', '.join(CASES)}", where=place)
    for variant in values.get("variants", ()):
        if variant not in VARIANTS:
            raise ConfigError(f"unknown variant {variant!r}", where=place, hint="known: " + ", ".join(VARIANTS))
    return EntityType(name=name, **values)
