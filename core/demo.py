"""The demo: when its next night is, and the lines that it prints after a night.

The lines say what was read, which source is broken on purpose (`demo/tour.toml`), and where the answers to the
questions of the front page are. Any other source that fails is reported as an error.

The site is on a port of its own, the letters desk on the next, and on the one after that a mail server that delivers
nothing (`publish/letters/mail_sink.py`): it is there before the night, so that the night's letters reach it.

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


def configure_demo(config: Config, port: int, data: Path | None) -> Config:
    """The demo's settings with the site at `port`; `data`: where it writes, if not where they say."""
    paths = {"data": str(data.resolve()), "editions": str(data.resolve() / "editions")} if data else {}
    mail = {**config.letters.channels.get("mail", {}), "host": "127.0.0.1", "port": port + 2}
    letters = {"desk": f"http://127.0.0.1:{port + 1}", "channels": {**config.letters.channels, "mail": mail}}
    return config.model_copy(
        update={
            "paths": config.paths.model_copy(update=paths),
            "site": config.site.model_copy(update={"url": f"http://127.0.0.1:{port}"}),
            "letters": config.letters.model_copy(update=letters),
        }
    )


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


def show_ways_to_follow(config: Config, sent: int, screen: Console) -> None:
    """Print where one follows something, where the letters come, and how many came in this night."""
    desk = config.letters.desk
    came = f" ({sent} came in this night)" if sent else ""
    screen.print(f"Follow a search by mail: {desk}/follow; every letter ends here: {desk}/received{came}", markup=False)
