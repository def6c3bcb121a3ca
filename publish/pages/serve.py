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
from urllib.parse import quote

from core.config import ROOT, Config
from core.errors import PublishError, UsageError
from publish.earlier_formats import complete
from publish.edition.damage import find_damage, find_linked, find_servable
from publish.pages import site_map, unanswered
from publish.pages.datasette_parts import NAME, Application, SiteSettings, make_application, without_time_limits
from publish.pages.page import Sample

SITE = ROOT / "datasette"


def make_site(config: Config, *, edition: Path | None = None, refused: frozenset[Path] = frozenset()) -> Application:
    """The application over the current edition (never over `refused`), or over `edition` alone.

    Raises PublishError.
    """
    if str(ROOT) not in sys.path:  # plugins import publish.pages
        sys.path.insert(0, str(ROOT))
    if edition is None and find_servable(config.editions, refused) is None:
        raise _describe_none(config)
    desk = config.letters.desk.rstrip("/")
    return make_application(SITE, SiteSettings(
        editions=config.editions, pinned=edition, name=config.site.name, url=config.site.url.rstrip("/"),
        about=config.site.about, reports=config.site.reports or config.crawl.contact, refused=refused,
        notice=config.site.notice, questions=tuple((one.text, one.address) for one in config.site.questions),
        searches=None if edition else unanswered.path_of(config),
        paste=f"{desk}/check" if config.site.paste else "", desk=desk if config.letters.sign_up else "",
    ))  # fmt: skip


def serve(config: Config, *, host: str = "127.0.0.1", port: int = 8001) -> None:
    """Serve until interrupted. Raises PublishError without an edition, UsageError if the port is taken.

    An edition that is no longer what was published is not served: the newest that is takes its place, and a line says
    so. The next edition that is published is served as always.
    """
    from publish.pages.connections import make_server

    refused = _refuse_damaged(config)
    site = make_site(config, refused=refused)
    with closing(socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
            listener.listen(512)  # who comes before uvicorn is ready waits, and is not refused
        except OSError as error:
            raise UsageError(f"cannot listen on {host}:{port}", hint="--port takes another") from error
        print(f"{config.site.name} on http://{host}:{listener.getsockname()[1]} (Ctrl-C ends it)", flush=True)
        make_server(site.app()).run(sockets=[listener])


def _refuse_damaged(config: Config) -> frozenset[Path]:
    """Read every byte of the current edition, and if need be of older ones, until one is whole. Says what is not."""
    linked, refused = find_linked(config.editions), set()
    candidates = [path for path in (linked, *sorted(config.editions.glob("stemwire-*.db"), reverse=True)) if path]
    for path in dict.fromkeys(candidates):
        damage = find_damage(path, whole=True)
        if not damage:
            if path != linked:
                print(f"{path.stem} is served instead; `pipeline.py publish` builds a new one", file=sys.stderr)
            break
        print(f"{path.stem} is damaged: {damage}", file=sys.stderr)
        refused.add(path)
    return frozenset(refused)


def _describe_none(config: Config) -> PublishError:
    """Why there is nothing to serve."""
    linked = find_linked(config.editions)
    if linked is None:
        return PublishError("there is no edition yet", where=str(config.editions), hint="pipeline.py publish makes one")
    return PublishError(
        f"the current edition is damaged: {find_damage(linked, whole=True)}", where=str(linked),
        hint="pipeline.py publish builds a new one",
    )  # fmt: skip


def check(config: Config) -> list[str]:
    """Every kind of page of the current edition; one line for each that is not as it should be.

    Raises PublishError where the edition is no longer what was published: its pages would say nothing then.
    """
    path = find_linked(config.editions)
    if path is None:
        return [f"{config.editions}: there is no edition yet"]
    if find_damage(path, whole=True):
        raise _describe_none(config)
    return check_edition(config, path)


def check_edition(config: Config, path: Path) -> list[str]:
    """The same for an edition that need not be switched on.

    Its queries have no time limit: whether an edition is good does not depend on how busy the machine is.
    """
    site = make_site(config, edition=path)
    without_time_limits(site)
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


async def _check(site: Application, samples: list[Sample]) -> list[str]:
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
