"""`/stop/T` and `/unsubscribe/T`: the links that end letters.

GET shows a page with a button; it reads no store and changes nothing, so that programs that open every link of a mail
end no letters. POST ends what the token names: of `stop` all that a person follows in one rhythm, of `unsubscribe`
(older letters have it) one subscription. The reply and the work are the same for every token, signed by us or not.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.store import open_store
from publish.letters.desk.parts import TOKEN, Parts, both
from publish.letters.subscriptions import end_rhythm, end_subscription
from publish.letters.tokens import read_stop, read_token, signing_keys


def stop_routes(parts: Parts) -> list[Route]:
    """The addresses of this module."""
    pages = parts.pages

    def ask(request: Request) -> Response:
        return pages.say(
            "No more of these letters?",
            "One click, and nothing more is sent for what these letters were about.",
            "Letters that you get in another rhythm go on.",
            button="Stop these letters",
        )

    def end(request: Request) -> Response:
        token = request.path_params["token"]
        with open_store(parts.config.data("letters.db"), "letters") as letters:
            keys = signing_keys(parts.config)
            if request.url.path.startswith("/stop/"):
                end_rhythm(letters, *(read_stop(keys, token) or (0, "daily")))
            else:
                old = read_token(keys, "unsubscribe", token)
                end_subscription(letters, int(old[0]) if old else None)
        return pages.say(
            "These letters have stopped",
            "What they were about has been deleted, and your address too, unless you follow something else.",
            "If you change your mind, follow it again.",
        )

    handle = both(ask, end)
    return [Route(f"/{name}/{TOKEN}", handle, methods=["GET", "POST"]) for name in ("stop", "unsubscribe")]
