"""robots.txt as RFC 9309 has it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crawlers.fetch.robots import Disallowed, RobotsRules, fall_back_after_a_day, interpret_answer, parse_robots
from crawlers.fetch.settings import ROBOTS_MAX
from tests.nights import NightRunner, a_source, rss
from tests.wire import Reply, Wire

NO = b"User-agent: *\nDisallow: /no/\n"
URL = "https://a.example"


def allows(law: RobotsRules, path: str) -> bool:
    try:
        law.check(URL + path)
    except Disallowed:
        return False
    return True


def test_rules_are_obeyed() -> None:
    law = interpret_answer("a.example", 200, NO, "")
    assert allows(law, "/yes/1")
    assert not allows(law, "/no/1")


def test_the_group_that_names_us_wins() -> None:
    law = parse_robots(b"User-agent: *\nDisallow: /\n\nUser-agent: stemwire\nAllow: /\nDisallow: /drafts\n")
    assert allows(law, "/news")
    assert not allows(law, "/drafts/1")


@pytest.mark.parametrize("mark", ["utf-8-sig", "utf-16", "utf-16-be"])
def test_byte_order_marks(mark: str) -> None:
    text = NO.decode() if mark != "utf-16-be" else "\ufeff" + NO.decode()
    assert not allows(parse_robots(text.encode(mark)), "/no/1")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451])
def test_no_file_allows_everything(status: int) -> None:
    assert allows(interpret_answer("a.example", status, None, ""), "/no/1")


@pytest.mark.parametrize("status", [None, 429, 500, 503, 304, 302])
def test_what_cannot_be_read_allows_nothing(status: int | None) -> None:
    law = interpret_answer("a.example", status, None, "500 Internal Server Error")
    assert not allows(law, "/")
    assert "500 Internal Server Error" in (law.closed or "")


def test_an_unchanged_file_is_still_the_law() -> None:
    law = interpret_answer("a.example", 304, NO, "")
    assert allows(law, "/yes/1")
    assert not allows(law, "/no/1")


def test_after_a_day_the_last_good_file_holds_again() -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    closed = interpret_answer("a.example", 500, None, "500")
    assert not allows(fall_back_after_a_day(closed, now - timedelta(hours=23), NO, now), "/yes")
    later = fall_back_after_a_day(closed, now - timedelta(hours=24), NO, now)
    assert allows(later, "/yes")
    assert not allows(later, "/no/1")
    assert not allows(fall_back_after_a_day(closed, now - timedelta(days=9), None, now), "/yes")


def test_only_the_first_500_kib_are_read() -> None:
    assert allows(parse_robots(b"#" + b"x" * ROBOTS_MAX + b"\nUser-agent: *\nDisallow: /\n"), "/")


def test_on_the_wire(wire: Wire, runner: NightRunner) -> None:
    """Asked once a night and host, through redirects; too large, leading inside or nowhere means not now."""
    xml = {"content-type": "text/xml"}
    sources = []
    for number in range(1, 6):
        host = f"127.0.0.{number}"
        wire.route(f"{host}|/feed", Reply(200, rss(("1", wire.url("/no/1", host), "X")), xml))
        sources.append(a_source(f"s{number}", feed=wire.url("/feed", host)))
    wire.route("/no/1", Reply(200, b"page"))
    wire.route("127.0.0.1|/robots.txt", Reply(200, NO, etag='"r"'))
    wire.route("127.0.0.2|/robots.txt", Reply(301, headers={"location": "/where/robots.txt"}))
    wire.route("/where/robots.txt", Reply(200, NO))
    wire.route("127.0.0.3|/robots.txt", Reply(200, b"#" * (ROBOTS_MAX + 10)))
    wire.route("127.0.0.4|/robots.txt", Reply(302, headers={"location": wire.url("/robots.txt", "127.0.0.9")}))
    wire.route("127.0.0.5|/robots.txt", Reply(302, headers={"location": "/robots.txt"}))
    first = runner.night(sources)
    second = runner.night(sources)
    robots = [seen.status for seen in wire.seen if (seen.host, seen.path) == ("127.0.0.1", "/robots.txt")]
    assert robots == [200, 304]
    outcomes = runner.rows(
        "SELECT source, outcome FROM raw.visit WHERE role = 'robots' AND run = (SELECT max(run) FROM raw.visit)"
    )
    assert {row["source"]: row["outcome"] for row in outcomes} == {
        "s1": "unchanged", "s2": "unchanged", "s3": "failed", "s4": "refused", "s5": "failed",
    }  # fmt: skip
    assert first.failed.keys() == second.failed.keys() == {"s3", "s4", "s5"}
    assert "larger than 512000 bytes" in first.failed["s3"]
    asked = {(seen.host, seen.path) for seen in wire.seen if seen.path in ("/feed", "/no/1")}
    assert asked == {("127.0.0.1", "/feed"), ("127.0.0.2", "/feed")}
    assert not [seen for seen in wire.seen if seen.host == "127.0.0.9"]
