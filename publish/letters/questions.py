"""The public letters of the questions that the front page offers ready made ([site] questions, [letters] archive).

Each question that is a search gets letters of the channel `page`, every night that has something new. Nobody is sent
them: they are read at the letters desk, at /letters. A question that changed its search goes on under its name; one
that is offered no more keeps its letters, and new ones come until the operator ends it (`unsubscribe`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

from core.config import Config, Question
from core.store import Store
from core.text import fingerprint, slug
from publish.letters.current_edition import CurrentEdition
from publish.letters.people import add_subscriber, find_subscriber
from publish.letters.subscriptions import change_subscription, follow, load_subscriptions
from publish.letters.wanted import MAX_NAME, Wanted
from publish.search.query import parse_params, to_text

CHANNEL = "page"


def follow_questions(config: Config, letters: Store, edition: CurrentEdition) -> int:
    """Let each question have its letters. Returns how many began or changed. Inside `writing()`. Raises QueryError."""
    if not config.letters.archive:
        return 0
    begun = 0
    for name, wanted in find_questions(config.site.questions):
        person = find_subscriber(letters, CHANNEL, name)
        followed = load_subscriptions(letters, person.id) if person else []
        if any(one.query == wanted.query for one in followed):
            continue
        begun += 1
        if followed:
            change_subscription(letters, followed[0].id, wanted)
        else:
            person = person or add_subscriber(letters, CHANNEL, name)
            follow(letters, person.id, wanted, edition)
    return begun


def find_questions(questions: list[Question]) -> Iterator[tuple[str, Wanted]]:
    """(name of its page, what it follows) of each question that is a search."""
    for question in questions:
        address = urlsplit(question.address)
        query = to_text(parse_params(parse_qsl(address.query)))
        if address.path != "/search" or not query:
            continue
        name = slug(question.text.replace("'", ""))
        if not re.fullmatch(r"[a-z0-9-]+", name):
            name = f"question-{fingerprint(question.text)[:8]}"
        yield name, Wanted(query=query, name=question.text[:MAX_NAME], every="daily")
