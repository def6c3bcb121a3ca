"""The site: Datasette over the current edition, with the plugins, templates and settings of `datasette/`.

`make_site` builds the application, `serve` runs it, `check` asks for pages of every kind with the in-process client
and says what is wrong with them; the pages themselves name the addresses. The plugins in `datasette/plugins/` register
what is in this folder. The database that readers see is always called `stemwire`; which file it is, is decided by
`current.db` at each request (or pinned, when a new edition is checked before it is switched on).
"""

from __future__ import annotations

import asyncio
import re
import socket
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from core.config import ROOT, Config
from core.errors import PublishError, UsageError
from publish.earlier_formats import complete
from publish.edition.editions import current_path
from publish.pages import site_map
from publish.pages.datasette_parts import NAME, SiteSettings
from publish.pages.page import Sample

if TYPE_CHECKING:
    from datasette.app import Datasette

SITE = ROOT / "datasette"


def make_site(config: Config, *, edition: Path | None = None) -> Datasette:
    """The Datasette application over the current edition, or over `edition` alone. Raises PublishError."""
    if str(ROOT) not in sys.path:  # plugins import publish.pages
        sys.path.insert(0, str(ROOT))
    from datasette.app import Datasette

    if edition is None and current_path(config) is None:
        raise PublishError("there is no edition yet", where=str(config.editions), hint="pipeline.py publish makes one")
    site = Datasette([], config_dir=SITE)
    site.stemwire = SiteSettings(
        editions=config.editions, pinned=edition, name=config.site.name, url=config.site.url.rstrip("/"),
        about=config.site.about, reports=config.site.reports or config.crawl.contact,
    )  # fmt: skip
    return site


def serve(config: Config, *, host: str = "127.0.0.1", port: int = 8001) -> None:
    """Serve until interrupted. Raises PublishError without an edition, UsageError if the port is taken."""
    import uvicorn

    site = make_site(config)
    with closing(socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
            listener.listen(512)  # who comes before uvicorn is ready waits, and is not refused
        except OSError as error:
            raise UsageError(f"cannot listen on {host}:{port}", hint="--port takes another") from error
        print(f"{config.site.name} on http://{host}:{listener.getsockname()[1]} (Ctrl-C ends it)", flush=True)
        settings = uvicorn.Config(
            site.app(), log_level="warning", lifespan="on", server_header=False, timeout_keep_alive=5,
            timeout_graceful_shutdown=5,
        )  # fmt: skip
        uvicorn.Server(settings).run(sockets=[listener])


def check(config: Config) -> list[str]:
    """Every kind of page of the current edition; one line for each that is not as it should be."""
    path = current_path(config)
    if path is None:
        return [f"{config.editions}: there is no edition yet"]
    return check_edition(config, path)


def check_edition(config: Config, path: Path) -> list[str]:
    """The same for an edition that need not be switched on."""
    site = make_site(config, edition=path)
    try:
        return asyncio.run(_check(site, list_pages(path)))
    finally:
        site.executor.shutdown()
        if NAME in site.databases:
            site.databases[NAME].close()


def list_pages(path: Path) -> list[Sample]:
    """Addresses to ask for and the status they should have: what the pages name."""
    with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro&immutable=1", uri=True)) as edition:
        complete(edition)
        return list(site_map.samples(edition))


async def _check(site: Datasette, samples: list[Sample]) -> list[str]:
    problems = []
    await site.invoke_startup()
    canned = await site.get_canned_queries(NAME, None)
    for sample in [*samples, *(Sample(f"/{NAME}/{name}") for name in sorted(canned))]:
        page = sample.address
        answer = await site.client.get(page)
        kind = answer.headers.get("content-type", "")
        if answer.status_code != sample.status:
            problems.append(f"{page}: answers {answer.status_code}, not {sample.status}")
        elif kind.startswith("text/html"):
            # never judged by words: a title from outside must not be able to stop an edition
            if "</html>" not in answer.text or not re.search(r"<h1[ >]", answer.text):
                problems.append(f"{page}: has no heading or no end")
        elif not answer.content and not answer.is_redirect:
            problems.append(f"{page}: is empty")
    return problems
