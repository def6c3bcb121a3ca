"""The demo: when its next night is, and the lines that it prints after a night.

The lines say what was read, which source is broken on purpose (`demo/tour.toml`), and where the answers to the
questions of the front page are. Any other source that fails is reported as an error.

The next night begins a day after the newest one, whatever the day is today: the process's clock is set to it.
"""

from __future__ import annotations

import os
import tomllib
from datetime import timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError
from rich.console import Console

from core import clock
from core.config import Config
from core.errors import ConfigError, UsageError
from core.night import Night
from core.store import open_store

ANSWERS = """
SELECT count(*) FILTER (WHERE role IN ('feed', 'sitemap', 'listing')) AS lists,
    count(*) FILTER (WHERE role = 'api') AS apis, count(*) FILTER (WHERE role = 'page') AS pages
FROM raw.visit WHERE run = ? AND outcome IN ('fetched', 'unchanged')"""


class Tour(BaseModel):
    """`broken`: the source that fails on purpose; `why`: the reason."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    broken: str
    why: str


def load_tour(path: Path) -> Tour:
    """Read `demo/tour.toml`. Raises ConfigError."""
    try:
        return Tour.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise ConfigError(str(error), where=str(path)) from error


def begin_next_night(config: Config) -> None:
    """Set this process's clock to a day after the newest night. Raises UsageError if there was none."""
    path = config.data("work.db")
    newest = None
    if path.exists():
        with open_store(path, "work") as work:
            newest = work.value("SELECT max(started) FROM run")
    if newest is None:
        raise UsageError("there was no first night", where=str(config.data("")), hint="run `demo` once, then this")
    os.environ["STEMWIRE_NOW"] = clock.stamp(clock.parse(str(newest)) + timedelta(days=1))


def show_demo(night: Night, tour: Tour, screen: Console) -> list[str]:
    """Print a line for what was read, one for each source that failed, one a question. Returns the sources' names."""
    (read,) = night.work.rows(ANSWERS, (night.run.id,))
    documents = night.work.value("SELECT count(*) FROM document")
    others = night.work.value("SELECT count(*) FROM label WHERE facet = 'scope' AND value = 'out'")
    screen.print(
        f"Read {read['lists']} feeds and lists, {read['apis']} answers of APIs and {read['pages']} pages:"
        f" {documents} documents, {others} of them about other things."
    )
    if tour.broken in night.failed:
        screen.print(f"One source is broken on purpose: {tour.broken} ({tour.why}).", markup=False)
    mistakes = sorted(night.failed.keys() - {tour.broken})
    for source in mistakes:
        screen.print(f"failed: {source}: {night.failed[source]}", style="red", markup=False)
    address = night.config.site.url.rstrip("/")
    for question in night.config.site.questions:
        screen.print(f"{question.text} {address}{question.address}", markup=False)
    return mistakes
