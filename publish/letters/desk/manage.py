"""`/m/T`: the one signed page of a person. It shows what they follow, and changes it.

GET shows the page. POST does one thing, named by the field `do`, then leads back to the page, which says what was done:

| do | |
|---|---|
| `change`, `pause`, `resume`, `stop` | one subscription, named by its number |
| `add` | one more search or list; the address was confirmed before |
| `webhook` | letters to a program's address, once that confirms |
| `pause-all`, `resume-all` | all letters |
| `export` | all that is stored about the person, as JSON |
| `renew` | new secret addresses of page, feeds and letters; those before end |
| `delete`, `stop-all` | asks once more, and then deletes everything (`sure`): who follows nothing is not stored |

A number that is not of this person's subscriptions is not found. A token that we did not sign, that was renewed or
whose person has gone leads to the same page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Literal

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from core.errors import UsageError
from core.store import Store, open_store
from publish.letters.channels import find_channel
from publish.letters.current_edition import open_current
from publish.letters.desk.confirming import begin_letters
from publish.letters.desk.follow import ask_for
from publish.letters.desk.forms import Asked, field_of
from publish.letters.desk.managing import show_page
from publish.letters.desk.parts import TOKEN, Parts, in_words
from publish.letters.people import (
    delete_subscriber,
    export_subscriber,
    find_by_manage,
    get_subscriber,
    renew_links,
    set_state,
)
from publish.letters.records import Subscriber, Subscription
from publish.letters.subscriptions import (
    change_subscription,
    end_subscription,
    follow,
    get_subscription,
    pause,
    resume,
    wanted_of,
)
from publish.letters.tokens import manage_address, signing_keys

MOST_FIELDS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One POST: whose page, what was sent, and from which network."""

    parts: Parts
    letters: Store
    person: Subscriber
    form: FormData
    network: str

    @property
    def one(self) -> Subscription | None:
        """The subscription that is named, if it is this person's."""
        number = field_of(self.form, "id")
        is_number = number.isascii() and number.isdecimal() and len(number) < 16
        found = get_subscription(self.letters, int(number)) if is_number else None
        return found if found and found.subscriber == self.person.id else None

    def back(self, done: str) -> Response:
        """Back to the page, which then says what was done."""
        keys = signing_keys(self.parts.config)
        path = manage_address(self.parts.config, keys, self.person).rpartition("/")[2]
        return RedirectResponse(f"/m/{path}?done={done}", 303)

    def again(self, asked: Asked, place: str) -> Response:
        """The page with a form as it was sent, and what is wrong. `place`: a number, add or webhook."""
        return show_page(self.parts, self.letters, self.person, wrong={place: asked}, status=422)


def manage_routes(parts: Parts) -> list[Route]:
    """The addresses of this module."""

    def show(token: str, done: str) -> Response:
        with _page_of(parts, token) as (letters, person):
            return show_page(parts, letters, person, done=done) if person else _nobody(parts)

    def take(token: str, form: FormData, network: str) -> Response:
        with _page_of(parts, token) as (letters, person):
            if person is None:
                return _nobody(parts)
            act = ACTS.get(field_of(form, "do"))
            if act is None:
                return parts.pages.refuse(400)
            return act(Act(parts=parts, letters=letters, person=person, form=form, network=network))

    async def handle(request: Request) -> Response:
        token = request.path_params["token"]
        if request.method != "POST":
            return await run_in_threadpool(show, token, request.query_params.get("done", ""))
        async with request.form(max_files=0, max_fields=MOST_FIELDS) as form:
            network = request.client.host if request.client else ""
            return await run_in_threadpool(take, token, form, network)

    return [Route(f"/m/{TOKEN}", handle, methods=["GET", "POST"])]


@contextmanager
def _page_of(parts: Parts, token: str) -> Iterator[tuple[Store, Subscriber | None]]:
    with open_store(parts.config.data("letters.db"), "letters") as letters:
        yield letters, find_by_manage(letters, signing_keys(parts.config), token)


def _nobody(parts: Parts) -> Response:
    return parts.pages.say(
        "This page has moved or gone",
        "Its address was renewed, or what was followed here has ended.",
        "The newest letter has the address that works.",
        status=404,
    )


# --- what can be done -------------------------------------------------------------------------------------------------


def _change(act: Act) -> Response:
    one = act.one
    if one is None:
        return act.parts.pages.refuse(404)
    asked = Asked.read(act.form, one.most).for_kind(wanted_of(act.letters, one))
    asked, wanted = asked.check(act.parts.config)
    if wanted is None:
        return act.again(asked, str(one.id))
    try:
        with act.letters.writing():
            change_subscription(act.letters, one.id, wanted)
    except UsageError as error:
        return act.again(asked.with_wrong("q", in_words(error)), str(one.id))
    return act.back("change")


def _add(act: Act) -> Response:
    asked, wanted = Asked.read(act.form, act.parts.config.letters.max_items).check(act.parts.config)
    if wanted is None:
        return act.again(asked, "add")
    try:
        with open_current(act.parts.config) as edition, act.letters.writing():
            follow(act.letters, act.person.id, wanted, edition)
    except UsageError as error:
        return act.again(asked.with_wrong("q", in_words(error)), "add")
    begin_letters(act.parts.config, act.parts.first, act.person.id)
    return act.back("add")


def _one(change: Callable[[Store, int], object], done: str) -> Callable[[Act], Response]:
    """What changes one subscription without asking more."""

    def do(act: Act) -> Response:
        one = act.one
        if one is None:
            return act.parts.pages.refuse(404)
        with act.letters.writing():
            change(act.letters, one.id)
        return act.back(done)

    return do


def _stop(act: Act) -> Response:
    one = act.one
    if one is None:
        return act.parts.pages.refuse(404)
    end_subscription(act.letters, one.id)  # with the last one the person goes
    return act.back("stop") if get_subscriber(act.letters, act.person.id) else _gone(act.parts)


def _all(state: Literal["active", "paused"], done: str) -> Callable[[Act], Response]:
    def do(act: Act) -> Response:
        with act.letters.writing():
            set_state(act.letters, act.person.id, state)
        return act.back(done)

    return do


def _export(act: Act) -> Response:
    data = export_subscriber(act.letters, act.person.id)
    return JSONResponse(data, headers={"content-disposition": 'attachment; filename="letters.json"'})


def _renew(act: Act) -> Response:
    with act.letters.writing():
        renew_links(act.letters, act.person.id)
    renewed = get_subscriber(act.letters, act.person.id)
    return replace(act, person=renewed).back("renew") if renewed else _gone(act.parts)


def _delete(act: Act) -> Response:
    """Twice: the first press asks."""
    if not field_of(act.form, "sure"):
        return act.parts.pages.show("delete.html")
    delete_subscriber(act.letters, act.person.id)
    return _gone(act.parts)


def _webhook(act: Act) -> Response:
    """Ask the program at an address whether it wants letters; it answers by the link that it gets."""
    asked, wanted = Asked.read(act.form, act.parts.config.letters.max_items).check(act.parts.config)
    address = ""
    try:
        address = find_channel("webhook").check_address(asked.address)
    except UsageError as error:
        asked = asked.with_wrong("address", in_words(error))
    if wanted is None or asked.wrong:
        return act.again(asked, "webhook")
    return ask_for(act.parts, "webhook", address, wanted, act.network)


def _gone(parts: Parts) -> Response:
    return parts.pages.say(
        "You follow nothing any more",
        "Your address, what you followed and your letters have been deleted. Nothing more is sent.",
        "If you change your mind, follow something again.",
    )


ACTS: dict[str, Callable[[Act], Response]] = {
    "change": _change, "add": _add, "stop": _stop, "pause": _one(pause, "pause"), "resume": _one(resume, "resume"),
    "pause-all": _all("paused", "pause-all"), "resume-all": _all("active", "resume-all"), "stop-all": _delete,
    "export": _export, "renew": _renew, "delete": _delete, "webhook": _webhook,
}  # fmt: skip
