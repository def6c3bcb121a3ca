"""What a run would send, without sending it: the letters are written into a copy of letters.db that is then deleted."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypedDict

from core import clock
from core.config import Config
from core.errors import UsageError
from core.records import Run
from core.store import Store, open_store, open_to_read
from publish.letters.arrivals import count_night, note_arrivals
from publish.letters.channels import find_channel
from publish.letters.current_edition import open_current
from publish.letters.facts import note_facts
from publish.letters.letter import Letter
from publish.letters.outbox import write_letters
from publish.letters.rendering import from_json
from publish.letters.sending import Problem, Tally, mark_uncertain
from publish.letters.tokens import signing_keys


class LetterRow(TypedDict):
    """A letter that would be sent."""

    subscriber: int
    number: int
    every: str
    message: bytes
    content: str
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dry:
    """A letter that would be sent. `letter`: None of one that waits since before letters had pages."""

    subscriber: int
    number: int
    every: str
    channel: str
    message: bytes
    letter: Letter | None

    @property
    def name(self) -> str:
        """Of its file."""
        return f"subscriber-{self.subscriber}-letter-{self.number}{find_channel(self.channel).SUFFIX}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """All letters that would be sent, how many people would get none, and what could not be written."""

    letters: tuple[Dry, ...]
    empty: int
    problems: tuple[Problem, ...]


def run_dry(config: Config) -> DryRun:
    """What a run would send now. Neither letters.db, nor work.db, nor the key file is written."""
    source = config.data("letters.db")
    work_path = config.data("work.db")
    if not source.exists() or not work_path.exists():
        return DryRun(letters=(), empty=0, problems=())
    with TemporaryDirectory() as folder:
        copied = Path(folder) / "letters.db"
        copied.touch(mode=0o600)
        with (
            closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as old,
            closing(sqlite3.connect(copied)) as new,
        ):
            old.backup(new)
        with open_store(copied, "letters") as letters, open_to_read(work_path, "work") as work:
            return _write(config, letters, work)


def _write(config: Config, letters: Store, work: Store) -> DryRun:
    tally = Tally()
    mark_uncertain(letters)
    run = Run(id=clock.compact(), command="digest --dry-run", started=clock.stamp())
    with open_current(config) as edition:
        if edition is not None:
            with letters.writing():
                night = count_night(letters, clock.stamp()[:10], run.id)
                note_arrivals(letters, edition.documents(), edition.former(), night=night.number)
                note_facts(letters, edition, night.number)
            keys = signing_keys(config, keep=False)
            write_letters(config, work, letters, run, edition, night, tally, keys=keys)
    rows = letters.select(
        LetterRow,
        "SELECT l.subscriber, l.number, l.every, l.message, l.content, s.channel FROM letter l"
        " JOIN subscriber s ON s.id = l.subscriber WHERE l.state = 'pending' AND s.state = 'active'"
        " ORDER BY l.subscriber, l.number",
    )
    made = tuple(
        Dry(
            subscriber=row["subscriber"], number=row["number"], every=row["every"], channel=row["channel"],
            message=row["message"], letter=from_json(row["content"]) if row["content"] else None,
        )
        for row in rows
    )  # fmt: skip
    return DryRun(letters=made, empty=tally.empty, problems=tuple(tally.problems))


def save_dry(dry: DryRun, folder: Path) -> None:
    """Save each letter as a file of a new or empty folder. Raises UsageError."""
    if folder.exists() and any(folder.iterdir()):
        raise UsageError("this folder is not empty", where=str(folder), hint="name another one")
    folder.mkdir(parents=True, exist_ok=True)
    for one in dry.letters:
        (folder / one.name).write_bytes(one.message)
