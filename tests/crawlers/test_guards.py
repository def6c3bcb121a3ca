"""Which addresses may be dialled: the policy, and that no spelling of a host gets past it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawlers.guards import find_refusal, host_of, origin_of
from crawlers.politeness import Gate, Held, parse_retry_after
from tests.nights import House, a_source, rss
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


def test_no_spelling_of_loopback_is_dialled(wire: Wire, house: House) -> None:
    """Directly, by a redirect, by a link, and for robots.txt: the server never hears of it."""
    house.crawl = {"timeout": 3.0}
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
    night = house.night(sources)
    assert "/secret" not in wire.paths()
    assert {seen.host for seen in wire.seen} == {"127.0.0.8"}
    assert len(night.failed) == len(SPELLINGS)
    for reason in night.failed.values():
        assert "may not be dialled" in reason or "cannot be resolved" in reason, reason
    assert "loopback" in night.failed["s0"]
    refused = house.rows("SELECT count(*) AS n FROM raw.visit WHERE source = 'open' AND outcome = 'refused'")
    assert refused == [{"n": 2 * len(SPELLINGS)}]


def test_what_one_source_opened_is_closed_to_another(wire: Wire, house: House) -> None:
    wire.route("/feed", Reply(200, rss(("1", wire.url("/page", "127.0.0.2"), "To the other's host")), XML))
    wire.route("/page", Reply(200, b"inside"))
    sources = [
        a_source("first", feed=wire.url("/feed", "127.0.0.1")),
        a_source("second", feed=wire.url("/none", "127.0.0.2")),
    ]
    house.night(sources)
    assert "/page" not in wire.paths()
    assert "open to another source only" in house.issues("first")["page_refused"]


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
    gate = Gate(
        lambda: datetime(2026, 11, 22, tzinfo=UTC),
        {"held.example": "2026-11-22T00:00:01Z", "past.example": "2026-11-21T00:00:00Z"},
    )
    with pytest.raises(Held, match="not to be called before 2026-11-22T00:00:01Z"):
        gate.check("held.example")
    gate.check("past.example")
    for _ in range(2):
        gate.missed("a.example")
    gate.answered("a.example")
    gate.missed("a.example")
    gate.check("a.example")
    for _ in range(2):
        gate.missed("a.example")
    with pytest.raises(Held, match="3 requests in a row"):
        gate.check("a.example")
