"""What the page of a person shows: each thing that they follow, in words, with its forms and its feed."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from core.store import Store
from publish.letters.channels import list_channels
from publish.letters.desk.forms import DAYS, RHYTHMS, Asked, stages
from publish.letters.desk.parts import Parts
from publish.letters.desk.showing import address_of, describe_followed
from publish.letters.records import Subscriber, Subscription
from publish.letters.subscriptions import load_subscriptions, wanted_of
from publish.letters.tokens import feed_address, signing_keys

DONE = {
    "add": "You follow one thing more.",
    "change": "It was changed.",
    "pause": "It is paused. What arrives in the meantime comes with the letter after the pause.",
    "resume": "It goes on.",
    "stop": "It has ended.",
    "pause-all": "All letters are paused.",
    "resume-all": "Your letters go on.",
    "renew": "This page, your feeds and your letters have new addresses. Those before lead nowhere now.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """One thing that a person follows, as the page shows it."""

    id: int
    title: str
    words: str  # what is followed, where the title is the person's own name for it
    rhythm: str
    page: str  # of the site; empty where there is none
    feed: str
    paused: bool
    asked: Asked  # its form
    open: bool  # whether the form is shown at once: something in it is wrong


def show_page(
    parts: Parts, letters: Store, person: Subscriber, *, done: str = "", wrong: dict[str, Asked] | None = None,
    status: int = 200,
) -> Response:  # fmt: skip
    """The page. `done`: what was done, a key of DONE; `wrong`: forms that cannot be taken, by place."""
    wrong = wrong or {}
    keys = signing_keys(parts.config)
    followed = [
        _show(parts, letters, one, feed_address(parts.config, keys, person, one.id), wrong.get(str(one.id)))
        for one in load_subscriptions(letters, person.id)
    ]
    added = wrong.get("add", Asked(most=str(parts.config.letters.max_items)))
    empty = Asked(most=str(parts.config.letters.max_items))
    return parts.pages.show(
        "manage.html", status, followed=followed, done=DONE.get(done, ""), state=person.state, secret=person.secret,
        channel=person.channel, address=person.address, hook=wrong.get("webhook", empty),
        add=added if added.kind == "search" else empty, add_list=added if added.kind == "own" else empty,
        hooks="webhook" in list_channels() and person.channel != "webhook", stages=stages(), rhythms=RHYTHMS,
        days=DAYS, faulty=bool(wrong),
    )  # fmt: skip


def _show(parts: Parts, letters: Store, one: Subscription, feed: str, wrong: Asked | None) -> Followed:
    asked = Asked.of(wanted_of(letters, one))
    words = describe_followed(parts.config, asked)
    return Followed(
        id=one.id,
        title=one.name or (words if one.kind == "search" else words[:1].upper() + words[1:]),
        words=words if one.name else "", rhythm=_rhythm(one), page=address_of(parts.config, asked), feed=feed,
        paused=one.state == "paused", asked=wrong or asked, open=wrong is not None,
    )  # fmt: skip


def _rhythm(one: Subscription) -> str:
    """`weekly, on Monday; at most 40 stories; only phase 1, phase 2`."""
    day = f", on {DAYS[one.weekday]}" if one.weekday is not None else ""
    only = [f"only {', '.join(stages().get(stage, stage) for stage in one.stages)}"] if one.stages else []
    most = [] if one.every == "at once" else [f"at most {one.most} {'story' if one.most == 1 else 'stories'} a letter"]
    return "; ".join([f"{one.every}{day}", *most, *only])
