"""`/confirm/T`: the link in the message that asks whether letters are wanted.

GET shows what was asked for and a button, and changes nothing. POST begins it, has the first letter made in the
background, and says where it can be changed. A token that is not ours, too old or used leads to one same page.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.store import open_store
from publish.letters.desk.confirming import begin_letters
from publish.letters.desk.forms import Asked
from publish.letters.desk.pages import Pages
from publish.letters.desk.parts import TOKEN, Parts, both
from publish.letters.desk.showing import describe_followed
from publish.letters.requests import confirm, find_request
from publish.letters.subscriptions import wanted_of
from publish.letters.tokens import manage_address, signing_keys


def confirm_routes(parts: Parts) -> list[Route]:
    """The addresses of this module."""
    config, pages = parts.config, parts.pages

    def ask(request: Request) -> Response:
        with open_store(config.data("letters.db"), "letters") as letters:
            wanted = find_request(config, letters, request.path_params["token"])
        if wanted is None:
            return _too_late(pages)
        words = describe_followed(config, Asked.of(wanted))
        return pages.say(
            "Do you want these letters?",
            f"You, or somebody else, asked for letters about {words}.",
            "If you press the button, the first one follows. Every letter can end all of them with one click.",
            button="Yes, send me these letters",
        )

    def begin(request: Request) -> Response:
        with open_store(config.data("letters.db"), "letters") as letters:
            found = confirm(config, letters, request.path_params["token"])
            wanted = wanted_of(letters, found[1]) if found else None
        if found is None or wanted is None:
            return _too_late(pages)
        now = begin_letters(config, parts.first, found[0].id)
        return pages.show(
            "begun.html", words=wanted.name or describe_followed(config, Asked.of(wanted)), now=now,
            every=found[1].every, manage=manage_address(config, signing_keys(config), found[0]),
        )  # fmt: skip

    return [Route(f"/confirm/{TOKEN}", both(ask, begin), methods=["GET", "POST"])]


def _too_late(pages: Pages) -> Response:
    return pages.say(
        "This link does not work any more",
        "It works once, and for 48 hours. If you pressed the button before, your letters have begun already.",
        "Otherwise please follow it again.",
        status=410,
    )
