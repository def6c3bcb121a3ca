"""Letters that are read here: a person's at secret addresses, and the public ones of our own questions.

| address | what it shows |
|---|---|
| `/feed/T.atom` | what the letters of one subscription say |
| `/l/T` | a letter's own page |
| `/letters`, `/letters/NAME`, `/letters/NAME/NUMBER` | the letters of the channel `page`: all, of a question, one |

No page shows the links with which a letter is changed or stopped: it may be shown to others. A secret address ends when
the person renews their addresses, or goes.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypedDict

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.store import Store, open_store
from publish.letters.atom import CONTENT_TYPE, render_feed
from publish.letters.desk.parts import TOKEN, Parts
from publish.letters.letter import Letter
from publish.letters.letter_page import show, title_of
from publish.letters.people import find_subscriber, get_subscriber
from publish.letters.rendering import day_of, from_json
from publish.letters.subscriptions import get_subscription
from publish.letters.tokens import feed_address, read_token, signing_keys

PUBLIC = "page"  # the channel
SHOWN = 100  # letters of one question that are listed
_ONE = """
SELECT content FROM letter
WHERE subscriber = ? AND number = ? AND state NOT IN ('refused', 'dropped') AND content <> ''"""
_OF_QUESTION = """
SELECT l.number, l.content, n.day FROM letter l JOIN night n ON n.number = l.night
WHERE l.subscriber = ? AND l.state NOT IN ('refused', 'dropped') AND l.content <> '' ORDER BY l.number DESC LIMIT ?"""
_QUESTIONS = """
SELECT s.address, coalesce(min(nullif(u.name, '')), min(u.query)) AS name, (
    SELECT count(*) FROM letter l
    WHERE l.subscriber = s.id AND l.state NOT IN ('refused', 'dropped') AND l.content <> '') AS letters
FROM subscriber s JOIN subscription u ON u.subscriber = s.id WHERE s.channel = ? GROUP BY s.id ORDER BY 2"""


class ContentRow(TypedDict):
    """A letter that is kept."""

    content: str


class NumberedRow(TypedDict):
    """A letter that is kept, its number and its day."""

    number: int
    content: str
    day: str


class QuestionRow(TypedDict):
    """A public question."""

    address: str
    name: str
    letters: int


def reading_routes(parts: Parts) -> list[Route]:
    """The addresses of this module."""
    config, pages = parts.config, parts.pages

    def store() -> Store:
        return open_store(config.data("letters.db"), "letters")

    def page_of(letter: Letter) -> Response:
        return pages.show("letter.html", title=title_of(letter), letter=show(replace(letter, manage="", stop="")))

    def feed(request: Request) -> Response:
        keys = signing_keys(config)
        with store() as letters:
            given = read_token(keys, "feed", request.path_params["token"])
            one = get_subscription(letters, int(given[0])) if given else None
            person = get_subscriber(letters, one.subscriber) if one else None
            if given is None or one is None or person is None or person.links != given[1]:
                return pages.refuse(404)
            body = render_feed(config, letters, one, address=feed_address(config, keys, person, one.id))
        return Response(body, headers={"content-type": CONTENT_TYPE})

    def letter(request: Request) -> Response:
        given = read_token(signing_keys(config), "letter", request.path_params["token"])
        with store() as letters:
            person = get_subscriber(letters, int(given[0])) if given else None
            if given is None or person is None or person.links != given[2]:
                return pages.refuse(404)
            row = letters.first(ContentRow, _ONE, (person.id, int(given[1])))
        return page_of(from_json(row["content"])) if row else pages.refuse(404)

    def questions(request: Request) -> Response:
        with store() as letters:
            rows = letters.select(QuestionRow, _QUESTIONS, (PUBLIC,))
        return pages.show("letters.html", questions=rows)

    def question(request: Request) -> Response:
        with store() as letters:
            person = find_subscriber(letters, PUBLIC, request.path_params["name"])
            rows = letters.select(NumberedRow, _OF_QUESTION, (person.id, SHOWN)) if person else []
        if person is None:
            return pages.refuse(404)
        listed = [(row["number"], day_of(row["day"]), title_of(from_json(row["content"]))) for row in rows]
        return pages.show("question.html", name=person.address, listed=listed)

    def public(request: Request) -> Response:
        with store() as letters:
            person = find_subscriber(letters, PUBLIC, request.path_params["name"])
            number = request.path_params["number"]
            row = letters.first(ContentRow, _ONE, (person.id if person else 0, min(number, 2**31)))
        return page_of(from_json(row["content"])) if row else pages.refuse(404)

    secret = [Route(f"/feed/{TOKEN}.atom", feed), Route(f"/l/{TOKEN}", letter)]
    if not config.letters.archive:
        return secret
    return [
        *secret,
        Route("/letters", questions),
        Route("/letters/{name:str}", question),
        Route("/letters/{name:str}/{number:int}", public),
    ]
