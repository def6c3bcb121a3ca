"""The site: Datasette over the current edition, with what stands in `datasette/`.

`make_site` builds the application, `serve` runs it, `check` asks for pages of every kind with the in-process client
and says what is wrong with them. The plugins in `datasette/plugins/` do the rest; they find the folder of editions in
`datasette.stemwire`, because a setting of Datasette would be shown to every reader. The database that readers see is
always called `stemwire`; which file it is, is decided by `current.db` at each request (or pinned, when a new edition
is looked at before it is switched on).
"""

from __future__ import annotations

import asyncio
import re
import socket
import sqlite3
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from core.config import ROOT, Config
from core.errors import PublishError, UsageError
from publish.edition.editions import current_path

SITE = ROOT / "datasette"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stemwire:
    """What the plugins know of the house."""

    editions: Path
    pinned: Path | None
    name: str
    url: str
    about: str


def make_site(config: Config, *, edition: Path | None = None) -> Any:
    """The Datasette application over the current edition, or over `edition` alone. Raises PublishError."""
    if str(ROOT) not in sys.path:  # plugins import publish.search.fts and core
        sys.path.insert(0, str(ROOT))
    from datasette.app import Datasette

    if edition is None and current_path(config) is None:
        raise PublishError("there is no edition yet", where=str(config.editions), hint="pipeline.py publish makes one")
    site = Datasette([], config_dir=SITE)
    site.stemwire = Stemwire(
        editions=config.editions, pinned=edition, name=config.site.name, url=config.site.url.rstrip("/"),
        about=config.site.about,
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
        if "stemwire" in site.databases:
            site.get_database("stemwire").close()


def list_pages(path: Path) -> list[tuple[str, int]]:
    """Addresses to ask for and the status they should have: all fixed pages, and of every kind of thing a few."""
    with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro&immutable=1", uri=True)) as edition:
        documents = edition.execute(
            """SELECT slug || '-' || "key" FROM (SELECT slug, "key", id,
                  row_number() OVER (PARTITION BY licence, kind ORDER BY id DESC) AS place FROM document)
               WHERE place <= 5 ORDER BY id DESC LIMIT 200"""
        ).fetchall()
        stones = edition.execute("""SELECT slug || '-' || "key" FROM tombstone ORDER BY 1 LIMIT 3""").fetchall()
        entities = edition.execute(
            """SELECT type, concept FROM (SELECT type, concept, id, row_number() OVER (PARTITION BY type ORDER BY id)
               AS place FROM entity) WHERE place <= 3 ORDER BY id"""
        ).fetchall()
        sources = edition.execute("SELECT id FROM source ORDER BY id").fetchall()
        stories = edition.execute(
            """SELECT slug || '-' || "key" FROM story ORDER BY documents DESC, id LIMIT 30"""
        ).fetchall()
        series = edition.execute("""SELECT DISTINCT "key" FROM series ORDER BY 1 LIMIT 10""").fetchall()
        facets = edition.execute("SELECT facet, value FROM facet GROUP BY facet HAVING max(documents)").fetchall()
        tables = edition.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table'"
            " AND name NOT LIKE 'search%' AND name NOT LIKE 'sqlite%'"
        ).fetchall()
    types = sorted({type_ for type_, _ in entities})
    pages = ["/", "/search", "/about", "/sources", "/search.atom", "/stemwire", "/-/metadata.json", "/static/desk.css"]
    pages += [
        f"/search?{urlencode({'q': q})}" for q in ("stem cells", '"stem cells" -review', "세포", 'a"b', "\0", "*")
    ]
    pages += ["/search?q=stem&sort=best", "/search?q=stem&page=2", "/search.atom?q=stem"]
    pages += [f"/search?{urlencode({name: value})}" for name, value in facets]
    pages += [f"/document/{quote(row[0])}" for row in documents]
    pages += [f"/entities/{type_}" for type_ in types]
    pages += [f"/entity/{type_}/{quote(concept)}" for type_, concept in entities]
    pages += [f"/source/{row[0]}" for row in sources]
    pages += ["/stories", "/stories?all=1", "/trials", "/countries", "/promises"]
    pages += [f"/story/{quote(row[0])}" for row in stories] + [f"/series/{row[0]}" for row in series]
    pages += [f"/stemwire/{row[0]}" for row in tables] + ["/stemwire/document.json?_shape=array&_size=2"]
    refused = [("/nothing-here", 404), ("/document/no-such-000000000000", 404), ("/search?q=contry:KR", 400)]
    refused += [("/-/databases.json", 404), ("/stemwire/search_data", 403)]
    gone = [(f"/document/{quote(row[0])}", 410) for row in stones]
    return [(page, 200) for page in pages] + gone + refused


async def _check(site: Any, pages: list[tuple[str, int]]) -> list[str]:
    problems = []
    await site.invoke_startup()
    canned = await site.get_canned_queries("stemwire", None)
    for page, status in [*pages, *((f"/stemwire/{name}", 200) for name in sorted(canned))]:
        answer = await site.client.get(page)
        kind = answer.headers.get("content-type", "")
        if answer.status_code != status:
            problems.append(f"{page}: answers {answer.status_code}, not {status}")
        elif kind.startswith("text/html"):
            # never judged by words: a title from outside must not be able to stop an edition
            if "</html>" not in answer.text or not re.search(r"<h1[ >]", answer.text):
                problems.append(f"{page}: has no heading or no end")
        elif not answer.content:
            problems.append(f"{page}: is empty")
    return problems
