"""Which addresses may be dialled: the policy, and that no spelling of a host gets past it."""

from __future__ import annotations

import ssl
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from scrapy.resolver import dnscache
from scrapy.settings import default_settings
from twisted.internet.address import IPv4Address

from core.config import Crawl
from core.public_addresses import find_refusal
from crawlers.addresses import host_of, origin_of
from crawlers.fetch.guards import GuardedResolver
from crawlers.fetch.politeness import HostAccess, HostOnHold, parse_retry_after
from crawlers.fetch.settings import scrapy_settings
from tests.nights import NightRunner, a_source, rss
from tests.wire import Reply, Wire

XML = {"content-type": "text/xml"}

NOT_PUBLIC = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.254 127.0.0.1 127.255.255.254 169.254.0.1
169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.8 192.0.2.1 192.88.99.1 192.168.0.1 198.18.0.1 198.51.100.7
203.0.113.9 224.0.0.1 239.1.1.1 240.0.0.1 255.255.255.255
:: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 64:ff9b::7f00:1 64:ff9b:1::1 100::1
2001::1 2001:db8::1 2002:7f00:1:: 2002:808:808:: 3fff::1 5f00::1 fc00::1 fd12:3456::1 fe80::1 fe80::1%eth0 fec0::1
ff02::1 fd00:ec2::254 localhost 127.1 2130706433 0x7f.1
""".split()  # noqa: SIM905  read as a table

PUBLIC = "1.1.1.1 8.8.8.8 93.184.216.34 130.14.29.110 2606:4700:4700::1111 2a00:1450:4001::200e ::ffff:8.8.8.8".split()  # noqa: SIM905


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_what_is_not_public_is_refused(address: str) -> None:
    assert find_refusal(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_dialled(address: str) -> None:
    assert find_refusal(address) is None


def test_hosts_and_origins() -> None:
    assert host_of("https://User@Example.ORG.:8443/x") == "example.org"
    assert host_of("http://[::1") == ""
    assert origin_of("https://user:secret@Example.org:8443/x") == "example.org:8443"


SPELLINGS = (
    "127.0.0.1", "127.1", "2130706433", "0x7f.1", "0x7f000001", "0177.0.0.1", "0.0.0.0", "localhost", "LOCALHOST",
    "127.0.0.1.", "[::ffff:127.0.0.1]", "[::1]", "127.0.0.2",
)  # fmt: skip


def test_no_spelling_of_loopback_is_dialled(wire: Wire, runner: NightRunner) -> None:
    """Directly, by a redirect, by a link, and for robots.txt: the server never hears of it."""
    runner.crawl = {"timeout": 3.0}
    links = [(str(n), f"http://{host}:{wire.port}/secret", host) for n, host in enumerate(SPELLINGS)]
    jumps = [(f"j{n}", wire.url(f"/jump/{n}", "127.0.0.8"), host) for n, host in enumerate(SPELLINGS)]
    for n, host in enumerate(SPELLINGS):
        wire.route(f"/jump/{n}", Reply(302, headers={"location": f"http://{host}:{wire.port}/secret"}))
    wire.route("/feed", Reply(200, rss(*links, *jumps), XML))
    wire.route("/secret", Reply(200, b"secret"))
    sources = [
        a_source(f"s{n}", feed=f"http://{host}:{wire.port}/secret", allow_private=False)
        for n, host in enumerate(SPELLINGS)
    ]
    sources.append(a_source("open", feed=wire.url("/feed", "127.0.0.8")))
    night = runner.night(sources)
    assert "/secret" not in wire.paths()
    assert {seen.host for seen in wire.seen} == {"127.0.0.8"}
    assert len(night.failed) == len(SPELLINGS)
    for reason in night.failed.values():
        assert "may not be dialled" in reason or "cannot be resolved" in reason, reason
    assert "loopback" in night.failed["s0"]
    refused = runner.rows("SELECT count(*) AS n FROM raw.visit WHERE source = 'open' AND outcome = 'refused'")
    assert refused == [{"n": 2 * len(SPELLINGS)}]


def test_what_one_source_opened_is_closed_to_another(wire: Wire, runner: NightRunner) -> None:
    wire.route("/feed", Reply(200, rss(("1", wire.url("/page", "127.0.0.2"), "To the other's host")), XML))
    wire.route("/page", Reply(200, b"inside"))
    sources = [
        a_source("first", feed=wire.url("/feed", "127.0.0.1")),
        a_source("second", feed=wire.url("/none", "127.0.0.2")),
    ]
    runner.night(sources)
    assert "/page" not in wire.paths()
    assert "open to another source only" in runner.issues("first")["page_refused"]


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120), ("0", 1), ("999999999999", 86400), (" 7 ", 7),
        ("Sun, 22 Nov 2026 03:10:00 GMT", 600), ("Sun, 22 Nov 2020 03:10:00 GMT", 1),
        ("Sun, 22 Nov 2029 03:10:00 GMT", 86400),
        ("", None), (None, None), ("soon", None), ("-5", None), ("1e9", None), ("٣", None), ("12; drop", None),
    ],
)  # fmt: skip
def test_retry_after(value: str | None, seconds: int | None) -> None:
    now = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
    until = parse_retry_after(value, now)
    assert (until - now).total_seconds() == seconds if seconds is not None and until else until is None


def test_the_gate_closes_after_three_silences_and_opens_with_an_answer() -> None:
    gate = HostAccess(
        lambda: datetime(2026, 11, 22, tzinfo=UTC),
        {"held.example": "2026-11-22T00:00:01Z", "past.example": "2026-11-21T00:00:00Z"},
    )
    with pytest.raises(HostOnHold, match="not to be called before 2026-11-22T00:00:01Z"):
        gate.check("held.example")
    gate.check("past.example")
    for _ in range(2):
        gate.missed("a.example")
    gate.answered("a.example")
    gate.missed("a.example")
    gate.check("a.example")
    for _ in range(2):
        gate.missed("a.example")
    with pytest.raises(HostOnHold, match="3 requests in a row"):
        gate.check("a.example")


class _Answers:
    """A resolver whose answer changes from question to question, as in DNS rebinding."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = list(addresses)
        self.nameResolver = self  # stands in for the reactor, too

    def resolveHostName(self, receiver: _Dialled, host: str, port: int = 0, *_: object) -> _Dialled:
        receiver.resolutionBegan(None)
        receiver.addressResolved(IPv4Address("TCP", self.addresses.pop(0), port))
        receiver.resolutionComplete()
        return receiver


class _Dialled:
    def __init__(self) -> None:
        self.addresses: list[str] = []

    def resolutionBegan(self, _: object) -> None: ...

    def addressResolved(self, address: IPv4Address) -> None:
        self.addresses.append(address.host)

    def resolutionComplete(self) -> None: ...


@pytest.mark.parametrize("cached", [0, 100])
def test_what_is_dialled_is_what_was_checked(cached: int) -> None:
    """Whatever the second answer says, and whether it comes out of the cache or not."""
    dnscache.clear()
    resolver = GuardedResolver(
        _Answers("93.184.216.34", "127.0.0.1", "10.0.0.1", "10.0.0.1"), cached, frozenset({"in.example"})
    )
    for host in ("rebind.example", "rebind.example", "Rebind.Example.", "in.example"):
        dialled = _Dialled()
        resolver.resolveHostName(dialled, host, 80)
        assert all(find_refusal(address) is None for address in dialled.addresses) or host == "in.example"
    assert dialled.addresses in (["10.0.0.1"], ["127.0.0.1"])  # the host that a source opened
    dnscache.clear()


def test_a_certificate_that_nobody_vouches_for_is_refused(runner: NightRunner, tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(datetime(2020, 1, 1)).not_valid_after(datetime(2099, 1, 1))
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = tmp_path / "server.pem"
    pem.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + certificate.public_bytes(Encoding.PEM)
    )
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(pem)
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    night = runner.night([a_source("tls", feed=f"https://127.0.0.1:{server.server_address[1]}/feed")])
    server.shutdown()
    server.server_close()
    assert asked == []
    assert "the host's certificate cannot be trusted" in night.failed["tls"]


def test_the_memory_of_who_starts_the_crawl_is_not_counted(wire: Wire, runner: NightRunner) -> None:
    ballast = b"x" * (1200 << 20)  # more than the limit of a crawl
    wire.route("/feed", Reply(200, rss(("1", wire.url("/1"), "One")), {"content-type": "text/xml"}))
    wire.route("/1", Reply(200, b"<p>page</p>", {"content-type": "text/html"}, delay=3))  # the guard looks every 2 s
    night = runner.night([a_source("a", feed=wire.url("/feed"))])
    assert not night.failed and ballast
    assert wire.paths()[-1] == "/1"


def test_the_settings_that_were_written_down_first() -> None:
    crawl = Crawl(contact="mailto:desk@stemwire.example")
    settings = scrapy_settings(crawl, recorded=False, private_hosts=frozenset())
    expected = {
        "DOWNLOAD_MAXSIZE": 8 * 2**20, "DOWNLOAD_TIMEOUT": 20, "RETRY_TIMES": 2, "REDIRECT_MAX_TIMES": 5,
        "METAREFRESH_ENABLED": False, "COOKIES_ENABLED": False, "ROBOTSTXT_OBEY": True,
        "DOWNLOAD_VERIFY_CERTIFICATES": True, "TELNETCONSOLE_ENABLED": False, "REMOTE_CONTROL_ENABLED": False,
        "REFERRER_POLICY": "no-referrer", "MEMUSAGE_LIMIT_MB": 1024, "MEMUSAGE_CHECK_INTERVAL_SECONDS": 2,
        "CLOSESPIDER_TIMEOUT": 1800, "TWISTED_DNS_RESOLVER": "crawlers.fetch.guards.GuardedResolver",
        "DOWNLOAD_DELAY": 2.0,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1, "HTTPPROXY_ENABLED": False,
    }  # fmt: skip
    assert {name: settings[name] for name in expected} == expected
    assert [scheme for scheme, handler in settings["DOWNLOAD_HANDLERS"].items() if handler is None] == [
        "file", "data", "ftp", "s3",
    ]  # fmt: skip
    known = vars(default_settings).keys() | {"STEMWIRE_PRIVATE_HOSTS"}
    assert not [name for name in settings if name not in known], "a setting that Scrapy does not know does nothing"
