"""The killable worker: what hostile input and hostile functions do to it, and that the parent goes on."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.errors import StemwireError
from core.workers import Child, Failed, Limits
from crawlers.pages import PageError, PageText, read_page

PAGE = b"<html lang=en><head><title>Cells</title></head><body><h1>Cells</h1><p>%s</p></body></html>" % (
    b"Cells divide and divide again. " * 20
)


def double(number: int) -> int:
    return 2 * number


def spin() -> None:
    while True:
        pass


def sleep_without_cpu() -> None:
    signal.pause()


def hoard() -> int:
    return len(bytearray(3 << 30))


def vanish() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def fail() -> None:
    raise PageError("nothing here", where="http://a.example/")


def read(body: bytes) -> PageText:
    return read_page(body, url="http://a.example/x", content_type=None, fetched="2026-01-02")


@pytest.fixture(scope="module")
def child() -> Iterator[Child[Any]]:
    with Child[Any](Limits(wall=300.0, cpu=2)) as opened:  # a busy machine must not end what CPU time should
        yield opened


def test_gives_results(child: Child[Any]) -> None:
    assert child.run(double, 21) == 42


def test_keeps_the_order(child: Child[Any]) -> None:
    assert list(child.map(double, [(n,) for n in range(9)])) == [2 * n for n in range(9)]


@pytest.mark.parametrize(
    ("function", "kind"),
    [(spin, "cpu"), (hoard, "memory"), (vanish, "died"), (fail, "raised")],
)
def test_names_what_happened_and_goes_on(child: Child[Any], function: Callable[[], object], kind: str) -> None:
    outcome = child.run(function)
    assert isinstance(outcome, Failed)
    assert outcome.kind == kind, outcome
    assert child.run(double, 4) == 8


def test_what_uses_no_cpu_is_ended_by_the_wall_limit() -> None:
    with Child[Any](Limits(wall=1.0)) as hasty:
        outcome = hasty.run(sleep_without_cpu)
    assert isinstance(outcome, Failed) and outcome.kind == "timeout", outcome


def test_what_works_is_not_ended_by_the_wall_limit() -> None:
    with Child[Any](Limits(wall=1.0, cpu=3)) as hasty:
        outcome = hasty.run(spin)
    assert isinstance(outcome, Failed) and outcome.kind == "cpu", outcome


def test_a_raised_error_comes_back_whole(child: Child[Any]) -> None:
    outcome = child.run(fail)
    assert isinstance(outcome, Failed)
    assert isinstance(outcome.error, PageError)
    assert outcome.error.where == "http://a.example/"


@pytest.mark.parametrize(
    "body",
    [
        b"<html><body><p " + b" ".join(b"a%d=1" % n for n in range(100_000)) + b">x</p></body></html>",
        b"<html><body>" + b"<div>" * 100_000 + b"deep" + b"</div>" * 100_000 + b"</body></html>",
        b"<html><body>" + b"<" * 1_500_000,
        b"<html><body>" + b'<a href="/x">y</a>' * 100_000 + b"</body></html>",
        b'<html><head><script type="application/ld+json">' + b"[" * 200_000 + b"</script></head><body></body></html>",
        b"<html><body>\x00\xff\xfe<p>" + b"&#xD800;" * 50_000 + b"</p></body></html>",
        b"<html><body>" + b"<!-- " * 100_000 + b"</body></html>",
    ],
    ids=["attributes", "nested", "brackets", "links", "json", "surrogates", "comments"],
)
def test_hostile_pages_end_and_the_next_page_is_read(child: Child[Any], body: bytes) -> None:
    outcome = child.run(read, body)
    assert isinstance(outcome, (PageText, Failed))
    after = child.run(read, PAGE)
    assert isinstance(after, PageText)
    assert after.title == "Cells"


def test_the_limits_hold_a_worker_with_all_readers() -> None:
    """Address space that the imports need must leave enough for pages under the default limit."""
    with Child[Any]() as opened:
        outcome = opened.run(peak_address_space)
    assert isinstance(outcome, int)
    assert outcome < 0.75 * Limits().memory


def peak_address_space() -> int:
    read(PAGE.replace(b" lang=en", b"").replace(b"</h1>", b"</h1><div class=date>12. ledna 2024</div>"))
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) << 10 for line in status.splitlines() if line.startswith("VmPeak"))


def test_a_closed_pool_says_so() -> None:
    with pytest.raises(StemwireError, match="not open"):
        Child[int]().run(double, 1)


def test_a_worker_that_dies_between_two_tasks_costs_nothing(child: Child[Any]) -> None:
    assert isinstance(child.run(read, PAGE), PageText)
    for process in multiprocessing.active_children():
        process.kill()
    outcomes = list(child.map(read, [(PAGE,)] * 4))
    assert all(isinstance(outcome, PageText) for outcome in outcomes), outcomes
