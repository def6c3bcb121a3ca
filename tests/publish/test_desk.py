"""The desk as it is served: looking changes nothing, one POST ends letters, and nobody learns who subscribed."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path

import httpx
import pytest
from itsdangerous import URLSafeSerializer
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.config import Config
from core.errors import UsageError
from publish.letters.desk import MAX_BODY, Desk, run_desk
from publish.letters.desk.guard import MOST_BODIES, Guard
from publish.letters.records import Every
from publish.letters.subscriptions import subscribe
from publish.letters.tokens import make_token, signing_keys
from publish.letters.wanted import Wanted
from publish.styles import join_styles
from tests.publish.rig import free_port, letters_of, make_config, rows

Served = tuple[int, Callable[[], str]]  # port, and what ends it and gives what it said
ROOT = Path(__file__).resolve().parents[2]
FOLLOWED: tuple[tuple[str, Every], ...] = (("organoid", "daily"), ("mouse", "weekly"))


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.delenv("STEMWIRE_LETTERS_KEY", raising=False)
    config = make_config(tmp_path)
    with letters_of(config) as letters:
        for query, every in FOLLOWED:
            subscribe(config, letters, "mail", "reader@example.org", Wanted(query=query, every=every))
    return config


def old_token(config: Config, subscription: int) -> str:
    """The token of a link that letters had before a letter was a person's."""
    signer = URLSafeSerializer(list(signing_keys(config)), salt="stemwire.letters.unsubscribe")
    return str(signer.dumps(subscription))


@pytest.fixture(params=["stop", "unsubscribe"])
def link(request: pytest.FixtureRequest, config: Config) -> str:
    """The path of a link that ends the search for organoids alone."""
    if request.param == "stop":
        return f"/stop/{make_token(signing_keys(config), 'stop', 1, 'daily')}"
    return f"/unsubscribe/{old_token(config, 1)}"


def ask(
    config: Config, method: str, path: str, *, content: bytes | None = None, data: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
) -> httpx.Response:  # fmt: skip
    async def one() -> httpx.Response:
        transport = httpx.ASGITransport(app=Desk(config))
        async with httpx.AsyncClient(transport=transport, base_url="http://desk.example") as client:
            return await client.request(method, path, content=content, data=data, headers=headers)

    return asyncio.run(one())


def left(config: Config) -> list[str]:
    return [row["query"] for row in rows(config, "SELECT query FROM subscription ORDER BY id")]


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_only_a_post_changes_anything(config: Config, link: str, method: str) -> None:
    for _ in range(20):
        answer = ask(config, method, link)
    assert left(config) == ["organoid", "mouse"]
    assert answer.status_code == (200 if method in ("GET", "HEAD") else 405)


def test_the_page_has_a_button_and_the_button_works(config: Config, link: str) -> None:
    page = ask(config, "GET", link).text
    assert '<form method="post"><button' in page
    assert "<script" not in page
    assert ask(config, "POST", link).status_code == 200
    assert left(config) == ["mouse"]


def test_one_click_of_a_mail_program(config: Config, link: str) -> None:
    answer = ask(config, "POST", link, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert not answer.has_redirect_location
    assert left(config) == ["mouse"]


def test_all_tokens_get_the_same_answer(config: Config, link: str) -> None:
    place, _, token = link[1:].partition("/")
    gone = make_token(signing_keys(config), "stop", 77, "daily") if place == "stop" else old_token(config, 77)
    at = token.rindex(".") + 1  # of the signature; its last sign holds bits that nobody reads
    forged = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
    other = make_token(signing_keys(config), "manage", 1, 1)  # signed by us, for another purpose
    for method in ("GET", "POST"):
        answers = [ask(config, method, f"/{place}/{one}") for one in (token, token, gone, forged, other, "x")]
        assert len({(a.status_code, a.content, str(a.headers)) for a in answers}) == 1
    assert left(config) == ["mouse"]


NOWHERE = (
    "/", "/unsubscribe/", "/unsubscribe/a/b", "/unsubscribe/" + "x" * 500, "/favicon.ico", "/unsubscribe/%00",
    "/unsubscribe/..%2f", "/-/databases", "/unsubscribe/ü", "/stop", "/stop/", "/stop/a/b", "/site.css/",
)  # fmt: skip


@pytest.mark.parametrize("path", NOWHERE)
def test_there_is_nothing_else(config: Config, path: str) -> None:
    for method in ("GET", "POST"):
        assert ask(config, method, path).status_code == 404
    assert left(config) == ["organoid", "mouse"]


def test_headers_are_strict_on_every_answer(config: Config, link: str) -> None:
    for method, path in (
        ("GET", link),
        ("POST", "/unsubscribe/x"),
        ("GET", "/"),
        ("PUT", "/unsubscribe/x"),
    ):
        headers = ask(config, method, path).headers
        assert headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'; img-src 'self';")
        assert "form-action 'self'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"
        assert "set-cookie" not in headers


def test_it_looks_like_the_site_without_asking_anybody_else(config: Config) -> None:
    page = ask(config, "GET", "/unsubscribe/x").text
    style = ask(config, "GET", page.split('<link rel="stylesheet" href="')[1].partition('"')[0])
    assert (style.status_code, style.text) == (200, join_styles())
    assert style.headers["content-type"] == "text/css; charset=utf-8"
    assert ask(config, "GET", "/mark.svg").headers["content-type"] == "image/svg+xml"
    assert "<style" not in page and " style=" not in page and "http://fonts" not in page


OWN: list[dict[str, str]] = [
    {"sec-fetch-site": "same-origin"}, {"origin": "http://desk.example"}, {}, {"origin": "https://letters.stemwire.example"},
]  # fmt: skip


def test_a_page_of_another_site_cannot_press_but_a_mail_program_can(config: Config, link: str) -> None:
    """One click comes from anywhere (RFC 8058); all other forms only from this desk."""
    far: list[dict[str, str]] = [
        {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://other.example"},
        {"origin": "null"},
    ]  # fmt: skip
    for headers in far:
        assert ask(config, "POST", "/confirm/x", headers=headers).status_code == 403
    for headers in OWN:
        assert ask(config, "POST", "/nowhere", headers=headers).status_code == 404
    assert ask(config, "POST", link, headers=far[0]).status_code == 200
    assert left(config) == ["mouse"]


def test_a_body_that_does_not_come_is_not_waited_for(config: Config) -> None:
    """The guard itself, with little patience: 408 for what comes too slowly, 503 where too many are read already."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise AssertionError("a page was asked for a body that never came")

    def refuse(status: int) -> ASGIApp:
        return PlainTextResponse("no", status)

    async def never() -> Message:
        await asyncio.sleep(60)
        raise AssertionError("nobody waits so long")

    async def press(guard: Guard) -> int:
        answers: list[Message] = []

        async def send(message: Message) -> None:
            answers.append(message)

        await guard({"type": "http", "method": "POST", "path": "/stop/x", "headers": []}, never, send)
        return int(answers[0]["status"])

    async def all_at_once() -> list[int]:
        guard = Guard(app, {}, {}, ("/stop/",), refuse, patience=0.2)
        return list(await asyncio.gather(*(press(guard) for _ in range(MOST_BODIES + 3))))

    assert Counter(asyncio.run(all_at_once())) == {408: MOST_BODIES, 503: 3}


def test_a_body_has_a_limit(config: Config, link: str) -> None:
    assert ask(config, "POST", link, content=b"x" * (MAX_BODY + 1)).status_code == 413
    assert left(config) == ["organoid", "mouse"]
    assert ask(config, "POST", link, content=b"x" * MAX_BODY).status_code == 200
    assert left(config) == ["mouse"]


def test_a_store_that_cannot_be_written_is_said_and_the_click_can_be_repeated(
    config: Config, link: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = config.data("letters.db")
    for suffix in ("-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    whole = path.read_bytes()
    path.write_bytes(b"not a database" * 500)
    answer = ask(config, "POST", link)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "300")
    assert link.rpartition("/")[2] not in str(capsys.readouterr())
    path.write_bytes(whole)
    assert ask(config, "POST", link).status_code == 200
    assert left(config) == ["mouse"]


SERVER = """
import sys
from pathlib import Path
from publish.letters.desk import run_desk
from tests.publish.rig import make_config
run_desk(make_config(Path(sys.argv[1])), port=int(sys.argv[2]))
"""


@pytest.fixture
def served(config: Config, tmp_path: Path) -> Iterator[Served]:
    """The desk as a process of its own; gives its port and how to end it and read what it said."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(tmp_path), str(port)],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True,
    )  # fmt: skip
    while process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            break
        except OSError:
            time.sleep(0.05)

    def end() -> str:
        process.terminate()
        return process.communicate()[0]

    yield port, end
    if process.poll() is None:
        process.kill()
        process.communicate()


def test_served_by_itself_it_logs_no_token(config: Config, link: str, served: Served) -> None:
    port, end = served
    for method in ("GET", "HEAD", "POST", "GET"):
        connection = HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request(method, link)
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 200
        assert (len(body) == 0) == (method == "HEAD")
        assert answer.getheader("Server") is None
        connection.close()
    said = end()
    assert left(config) == ["mouse"]
    assert link.rpartition("/")[2] not in said
    assert "Traceback" not in said


def test_a_port_that_is_taken_is_one_clear_line(config: Config) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(UsageError, match="cannot listen on"):
            run_desk(config, port=taken.getsockname()[1])
