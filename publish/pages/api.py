"""The API: every address with every form, what is in it, and an example from this edition that answers.

All of it is read from what the pages declare (`Page.formats`); nothing is listed here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from publish.pages import site_map
from publish.pages.datasette_parts import NAME
from publish.pages.formats import VERSION, record_of
from publish.pages.page import Context, Field, Format, Link, Page, Request, with_suffix
from publish.pages.rows import OpenEdition

FIELDS = (
    Field(
        "addresses",
        "each: address (its parts in capitals), about, example, formats (suffix, title, content_type, about, example,"
        " fields)",
    ),
    Field("questions", "ready-made questions: title, about, address, and whether it has a feed"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A page that can be taken away; `example` is empty where this edition has none of its kind."""

    address: str
    about: str
    example: str
    formats: tuple[tuple[Format, str], ...]  # each with its example

    @property
    def fields(self) -> tuple[Field, ...]:
        """What its forms say: those of JSON, which has them all."""
        return next((form.fields for form, _ in self.formats if form.fields), ())


async def find_offers(edition: OpenEdition) -> list[Offer]:
    """Everything that can be taken away, by address."""
    offers = []
    for page in site_map.own_pages():
        if page.formats:
            example = await find_example(edition, page)
            forms = tuple((one, with_suffix(example, one.suffix) if example else "") for one in page.formats)
            offers.append(
                Offer(address=write_address(page.route), about=page.about, example=example, formats=forms)
            )  # fmt: skip
    return sorted(offers, key=lambda offer: offer.address)


async def find_example(edition: OpenEdition, page: Page) -> str:
    """One address of a page, or nothing where the edition has none."""
    if not page.example:
        return page.address
    rows = await edition.execute(page.example, {})
    return str(rows[0][0]) if rows else ""


def write_address(route: str) -> str:
    """A route for people.

    >>> write_address("/entity/(?P<type>[a-z_]+)/(?P<concept>.+)")
    '/entity/TYPE/CONCEPT'
    """
    named = re.sub(r"\(\?P<(\w+)>(?:[^()\[\]]|\[[^\]]*\])*\)", lambda match: match[1].upper(), route)
    return named.replace("\\", "")


async def show(edition: OpenEdition, request: Request) -> Context:
    return {
        "offers": await find_offers(edition),
        "questions": await edition.ready_queries(),
        "version": VERSION,
        "database": NAME,
    }


async def find_record(edition: OpenEdition, request: Request) -> Mapping[str, object]:
    """The API as JSON."""
    return {
        "addresses": [
            {
                "address": offer.address, "about": offer.about,
                "example": f"{request.site}{offer.example}" if offer.example else None,
                "formats": [
                    {
                        "suffix": one.suffix, "title": one.title, "content_type": one.content_type, "about": one.about,
                        "example": f"{request.site}{example}" if example else None,
                        "fields": [{"name": field.name, "about": field.about} for field in one.fields],
                    }
                    for one, example in offer.formats
                ],
            }
            for offer in await find_offers(edition)
        ],
        "questions": [
            {"title": one.title, "about": one.about, "address": f"{request.site}/{NAME}/{one.name}", "feed": one.feed}
            for one in await edition.ready_queries()
        ],
    }  # fmt: skip


PAGES = (
    Page(
        route="/api",
        template="api.html",
        show=show,
        links=(Link("API", 470, under="Data", about="Every page as JSON or CSV, by a suffix to its address."),),
        formats=(record_of(find_record, FIELDS, "This page, for programs."),),
        about="Every address with every form.",
    ),
)
