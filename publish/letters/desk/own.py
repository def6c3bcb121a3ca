"""`/own`: follow works and trials of one's own. A list is pasted or uploaded, and what was read is shown.

GET shows the form; POST reads the list (`own_lists`), stores nothing, and shows the form of `/follow` with it.
"""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from publish.letters.desk.follow import show_form
from publish.letters.desk.forms import Asked
from publish.letters.desk.own_lists import MOST_CHARACTERS, decoded, read_own
from publish.letters.desk.parts import Parts
from publish.letters.wanted import MAX_OWNED

SHOWN_AGAIN = 100_000  # characters of a list in which nothing was found


def own_routes(parts: Parts) -> list[Route]:
    """The addresses of this module."""

    def show(problem: str = "", text: str = "", status: int = 200) -> Response:
        return parts.pages.show("own.html", status, problem=problem, text=text, most=MAX_OWNED)

    def take(text: str) -> Response:
        own = read_own(text)
        if not own.identifiers:
            return show("No DOI, PubMed number or trial number was found in it.", text[:SHOWN_AGAIN], 422)
        if len(own.identifiers) > MAX_OWNED:
            many = f"A list can have {MAX_OWNED:,} numbers of works and trials. This one has more: {own.words}."
            return show(many, "", 422)
        asked = Asked(kind="own", identifiers=own.identifiers, every="daily", most=str(parts.config.letters.max_items))
        return show_form(parts, asked, read=own)

    async def handle(request: Request) -> Response:
        if not parts.config.letters.sign_up:
            return parts.pages.refuse(404)
        if request.method != "POST":
            return await run_in_threadpool(show)
        async with request.form(max_files=1, max_fields=4, max_part_size=MOST_CHARACTERS) as form:
            pasted, file = form.get("text"), form.get("file")
            text = pasted if isinstance(pasted, str) else ""
            if isinstance(file, UploadFile):
                text = f"{text}\n{decoded(await file.read())}" if text.strip() else decoded(await file.read())
        return await run_in_threadpool(take, text)

    return [Route("/own", handle, methods=["GET", "POST"])]
