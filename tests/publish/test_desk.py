"""The desk as it is served: looking changes nothing, one POST ends a subscription, and nobody learns who subscribed."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path

import httpx
import pytest

from core.config import Config
from core.errors import UsageError
from publish.letters.desk import MAX_BODY, Desk, run_desk
from publish.letters.subscriptions import signing_keys, subscribe, unsubscribe_token
from tests.present import present
from tests.publish.rig import free_port, letters_of, make_config, rows

Served = tuple[int, Callable[[], str]]  # port, and what ends it and gives what it said
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.delenv("STEMWIRE_LETTERS_KEY", raising=False)
    config = make_config(tmp_path)
    with letters_of(config) as letters:
        for query in ("organoid", "mouse"):
            subscribe(config, letters, "reader@example.org", query, "weekly")
    return config


@pytest.fixture
def token(config: Config) -> str:
    return unsubscribe_token(signing_keys(config), 1)


def ask(
    config: Config, method: str, path: str, *, content: bytes | None = None, data: dict[str, str] | None = None
) -> httpx.Response:
    async def one() -> httpx.Response:
        transport = httpx.ASGITransport(app=Desk(config))
        async with httpx.AsyncClient(transport=transport, base_url="http://desk.example") as client:
            return await client.request(method, path, content=content, data=data)

    return asyncio.run(one())


def left(config: Config) -> list[str]:
    return [row["query"] for row in rows(config, "SELECT query FROM subscription ORDER BY id")]


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_only_a_post_changes_anything(config: Config, token: str, method: str) -> None:
    for _ in range(20):
        answer = ask(config, method, f"/unsubscribe/{token}")
    assert left(config) == ["organoid", "mouse"]
    assert answer.status_code == (200 if method in ("GET", "HEAD") else 405)


def test_the_page_has_a_button_and_the_button_works(config: Config, token: str) -> None:
    page = ask(config, "GET", f"/unsubscribe/{token}").text
    assert '<form method="post">' in page
    assert "<script" not in page
    assert ask(config, "POST", f"/unsubscribe/{token}").status_code == 200
    assert left(config) == ["mouse"]


def test_one_click_of_a_mail_program(config: Config, token: str) -> None:
    answer = ask(config, "POST", f"/unsubscribe/{token}", data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert not answer.has_redirect_location
    assert left(config) == ["mouse"]


def test_all_tokens_get_the_same_answer(config: Config, token: str) -> None:
    ended = unsubscribe_token(signing_keys(config), 77)
    forged = token[:-1] + ("A" if token[-1] != "A" else "B")
    for method in ("GET", "POST"):
        answers = [ask(config, method, f"/unsubscribe/{one}") for one in (token, token, ended, forged, "x")]
        assert len({(a.status_code, a.content, str(a.headers)) for a in answers}) == 1
    assert left(config) == ["mouse"]


NOWHERE = (
    "/", "/unsubscribe/", "/unsubscribe/a/b", "/unsubscribe/" + "x" * 500, "/favicon.ico", "/unsubscribe/%00",
    "/unsubscribe/..%2f", "/-/databases", "/unsubscribe/ü",
)  # fmt: skip


@pytest.mark.parametrize("path", NOWHERE)
def test_there_is_nothing_else(config: Config, path: str) -> None:
    for method in ("GET", "POST"):
        assert ask(config, method, path).status_code == 404
    assert left(config) == ["organoid", "mouse"]


def test_headers_are_strict_on_every_answer(config: Config, token: str) -> None:
    for method, path in (
        ("GET", f"/unsubscribe/{token}"),
        ("POST", "/unsubscribe/x"),
        ("GET", "/"),
        ("PUT", "/unsubscribe/x"),
    ):
        headers = ask(config, method, path).headers
        assert headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
        assert "form-action 'self'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"
        assert "set-cookie" not in headers


def test_the_style_is_the_one_that_the_policy_allows(config: Config) -> None:
    answer = ask(config, "GET", "/unsubscribe/x")
    style = present(re.search(r"<style>(.*?)</style>", answer.text, re.DOTALL))[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in answer.headers["content-security-policy"]


def test_a_body_has_a_limit(config: Config, token: str) -> None:
    assert ask(config, "POST", f"/unsubscribe/{token}", content=b"x" * (MAX_BODY + 1)).status_code == 413
    assert left(config) == ["organoid", "mouse"]
    assert ask(config, "POST", f"/unsubscribe/{token}", content=b"x" * MAX_BODY).status_code == 200
    assert left(config) == ["mouse"]


def test_a_store_that_cannot_be_written_is_said_and_the_click_can_be_repeated(
    config: Config, token: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = config.data("letters.db")
    for suffix in ("-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    whole = path.read_bytes()
    path.write_bytes(b"not a database" * 500)
    answer = ask(config, "POST", f"/unsubscribe/{token}")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "300")
    assert token not in str(capsys.readouterr())
    path.write_bytes(whole)
    assert ask(config, "POST", f"/unsubscribe/{token}").status_code == 200
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


def test_served_by_itself_it_logs_no_token(config: Config, token: str, served: Served) -> None:
    port, end = served
    for method in ("GET", "HEAD", "POST", "GET"):
        connection = HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request(method, f"/unsubscribe/{token}")
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 200
        assert (len(body) == 0) == (method == "HEAD")
        assert answer.getheader("Server") is None
        connection.close()
    said = end()
    assert left(config) == ["mouse"]
    assert token not in said
    assert "Traceback" not in said


def test_a_port_that_is_taken_is_one_clear_line(config: Config) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(UsageError, match="cannot listen on"):
            run_desk(config, port=taken.getsockname()[1])
