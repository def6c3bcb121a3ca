"""`/follow`: the form to follow a search, a story, or works and trials of one's own.

GET shows what will be followed in words, what it would have sent in the last month, and, where it is too wide or finds
nothing, what to ask instead. POST does the same while something is wrong or the preview was asked for; else it stores
the request, answers, and then sends the message that asks for confirmation. That answer is the same for every address.
The address of mail is never part of an address of the web.
"""

from __future__ import annotations

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core import log
from core.errors import UsageError
from core.store import open_store
from publish.letters.channels import find_channel, settings_of
from publish.letters.desk.confirming import send_confirmation
from publish.letters.desk.forms import DAYS, RHYTHMS, Asked, stages
from publish.letters.desk.own_lists import Own
from publish.letters.desk.parts import Parts, in_words
from publish.letters.desk.showing import describe_followed, look_ahead
from publish.letters.ready import find_unsafe
from publish.letters.requests import TooMany, request_subscription
from publish.letters.wanted import Wanted

MOST_FIELDS = 200
CHANNEL = "mail"


def follow_routes(parts: Parts) -> list[Route]:
    """The addresses of this module."""

    def show(request: Request) -> Response:
        asked = Asked.read(request.query_params, parts.config.letters.max_items)
        return show_form(parts, asked, complain=bool(asked.query or asked.identifiers or asked.unknown))

    async def handle(request: Request) -> Response:
        if not parts.config.letters.sign_up:
            return parts.pages.refuse(404)
        if request.method != "POST":
            return await run_in_threadpool(show, request)
        async with request.form(max_files=0, max_fields=MOST_FIELDS) as form:
            asked = Asked.read(form, parts.config.letters.max_items)
            only_look = "look" in form
        network = request.client.host if request.client else ""
        return await run_in_threadpool(_take, parts, asked, network, only_look)

    return [Route("/follow", handle, methods=["GET", "POST"])]


def show_form(
    parts: Parts, asked: Asked, *, complain: bool = True, status: int = 200, read: Own | None = None
) -> Response:
    """The form with what was given. `complain=False`: do not say yet what is missing; `read`: what a list has."""
    checked, wanted = asked.check(parts.config)
    shown = checked if complain else asked
    followed = describe_followed(parts.config, asked) if asked.query or asked.identifiers else ""
    preview = look_ahead(parts.config, wanted) if wanted else None
    return parts.pages.show(
        "follow.html", status, asked=shown, followed=followed, preview=preview, days=DAYS, rhythms=RHYTHMS,
        stages=stages(), read=read,
    )  # fmt: skip


def _take(parts: Parts, asked: Asked, network: str, only_look: bool) -> Response:
    """Store a request, answer, and have the confirmation sent; or show the form again."""
    if only_look:
        return show_form(parts, asked)
    asked, wanted = asked.check(parts.config)
    address = ""
    try:
        address = find_channel(CHANNEL).check_address(asked.address)
    except UsageError as error:
        asked = asked.with_wrong("address", in_words(error))
    if wanted is None or "address" in asked.wrong:
        return show_form(parts, asked, status=422)
    return ask_for(parts, CHANNEL, address, wanted, network)


def ask_for(parts: Parts, channel: str, address: str, wanted: Wanted, network: str) -> Response:
    """Store a request and have its confirmation sent. The answer is the same whether or not a message is due."""
    config = parts.config
    if fault := find_unsafe(config, settings_of(config, channel), address):
        log.get_log(__name__).error("confirmation_may_not_leave", channel=channel, reason=fault)
        return parts.pages.say(
            "This desk cannot send letters yet", "Its operator has to finish setting it up.", status=503
        )
    words = describe_followed(config, Asked.of(wanted))
    try:
        with open_store(config.data("letters.db"), "letters") as letters:
            outcome = request_subscription(config, letters, channel, address, wanted, network)
    except TooMany as error:
        return parts.pages.say("Not today", in_words(error), status=429, headers={"retry-after": "86400"})
    if outcome.send:
        job: Callable[[], float | None] = send_confirmation(
            config, channel, address, wanted.name or words, words, outcome.link, outcome.ident
        )
        if not parts.mail.add(job):
            return parts.pages.refuse(503)
    return parts.pages.say(
        "Please look into your mail" if channel == CHANNEL else "Please look at what arrived there",
        "If letters can go to that address, we have sent a message to it. Its link leads to a page with a button.",
        "Nothing is sent before you press it. The link works for 48 hours. At most one such message is sent in a day.",
    )
