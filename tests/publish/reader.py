"""A site over the edition of the tests, and requests to it by the in-process client."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlencode

import httpx

from core.config import Config
from publish.pages.serve import make_site

Newsroom = tuple[Config, Path]
T = TypeVar("T")


class Reader:
    """A site and an event loop; `get` is a request."""

    def __init__(self, config: Config) -> None:
        self.config, self.loop = config, asyncio.new_event_loop()
        self.site = make_site(config)
        self.run(self.site.invoke_startup())

    def run(self, work: Coroutine[object, None, T]) -> T:
        return self.loop.run_until_complete(work)

    def get(self, path: str, *, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """An answer that is made now: tests change what decides it."""
        self.site.get_database("stemwire").file.answers.clear()
        asked: Coroutine[object, None, httpx.Response] = self.site.client.get(path, headers=headers)
        return self.run(asked)

    def all(self, paths: Sequence[str]) -> list[httpx.Response]:
        async def together() -> list[httpx.Response]:
            asked: list[Coroutine[object, None, httpx.Response]] = [self.site.client.get(path) for path in paths]
            return await asyncio.gather(*asked)

        return self.run(together())

    def close(self) -> None:
        self.site.get_database("stemwire").close()
        self.site.executor.shutdown()
        self.loop.close()

    def sql(self, sql: str, **more: str) -> httpx.Response:
        return self.get(f"/stemwire.json?{urlencode({'sql': sql, '_shape': 'arrays', **more})}")
