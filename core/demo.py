"""The lines that `demo` prints after its night: what was read, which source is broken on purpose, searches to try.

`demo/tour.toml` names the broken source and the searches. Any other source that fails is reported as an error.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError
from rich.console import Console

from core.errors import ConfigError
from core.night import Night

ANSWERS = """
SELECT count(*) FILTER (WHERE role IN ('feed', 'sitemap', 'listing')) AS lists,
    count(*) FILTER (WHERE role = 'api') AS apis, count(*) FILTER (WHERE role = 'page') AS pages
FROM raw.visit WHERE run = ? AND outcome IN ('fetched', 'unchanged')"""


class Tour(BaseModel):
    """`broken`: the source that fails on purpose; `why`: the reason; `searches`: addresses on the site."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    broken: str
    why: str
    searches: tuple[str, ...]


def load_tour(path: Path) -> Tour:
    """Read `demo/tour.toml`. Raises ConfigError."""
    try:
        return Tour.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (OSError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise ConfigError(str(error), where=str(path)) from error


def show_demo(night: Night, tour: Tour, screen: Console) -> list[str]:
    """Print five lines, and one for each other source that failed. Returns the names of those sources."""
    (read,) = night.work.rows(ANSWERS, (night.run.id,))
    documents = night.work.value("SELECT count(*) FROM document")
    screen.print(
        f"Read {read['lists']} feeds and lists, {read['apis']} answers of APIs and {read['pages']} pages:"
        f" {documents} documents."
    )
    if tour.broken in night.failed:
        screen.print(f"One source is broken on purpose: {tour.broken} ({tour.why}).", markup=False)
    mistakes = sorted(night.failed.keys() - {tour.broken})
    for source in mistakes:
        screen.print(f"failed: {source}: {night.failed[source]}", style="red", markup=False)
    address = night.config.site.url.rstrip("/")
    for number, search in enumerate(tour.searches):
        screen.print(f"{'Searches to try:' if number == 0 else '':<16} {address}{search}", markup=False)
    return mistakes
