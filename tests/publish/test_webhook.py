"""The channel `webhook`, against real servers on loopback: answers, signatures, redirects, and where it connects to."""

from __future__ import annotations

import hmac
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from core.config import Config, Crawl, Letters
from core.errors import UsageError
from publish.letters.channels import settings_of
from publish.letters.channels.webhook import (
    Settings,
    check_address,
    deliver,
    render,
    render_confirmation,
    sign,
)
from publish.letters.letter import Letter
from publish.letters.rendering import from_json
from tests.publish.rig import free_port

LOCAL = Settings(timeout=5, local=True)
BODY = '{"type":"letter","id":"1abc","subject":"망막"}'.encode()
MOMENT = datetime(2026, 11, 22, 3, tzinfo=UTC)
LETTER = Letter(
    site="Stemwire", home="https://stemwire.example", day="2026-11-22", every="daily", first=True,
    manage="https://letters.stemwire.example/m/x", stop="https://letters.stemwire.example/stop/x",
)  # fmt: skip


class Hook(BaseHTTPRequestHandler):
    """Answers with the status at the end of the path; /to/CODE/ADDRESS redirects; keeps what was posted."""

    taken: ClassVar[list[tuple[str, dict[str, str], bytes]]] = []

    def do_POST(self) -> None:
        if self.path == "/dead":  # reads nothing, says nothing
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.taken.append((self.path, dict(self.headers), body))
        if self.path.startswith("/to/"):
            _, _, code, goal = self.path.split("/", 3)
            self.send_response(int(code))
            self.send_header("Location", goal)
        elif self.path == "/drip":
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            for _ in range(100):
                threading.Event().wait(0.1)
                self.wfile.write(b"X-Slow: 1\r\n")
        else:
            self.send_response(int(self.path.rpartition("/")[2]))
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def serving(context: ssl.SSLContext | None = None) -> Iterator[int]:
    class Server(ThreadingHTTPServer):
        def handle_error(self, *args: object) -> None:
            pass  # a client that goes away is what these tests are about

    with Server(("127.0.0.1", 0), Hook) as server:
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.fixture
def hook() -> Iterator[str]:
    Hook.taken.clear()
    with serving() as port:
        yield f"http://127.0.0.1:{port}"


class Claims:
    """Counts how often the outbox is asked."""

    def __init__(self, answer: bool = True) -> None:
        self.answer, self.asked = answer, 0

    def __call__(self) -> bool:
        self.asked += 1
        return self.answer


def state(address: str, settings: Settings = LOCAL) -> tuple[str, bool, int]:
    """(state, final, times that the letter was claimed)."""
    claim = Claims()
    receipt = deliver(BODY, settings, to=address, secret="s3cret", claim=claim)
    return receipt.state, receipt.final, claim.asked


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (200, "sent"), (204, "sent"), (202, "sent"), (400, "refused"), (401, "refused"), (404, "refused"),
        (408, "deferred"), (425, "deferred"), (429, "deferred"), (500, "deferred"), (503, "deferred"),
    ],
)  # fmt: skip
def test_the_answer_says_what_became_of_it(hook: str, code: int, expected: str) -> None:
    assert state(f"{hook}/{code}") == (expected, False, 1)
    assert [body for _, _, body in Hook.taken] == [BODY]


def test_gone_is_final(hook: str) -> None:
    assert state(f"{hook}/410") == ("refused", True, 1)


def test_a_receiver_can_verify_who_sent_it_and_when(hook: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEMWIRE_NOW", "2026-11-22T03:00:00Z")
    deliver(BODY, LOCAL, to=f"{hook}/200", secret="s3cret", claim=lambda: True)
    _, headers, body = Hook.taken[-1]
    said = headers["Stemwire-Timestamp"]
    assert 0 <= int(said) - MOMENT.timestamp() < 24 * 3600
    assert headers["Stemwire-Signature"] == "v1=" + hmac.digest(b"s3cret", f"{said}.".encode() + body, "sha256").hex()
    assert headers["Host"] == hook.removeprefix("http://")
    assert headers["Content-Type"] == "application/json; charset=utf-8"


def test_what_has_no_secret_is_not_signed(hook: str) -> None:
    deliver(BODY, LOCAL, to=f"{hook}/200", secret="", claim=lambda: True)
    assert not {"Stemwire-Signature", "Stemwire-Timestamp"} & set(Hook.taken[-1][1])


def test_nothing_leaves_when_the_outbox_says_no(hook: str) -> None:
    assert deliver(BODY, LOCAL, to=f"{hook}/200", secret="x", claim=Claims(answer=False)).state == "withdrawn"
    assert Hook.taken == []


def test_a_server_that_is_down_is_put_off_and_the_letter_not_claimed() -> None:
    assert state(f"http://127.0.0.1:{free_port()}/200") == ("deferred", False, 0)


def test_a_name_that_does_not_exist_is_put_off() -> None:
    assert state("https://hook.invalid/200") == ("deferred", False, 0)


def test_a_connection_that_breaks_after_the_text_began_to_leave_is_uncertain(hook: str) -> None:
    assert state(f"{hook}/dead") == ("uncertain", False, 1)


def test_an_answer_that_drips_ends_with_the_time(hook: str) -> None:
    assert state(f"{hook}/drip", Settings(timeout=1, local=True)) == ("uncertain", False, 1)


def test_a_redirect_that_keeps_the_body_is_followed_and_claimed_once(hook: str) -> None:
    assert state(f"{hook}/to/308/{hook}/to/307/{hook}/204") == ("sent", False, 1)
    assert [path.rpartition("/")[2] for path, _, _ in Hook.taken] == ["204"] * 3
    assert {body for _, _, body in Hook.taken} == {BODY}


@pytest.mark.parametrize("code", [301, 302, 303])
def test_a_redirect_that_would_lose_the_body_is_not(hook: str, code: int) -> None:
    assert state(f"{hook}/to/{code}/{hook}/204") == ("refused", False, 1)
    assert len(Hook.taken) == 1


def test_a_redirect_without_end_is_refused(hook: str) -> None:
    assert state(f"{hook}/to/307/") == ("refused", False, 1)


@pytest.mark.parametrize(
    "goal", ["http://10.0.0.1/204", "https://169.254.169.254/latest/meta-data", "file:///etc/passwd", "https://[::ffff:10.0.0.1]/"]
)  # fmt: skip
def test_a_redirect_is_checked_like_the_first_address(hook: str, goal: str) -> None:
    assert state(f"{hook}/to/307/{goal}") == ("refused", False, 1)


@pytest.mark.parametrize(
    "address",
    [
        "https://127.0.0.1:{}/204", "http://127.0.0.1:{}/204", "http://localhost:{}/204", "https://10.0.0.1/204",
        "https://[::1]:{}/204", "https://2130706433:{}/204", "https://[::ffff:127.0.0.1]:{}/204",
    ],
)  # fmt: skip
def test_no_private_address_is_contacted(hook: str, address: str) -> None:
    claim = Claims()
    at = address.format(hook.rpartition(":")[2])
    receipt = deliver(BODY, Settings(timeout=5), to=at, secret="x", claim=claim)
    assert (receipt.state, claim.asked, Hook.taken) == ("refused", 0, []), receipt


def test_where_local_is_set_other_private_addresses_stay_closed() -> None:
    assert state("http://10.0.0.1/204") == ("refused", False, 0)


class Names:
    """A resolver whose answers change: the first look-up gets the first address, and so on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *answers: str) -> None:
        self.asked: list[str] = []
        real = socket.getaddrinfo

        def answer(host: str | bytes, port: int | None, *args: object, **more: object) -> list[Any]:
            name = host.decode() if isinstance(host, bytes) else host
            if name != "hook.example":
                return real(host, port, *args, **more)  # type: ignore[arg-type]
            self.asked.append(name)
            ip = answers[min(len(self.asked), len(answers)) - 1]
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port or 0))]

        monkeypatch.setattr(socket, "getaddrinfo", answer)


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's certificate for hook.example, which this process trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hook.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("hook.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    file = tmp_path / "hook.pem"
    text = serialization.Encoding.PEM
    file.write_bytes(
        key.private_bytes(text, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(text)
    )
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def test_the_checked_address_is_contacted_under_the_name(
    certificate: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str | None] = []
    certificate.sni_callback = lambda _, name, __: asked.append(name)
    Hook.taken.clear()
    names = Names(monkeypatch, "127.0.0.1", "10.0.0.1")  # a second look-up would lead elsewhere
    with serving(certificate) as port:
        assert state(f"https://hook.example:{port}/200") == ("sent", False, 1)
    assert names.asked == ["hook.example"] and asked == ["hook.example"]
    assert Hook.taken[-1][1]["Host"] == f"hook.example:{port}"


def test_a_certificate_of_another_name_is_not_accepted(certificate: ssl.SSLContext) -> None:
    with serving(certificate) as port:
        assert state(f"https://localhost:{port}/200") == ("deferred", False, 0)


def test_a_name_that_leads_to_a_private_address_is_refused(monkeypatch: pytest.MonkeyPatch, hook: str) -> None:
    Names(monkeypatch, "127.0.0.1")
    receipt = deliver(
        BODY, Settings(), to=f"https://hook.example:{hook.rpartition(':')[2]}/200", secret="x", claim=lambda: True
    )
    assert (receipt.state, Hook.taken) == ("refused", [])
    assert receipt.reply == "hook.example must not be contacted: 127.0.0.1 is loopback"


@pytest.mark.parametrize(
    "address",
    [
        "reader@example.org", "ftp://example.org/x", "https://", "javascript:1", "http://example.org/hook",
        "https://me:secret@example.org/", "https://example.org/#x", "https://example.org:99999/", "https://exämple.org/",
        "http://10.0.0.1/", "https://example.org/" + "x" * 500, "https://example.org/a b", "https://example.org:0/",
    ],
)  # fmt: skip
def test_other_addresses_are_refused(address: str) -> None:
    with pytest.raises(UsageError):
        check_address(address)


@pytest.mark.parametrize(
    "address", ["https://example.org/hook?key=1", "http://127.0.0.1:8080/hook", "http://localhost/", "http://[::1]:9/x"]
)
def test_addresses_are_kept_as_they_are(address: str) -> None:
    assert check_address(f" {address} ") == address


def test_the_body_can_be_read_back() -> None:
    body = json.loads(render(LETTER, ident="1abc", to="https://x.example", settings=LOCAL, moment=MOMENT))
    assert {name: body[name] for name in ("type", "id", "made")} == {
        "type": "letter", "id": "1abc", "made": "2026-11-22T03:00:00Z",
    }  # fmt: skip
    assert from_json(json.dumps(body["letter"])) == LETTER


def test_a_confirmation_shows_nothing_that_could_be_a_link() -> None:
    for query, shown in (("retina*", "retina*"), ("win at http://spam.example", "")):
        made = render_confirmation(
            "Stemwire", "https://stemwire.example", "", query, "https://letters.stemwire.example/confirm/x",
            ident="1", to="https://x.example", settings=LOCAL, moment=MOMENT,
        )  # fmt: skip
        body = json.loads(made)
        assert (body["query"], body["link"]) == (shown, "https://letters.stemwire.example/confirm/x")


def test_local_is_that_of_the_letters_unless_the_channel_says_otherwise() -> None:
    crawl = Crawl(contact="mailto:desk@stemwire.example")
    for table, local in (({}, True), ({"webhook": {"local": False}}, False)):
        config = Config(crawl=crawl, letters=Letters.model_validate({"local": True, **table}))
        assert settings_of(config, "webhook") == Settings(local=local)


def test_the_signature_is_the_one_that_is_written_down() -> None:
    expected = hmac.new(b"k", b"1." + BODY, sha256).hexdigest()
    assert sign("k", "1", BODY) == f"v1={expected}"
