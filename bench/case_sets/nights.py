"""Runs of `pipeline.py` in processes of their own, and an edition made from a newsroom and asked as a reader would.

A newsroom is a folder with `config.toml`, `sources/` and `newsroom/` (a recording). Its night runs in a temporary data
folder. Searches go to the site's own page, in process: a hit is what the page shows, a card at a time.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlencode

import lxml.html

from bench.case_sets import CaseError, ours
from bench.measure import ROOT

LONGEST = 900  # seconds that one command may take before we give up on a hung process
NIGHT = "2026-11-29T03:00:00Z"  # the night that the bundled newsroom is about
FAILED_SOURCES = 1  # the exit code of a command that finished, with sources that failed

Hit = frozenset[str]  # the addresses of the documents that a card shows or folds


def pipeline(config: Path, *arguments: str, at: str) -> None:
    """Run a command of pipeline.py at a time of our choosing. Raises CaseError if it does not finish."""
    done = subprocess.run(
        [sys.executable, "pipeline.py", "--config", str(config), *arguments], cwd=ROOT, capture_output=True, text=True,
        env=os.environ | {"STEMWIRE_NOW": at}, timeout=LONGEST, check=False,
    )  # fmt: skip
    if done.returncode not in (0, FAILED_SOURCES):
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise CaseError(f"{arguments[0]} ended with {done.returncode}: {last}")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a search shows: groups of hits, best group first, each in the page's order."""

    groups: tuple[tuple[Hit, ...], ...]

    @property
    def hits(self) -> tuple[Hit, ...]:
        """All hits in the order in which they are shown."""
        return tuple(hit for group in self.groups for hit in group)


class Edition:
    """A published edition that can be asked."""

    def __init__(self, config: Path) -> None:
        self._config = ours("config")(config)
        path = self._config.editions / "current.db"
        if not path.exists():
            raise CaseError("the night published no edition", where=str(config))
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as edition:
            self._documents: dict[str, str] = dict(edition.execute('SELECT "key", url FROM document'))
            self._stories: defaultdict[str, set[str]] = defaultdict(set)
            for key, url in edition.execute(
                'SELECT s."key", d.url FROM story s'
                " JOIN member m ON m.story = s.id JOIN document d ON d.id = m.document"
            ):
                self._stories[key].add(url)

    def search(self, query: str, *, all_pages: bool = False) -> Answer:
        """What the site shows for a query, on its first page of hits or on all. Raises CaseError if a page fails."""
        return asyncio.run(self._search(query, all_pages=all_pages))

    async def _search(self, query: str, *, all_pages: bool) -> Answer:
        site = ours("site")(self._config)
        await site.invoke_startup()
        groups: list[tuple[Hit, ...]] = []
        try:
            for page in count(1):
                reply = await site.client.get("/search?" + urlencode({"q": query, "page": page}))
                if reply.status_code != 200:
                    raise CaseError(f"the search answers {reply.status_code}", where=query)
                found = self.groups_in(reply.text)
                groups += found
                if not found or not all_pages:
                    break
        finally:
            site.executor.shutdown()
        return Answer(groups=tuple(groups))

    def groups_in(self, markup: str) -> list[tuple[Hit, ...]]:
        """The lists of cards on a page of results."""
        lists = lxml.html.document_fromstring(markup).xpath(
            "//ol[contains(concat(' ', normalize-space(@class), ' '), ' cards ')]"
        )
        groups = [tuple(self._hit(card) for card in one.xpath("./li")) for one in lists]
        return [group for group in groups if group]

    def _hit(self, card: Any) -> Hit:
        addresses: set[str] = set()
        for link in card.xpath(".//a/@href"):
            _, _, rest = str(link).partition("/")
            what, _, name = rest.partition("/")
            key = unquote(name).rpartition("-")[2]
            if what == "document" and key in self._documents:
                addresses.add(self._documents[key])
            elif what == "story":
                addresses |= self._stories[key]
        return frozenset(addresses)


@contextmanager
def edition_of(newsroom: Path) -> Iterator[Edition]:
    """The edition of a newsroom's night. Raises CaseError where the folder holds none or its night fails."""
    for name in ("config.toml", "sources", "newsroom"):
        if not (newsroom / name).exists():
            raise CaseError(f"a newsroom without {name}", where=str(newsroom))
    with tempfile.TemporaryDirectory() as temporary:
        config = Path(temporary) / "config.toml"
        paths = {"data": f"{temporary}/data", "sources": newsroom / "sources", "editions": f"{temporary}/editions"}
        ours_now = "[paths]\n" + "".join(f'{name} = "{path}"\n' for name, path in paths.items())
        config.write_text(f"{without_paths((newsroom / 'config.toml').read_text('utf-8'))}\n{ours_now}", "utf-8")
        pipeline(config, "nightly", "--recorded", str(newsroom / "newsroom"), at=NIGHT)
        yield Edition(config)


def without_paths(toml: str) -> str:
    """A config without its table [paths].

    >>> without_paths('[paths]\\ndata = "x"\\n[crawl]\\ndelay = 0.0')
    '[crawl]\\ndelay = 0.0'
    """
    kept, inside = [], False
    for line in toml.splitlines():
        if line.lstrip().startswith("["):
            inside = line.split("#")[0].strip() == "[paths]"
        if not inside:
            kept.append(line)
    return "\n".join(kept)
