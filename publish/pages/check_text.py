"""Check a text: what the box can tell, and where it is. The site takes no text; the letters desk serves the box."""

from __future__ import annotations

from publish.pages.page import Context, Link, Page, Request
from publish.pages.rows import OpenEdition

ABOUT = "Paste a release or a list of references: what it rests on, what was retracted, who else tells it."


async def show(edition: OpenEdition, request: Request) -> Context:
    return {"about": ABOUT}


PAGES = (
    Page(
        route="/check-text",
        template="check_text.html",
        show=show,
        links=(Link("Check a text", 405, under="Data", about=ABOUT),),
    ),
)
