"""What the benches of lines share: an edition with its work.db opened to read, and the lines of a search."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.edition import make_edition
from core.store import open_to_read
from publish.letters.current_edition import CurrentEdition
from publish.letters.line_rows import Known

SITE = "https://stemwire.example"


@contextmanager
def find_edition(inputs: Path, folder: Path | None) -> Iterator[Path | None]:
    """The folder of an edition of real documents: the one given, else one made of the sets; None without the sets."""
    if folder is not None:
        yield folder
        return
    with tempfile.TemporaryDirectory() as temporary:
        made = Path(temporary) / "edition"
        yield made if make_edition(inputs, made)[0] else None


@contextmanager
def open_night(folder: Path) -> Iterator[Known]:
    """What an edition and its work.db know. `folder` has editions/current.db, or edition.db and work.db themselves."""
    edition, work = folder / "edition.db", folder / "work.db"
    if not edition.exists():
        edition, work = folder / "editions" / "current.db", folder / "data" / "work.db"
    connection = sqlite3.connect(f"{edition.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    connection.row_factory = sqlite3.Row
    try:
        [(night,)] = connection.execute("SELECT substr(value, 1, 10) FROM meta WHERE name = 'night'").fetchall()
        with open_to_read(work, "work") as store:
            yield Known(CurrentEdition(connection, edition.name, SITE), store, night)
    finally:
        connection.close()
