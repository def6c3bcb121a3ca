"""A site over the edition of the tests, and requests to it by the in-process client."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

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

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    def get(self, path: str, **more: Any) -> Any:
        return self.run(self.site.client.get(path, **more))

    def all(self, paths: Sequence[str]) -> list[Any]:
        async def together() -> list[Any]:
            return await asyncio.gather(*(self.site.client.get(path) for path in paths))

        return self.run(together())

    def close(self) -> None:
        self.site.get_database("stemwire").close()
        self.site.executor.shutdown()
        self.loop.close()

    def sql(self, sql: str, **more: str) -> Any:
        return self.get(f"/stemwire.json?{urlencode({'sql': sql, '_shape': 'arrays', **more})}")
