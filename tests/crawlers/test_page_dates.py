"""Dates: how they are written, which one is believed, and what is never believed."""

from __future__ import annotations

from datetime import date

import pytest

from crawlers.pages import PageText, read_page
from crawlers.pages.day_formats import parse_day


def read(inside: str, head: str = "", url: str = "https://news.example/story", fetched: str = "2026-03-01") -> PageText:
    page = f'<html lang="en-GB"><head>{head}</head><body><h1>Cells</h1>{inside}</body></html>'
    return read_page(page.encode(), url=url, content_type="text/html; charset=utf-8", fetched=fetched)


@pytest.mark.parametrize(
    "raw",
    [
        "2025년 6월 19일", "2025.06.19", "2025. 6. 19.", "2025-06-19T09:00:00+09:00", "Jun 19, 2025", "June 19th, 2025",
        "19 June 2025", "19. Juni 2025", "19 juin 2025", "19 de junio de 2025", "20250619", "2025/06/19", "19.06.2025",
        "2025年6月19日", "Thu, 19 Jun 2025 01:00:00 GMT",
    ],
)  # fmt: skip
def test_days_as_they_are_written(raw: str) -> None:
    assert parse_day(raw) == date(2025, 6, 19)


def test_day_first_unless_american() -> None:
    assert parse_day("03/04/2024") == date(2024, 4, 3)
    assert parse_day("03/04/2024", american=True) == date(2024, 3, 4)
    assert parse_day("03/24/2024") == date(2024, 3, 24)


@pytest.mark.parametrize("raw", ["2025-13-45", "99999999999999999999", "call 02-555-0101", "in 2025", ""])
def test_what_is_no_day(raw: str) -> None:
    assert parse_day(raw) is None


@pytest.mark.parametrize(
    ("inside", "day"),
    [
        ("<p>작성일 24-04-16 11:15</p>", "2024-04-16"),
        ("<div><b>작성일</b> <span>24-04-16 11:15</span></div>", "2024-04-16"),
        ("<div>Release Date:2024-08-12</div>", "2024-08-12"),
        ("<dl><dt>등록일</dt><dd>2025.06.19</dd></dl>", "2025-06-19"),
        ("<p>입력 2025-06-19 09:31 수정 2025-06-21 10:00</p>", "2025-06-19"),
        ("<p class=d>Jun 19, 2025</p>", "2025-06-19"),
        ("<time datetime='2025-06-19T08:00'>yesterday</time>", "2025-06-19"),
    ],
)
def test_days_that_readers_see(inside: str, day: str) -> None:
    assert read(inside).published == day


def test_every_candidate_is_kept_with_its_place() -> None:
    page = read(
        "<p>Published: 18 June 2025</p>",
        head='<meta property="article:published_time" content="2025-06-19T00:00:00+09:00">'
        '<meta property="article:modified_time" content="2025-07-01">',
        url="https://news.example/2025/06/18/story",
    )
    places = {candidate.where: candidate.date for candidate in page.dates}
    assert places["meta:article:published_time"] == "2025-06-19"
    assert places["modified"] == "2025-07-01"
    assert places["label"] == places["url"] == "2025-06-18"
    assert next(c.raw for c in page.dates if c.where == "label").startswith("18 June 2025")


def test_a_day_in_utc_gives_way_to_the_day_at_home() -> None:
    head = '<meta property="article:published_time" content="2025-06-19T02:10:00Z">'
    assert read("<p>June 18, 2025</p>", head=head).published == "2025-06-18"
    assert read("<p>June 10, 2025</p>", head=head).published == "2025-06-19"


@pytest.mark.parametrize("said", ["1989-12-31", "2026-03-03", "9999-11-01"])
def test_days_out_of_bounds_are_kept_but_not_chosen(said: str) -> None:
    page = read("", head=f'<meta property="article:published_time" content="{said}">')
    assert page.published is None


def test_the_day_after_the_fetch_is_still_possible() -> None:
    assert read("", head='<meta property="article:published_time" content="2026-03-02">').published == "2026-03-02"


def test_a_date_of_change_is_never_chosen() -> None:
    page = read("<p>Updated: 19 June 2025</p>", head='<meta name="last-modified" content="2025-06-19">')
    assert page.published != "2025-06-19" or page.published_from == "htmldate"
