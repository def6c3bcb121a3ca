"""What all pages of the desk share: the config, the templates, and the threads that work after the answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response

from core.config import Config
from core.errors import StemwireError
from publish.letters.desk.pages import Pages
from publish.letters.desk.worker import Worker

TOKEN = "{token:token}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """`mail` sends confirmations, `first` has first letters made."""

    config: Config
    pages: Pages
    mail: Worker
    first: Worker


class _Token(Convertor[str]):
    """The signed part of an address; what no token can be is another address."""

    regex = "[A-Za-z0-9_.-]{1,200}"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("token", _Token())


def both(get: Callable[[Request], Response], post: Callable[[Request], Response]) -> Callable[[Request], Response]:
    """One handler of two: what looks, and what changes."""

    def handle(request: Request) -> Response:
        return (post if request.method == "POST" else get)(request)

    return handle


def in_words(error: StemwireError) -> str:
    """What was wrong, for the person who wrote it."""
    what = error.what[:1].upper() + error.what[1:]
    return f"{what} ({error.hint})." if error.hint else f"{what}."
