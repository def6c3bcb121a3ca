"""Answers requests with pages: Datasette's request in, a page's answer, Datasette's response out."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import unquote

from publish.pages import unanswered
from publish.pages.datasette_parts import (
    NAME,
    AsgiStream,
    AskedFor,
    NotFound,
    QueryInterrupted,
    Response,
    Site,
    Writer,
    find_fault,
)
from publish.pages.error_page import error_page
from publish.pages.masthead import find_latest
from publish.pages.meta import find_head
from publish.pages.page import Answer, Page, PageMissing, Redirect, Request, Stream, Text
from publish.pages.questions import names_feed
from publish.pages.rows import OpenEdition, Params, ReadyQuery
from publish.pages.site_map import own_pages


@dataclass(frozen=True, slots=True)
class CurrentEdition(OpenEdition):
    """The edition that the site serves; a request stays on the one it began on."""

    site: Site

    async def execute(self, sql: str, params: Params) -> Sequence[sqlite3.Row]:
        rows: Sequence[sqlite3.Row] = (await self.site.databases[NAME].execute(sql, dict(params))).rows
        return rows

    def note_unanswered(self, written: str) -> None:
        unanswered.note(self.site.stemwire.searches, written)

    async def ready_queries(self) -> list[ReadyQuery]:
        queries = await self.site.get_canned_queries(NAME, None)
        return [
            ReadyQuery(
                name=name, title=query.get("title") or name, about=query.get("description") or "",
                feed=names_feed(query["sql"]),
            )
            for name, query in queries.items()
        ]  # fmt: skip


def routes() -> list[tuple[str, Callable[..., Any]]]:
    """(regular expression, view) of every page, as Datasette wants them."""
    return [(f"^{page.route}$", partial(answer, page)) for page in own_pages()]


async def answer(page: Page, datasette: Site, request: AskedFor) -> Response | AsgiStream:
    """The response of a page. Raises NotFound."""
    asked = Request(
        parts={name: unquote(part) for name, part in request.url_vars.items()},
        params=[(name, value) for name in request.args for value in request.args.getlist(name)],
        site=datasette.stemwire.url,
        suffix=page.suffix,
    )
    try:
        found = await page.show(CurrentEdition(datasette), asked)
    except PageMissing as error:
        raise NotFound(error.what) from error
    if isinstance(found, Redirect):
        return Response.redirect(found.address, status=found.status)
    if isinstance(found, Text):
        return Response(found.text, status=found.status, content_type=found.content_type)
    if isinstance(found, Stream):
        return await send_pieces(found)
    if not isinstance(found, Answer):
        found = Answer(found)
    about = find_head(page, asked, request.path, found.context)
    context = {**about, **found.context, "here": page.stands_at(request.path, asked.parts)}
    body = await datasette.render_template(found.template or page.template, context, request=request)
    return Response(body, status=found.status, content_type=page.content_type)


async def find_shared(site: Site) -> dict[str, object]:
    """What every template is given, Datasette's own included: the facts of the edition and its latest night."""
    file = site.databases[NAME].file
    if "latest_night" not in file.noted:
        file.noted["latest_night"] = await find_latest(CurrentEdition(site))
    return {"facts": file.facts, "latest_night": file.noted["latest_night"]}


async def send_pieces(found: Stream) -> AsgiStream:
    """The response in pieces. The first is made before anything is sent: what goes wrong there has its own status."""
    first = await anext(found.pieces, "")

    async def write(writer: Writer) -> None:
        await writer.write(first)
        async for piece in found.pieces:
            await writer.write(piece)

    headers = {"content-disposition": f'attachment; filename="{found.name}"'} if found.name else {}
    return AsgiStream(write, headers=headers, content_type=found.content_type)


SLOW = "That search took too long. A filter or a rarer word makes it quick."


def find_answer(site: Site, request: AskedFor, error: Exception) -> Callable[[], Any] | None:
    """How to answer an exception, or None: Datasette answers it then, with 500 where the fault is ours."""
    if not request.path.startswith(f"/{NAME}"):
        slow = isinstance(error, QueryInterrupted)
        return partial(error_page, site, 503, SLOW, {"retry-after": "60"}) if slow else None
    fault = find_fault(error)
    if fault is None:
        return None
    if request.path.endswith(".json"):
        told = {"ok": False, "error": fault.text, "status": fault.status, "title": None}
        return partial(_told, told, fault.status)
    return partial(error_page, site, fault.status, fault.text)


async def _told(said: dict[str, object], status: int) -> Response:
    return Response.json(said, status=status)
