"""What sort of institution each is: a hospital or clinic, a university, a company; nothing where no word says so.

By the words of its name (`institution_kinds.toml`), in the order of that file (a university hospital is a hospital),
then by the words of the names that texts use. What no word decides is a company where most mentions say that it makes
the product. `fill_institution_kinds` runs after the entities.
"""

from __future__ import annotations

import json
import re
import sqlite3
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

RULES = Path(__file__).with_name("institution_kinds.toml")
COMPANY, OTHER = "company", "other"
NAMES = """
SELECT e.id, e.name, (SELECT json_group_array(DISTINCT surface) FROM mention m WHERE m.entity = e.id) AS written,
    (SELECT sum(m.role = 'makes') * 2 > count(*) FROM mention m WHERE m.entity = e.id) AS makes
FROM entity e WHERE e.type = 'institution' ORDER BY e.id"""


@cache
def load_words() -> Mapping[str, re.Pattern[str]]:
    """kind -> what a name of this kind has, in the order in which they are tried."""
    raw = tomllib.loads(RULES.read_text("utf-8"))
    return {kind: re.compile("|".join(table["words"])) for kind, table in raw.items()}


def find_kind(names: Iterable[str], *, makes: bool = False) -> str | None:
    """The kind of an institution by its names, the surest first.

    >>> find_kind(["Careggi University Hospital"]), find_kind(["Geron", "Geron Corp"]), find_kind(["Hallam Trust"])
    ('hospital', 'company', None)
    """
    found = (kind for name in names for kind, words in load_words().items() if words.search(name))
    kind = next(found, COMPANY if makes else OTHER)
    return None if kind == OTHER else kind


def fill_institution_kinds(edition: sqlite3.Connection) -> None:
    """Fill the table `institution_kind`."""
    edition.create_function("find_kind", 3, _find_kind, deterministic=True)
    edition.execute(
        "INSERT INTO institution_kind SELECT id, kind FROM"
        f" (SELECT id, find_kind(name, written, makes) AS kind FROM ({NAMES})) WHERE kind IS NOT NULL"
    )


def _find_kind(name: str, written: str, makes: int | None) -> str | None:
    return find_kind([name, *json.loads(written)], makes=bool(makes))
