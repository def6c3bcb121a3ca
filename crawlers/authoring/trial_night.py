"""One night of one source in stores of its own, which are gone afterwards: for recordings and drafts of sources.

The spider is that of every night, so guards, robots.txt and politeness hold here as well.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.config import Config, SourceFile
from core.records import Run
from core.store import Store, new_run, open_store
from crawlers.fetch.collect import collect


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialNight:
    """`work` and `raw` hold what was found. `recorded`: a folder of answers instead of the network."""

    config: Config
    work: Store
    raw: Store
    run: Run
    recorded: Path | None

    def collect(self, source: SourceFile, *, pages: int) -> str | None:
        """Ask the source's lists, and at most so many pages. Returns why the source failed, or None."""
        crawl = self.config.crawl.model_copy(update={"max_pages": pages})
        config = self.config.model_copy(update={"crawl": crawl})
        done = collect(config, self.work, self.raw, self.run, [source], recorded=self.recorded)
        return done.failed.get(source.id)


@contextmanager
def open_trial_night(config: Config, recorded: Path | None = None) -> Iterator[TrialNight]:
    """Empty stores in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="stemwire-") as name:
        path = Path(name) / "raw.db"
        with (
            open_store(path, "raw") as raw,
            open_store(Path(name) / "work.db", "work", attach={"raw": path}) as work,
        ):
            yield TrialNight(config=config, work=work, raw=raw, run=new_run(work, "trial"), recorded=recorded)
