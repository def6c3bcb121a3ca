"""The lists at /watch: what an editor looks at every morning. Each is a file `watch/NAME.toml`, and named nowhere else.

    title    = "Only in animals"        # heading and entry of the navigation
    short    = "In animals"             # the entry, where the heading is too long for it; may be left out
    place    = 2                        # order of the lists
    about    = "News whose …"           # what is in it, in one sentence
    basis    = "The sentence …"         # what it rests on
    sure     = "Two readers …"          # how sure it is
    measured = "headline"               # the label whose measured precision the page names; may be left out
    second   = "The paper"              # what the second document is, before its title
    empty    = "No headline …"          # what the page says where nothing is in it
    rows     = "SELECT …"               # SQL over an edition, in the order of the list; or instead
    warning  = "headline leaves …"      # the kind of warning that it lists
    search   = "status:retracted"       # a search that finds what it lists, to follow it by mail; may be left out

SQL gives the columns of ROW: `document`, `other` (a second document, or NULL), `night` (in which it was noticed),
`told` (what is notable, in a few words; empty where the warning says it), `sentence` (quoted), `why`, and `page` (the
address of a page here that tells more, or empty). `fill_watch` puts the rows of every list into the table `watch` when
all else of an edition is filled, so that a page counts and sorts nothing.
"""

from __future__ import annotations

import sqlite3
from functools import cache
from pathlib import Path

from pydantic import Field

from core.config import Strict, checked, load_toml
from core.errors import ConfigError

FOLDER = Path(__file__).with_name("watch")
ROW = ("document", "other", "night", "told", "sentence", "why", "page")
WARNINGS = """
SELECT document, other, night, '' AS told, sentence, why, '' AS page FROM warning WHERE kind = '{}'
ORDER BY night DESC, document DESC"""


class WatchList(Strict):
    """One list. `name` is that of its file, and the end of its address."""

    name: str = Field(pattern=r"^[a-z]+(-[a-z]+)*$")
    title: str = Field(min_length=1)
    short: str = ""
    place: int
    about: str = Field(min_length=1)
    basis: str = Field(min_length=1)
    sure: str = Field(min_length=1)
    measured: str = ""
    second: str = "See"
    empty: str = Field(min_length=1)
    rows: str = ""
    warning: str = ""
    search: str = ""

    @property
    def query(self) -> str:
        """A search that finds the documents of the list; empty where there is none."""
        return f'warning:"{self.warning}"' if self.warning else self.search

    @property
    def address(self) -> str:
        return f"/watch/{self.name}"

    @property
    def sql(self) -> str:
        """What gives its rows."""
        return self.rows or WARNINGS.format(self.warning)


@cache
def watch_lists(folder: Path = FOLDER) -> tuple[WatchList, ...]:
    """Every list, in the order of their places. Raises ConfigError naming the file and the key."""
    found = []
    for path in sorted(folder.glob("*.toml")):
        one = checked(WatchList, {"name": path.stem, **load_toml(path)}, path.name)
        if bool(one.rows) == bool(one.warning):
            raise ConfigError("a list has either rows or a warning", where=path.name)
        found.append(one)
    return tuple(sorted(found, key=lambda one: (one.place, one.name)))


def fill_watch(edition: sqlite3.Connection) -> None:
    """Fill the table `watch`, after everything that the lists read. Raises ConfigError for SQL with other columns."""
    for one in watch_lists():
        asked = edition.execute(one.sql)
        given = tuple(column[0] for column in asked.description)
        if given != ROW:
            raise ConfigError(f"rows gives {', '.join(given)}, not {', '.join(ROW)}", where=f"{one.name}.toml")
        edition.executemany(
            "INSERT INTO watch VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(one.name, place, *row) for place, row in enumerate(asked.fetchall(), 1)],
        )
