"""A reader of the letters desk, for tests: asks the application directly and presses the buttons of its pages."""

from __future__ import annotations

import asyncio
import re
from html.parser import HTMLParser
from time import sleep

import httpx

from core.config import Config
from publish.letters.desk import Desk
from tests.publish.rig import Relay

Fields = list[tuple[str, str]]


class Reader:
    """One desk, and who asks it."""

    def __init__(self, config: Config, network: str = "192.0.2.7") -> None:
        self.desk, self.config, self._network = Desk(config), config, network

    def ask(
        self,
        method: str,
        path: str,
        fields: Fields | None = None,
        *,
        files: dict[str, tuple[str, bytes]] | None = None,
        headers: dict[str, str] | None = None,
        content: bytes | None = None,
    ) -> httpx.Response:
        """The answer. `fields` are sent as a form, names may come several times."""
        transport = httpx.ASGITransport(app=self.desk, client=(self._network, 4000))
        data: dict[str, list[str]] = {}
        for name, value in fields or ():
            data.setdefault(name, []).append(value)

        async def one() -> httpx.Response:
            async with httpx.AsyncClient(transport=transport, base_url="http://desk.example") as client:
                return await client.request(
                    method, path, data=data or None, files=files, headers=headers, content=content
                )

        return asyncio.run(one())

    def get(self, path: str) -> httpx.Response:
        """What a page is."""
        return self.ask("GET", path)

    def press(self, path: str, *fields: tuple[str, str]) -> httpx.Response:
        """What a button does."""
        return self.ask("POST", path, list(fields))


class _Forms(HTMLParser):
    """The fields of each form as a browser would send them."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Fields] = []
        self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append([])
        elif tag == "input" and self.forms and "name" in given:
            if given.get("type") not in ("radio", "checkbox", "file") or "checked" in given:
                self.forms[-1].append((given["name"], given.get("value", "")))
        elif tag == "textarea" and self.forms:
            self.forms[-1].append((given["name"], ""))
            self._area = given["name"]

    def handle_data(self, data: str) -> None:
        if self._area:
            self.forms[-1][-1] = (self._area, data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""


def forms_of(page: str) -> list[Fields]:
    """The forms of a page, without their buttons, in their order."""
    parser = _Forms()
    parser.feed(page)
    return parser.forms


def visible(page: str) -> str:
    """The text of a page on one line."""
    main = page[page.index("<main") : page.index("</main>")]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def wait_for_mail(relay: Relay, count: int) -> list[str]:
    """The texts of the mails that arrived, once there are `count`."""
    for _ in range(1000):
        if len(relay.accepted) >= count:
            break
        sleep(0.02)
    texts = []
    for _, message in relay.accepted:
        body = message.get_body(("plain",))
        assert body is not None
        texts.append(str(body.get_content()))
    return texts


def link_in(text: str, kind: str) -> str:
    """The path of the link of a kind (`confirm`, `m`) in a mail or on a page."""
    found = re.search(rf"/{kind}/[A-Za-z0-9_.-]+", text)
    assert found is not None, f"no link to /{kind}/ in: {text[:500]}"
    return found[0].rstrip(".")
