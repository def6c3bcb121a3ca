"""Addresses: what names a page stays, what only says how the reader came goes, and two spellings are one."""

from __future__ import annotations

import doctest

import pytest

from crawlers import addresses
from crawlers.addresses import address_key, clean_url, site_of
from crawlers.pages.address import find_canonical_url
from crawlers.pages.parsed_page import parse_page


def test_examples() -> None:
    assert doctest.testmod(addresses).failed == 0


@pytest.mark.parametrize(
    ("came", "cleaned"),
    [
        ("/news.php?sid=101", "/news.php?sid=101"),
        ("/v?ref=2024-101&utm_source=x", "/v?ref=2024-101"),
        ("/v?source=12&m=1", "/v?source=12&m=1"),
        ("/v?id=7&ref=rss&from=twitter", "/v?id=7"),
        ("/2024/05/heart-tissue.html?m=1", "/2024/05/heart-tissue.html"),
        ("/v?id=7&rss=1&source=rss----d12--food&from=", "/v?id=7"),
        ("/v?id=7&PHPSESSID=a1&fbclid=x&gclid=y", "/v?id=7"),
        ("/v?id=7&sid=0a1b2c3d4e5f60718293a4b5c6d7e8f9", "/v?id=7"),
        ("/v/7;jsessionid=0A1B?b=1", "/v/7?b=1"),
        ("/(S(abcd1234abcd1234abcd1234))/v.aspx?no=7", "/v.aspx?no=7"),
        ("/v?word=%C1%D9%B1%E2&id=3", "/v?word=%C1%D9%B1%E2&id=3"),
        ("/v?word=%83X%83e&b=2&a=1;c=3", "/v?word=%83X%83e&b=2&a=1;c=3"),
        ("/#!/news/1", "/#!/news/1"),
        ("/#/news/1", "/#/news/1"),
        ("/news/1#comments", "/news/1"),
        ("/news/1?", "/news/1"),
        ("/news/1?print=1&outputType=amp", "/news/1"),
        ("/v?a=1&amp;b=2", "/v?a=1&b=2"),
    ],
)
def test_what_names_a_page_stays(came: str, cleaned: str) -> None:
    assert clean_url(f"https://x.example{came}") == f"https://x.example{cleaned}"


@pytest.mark.parametrize(
    "other",
    [
        "http://x.example/a?b=1&c=2", "https://www.x.example/a?b=1&c=2", "https://www2.x.example/a/?c=2&b=1",
        "https://X.example:443/a/index.html?b=1&c=2", "https://x.example//a/?b=%31&c=2", "https://x.example/%61?b=1&c=2",
        "https://x.example/index.php/a?b=1&c=2", "https://m.x.example/a?b=1&c=2&utm_id=1",
    ],
)  # fmt: skip
def test_two_spellings_of_one_address_are_one(other: str) -> None:
    assert address_key(clean_url(other) or "") == address_key("https://x.example/a?b=1&c=2")


@pytest.mark.parametrize("other", ["/A?b=1", "/a?b=2", "/a", "/a/b?b=1", "/a?b=1&c=%C1", "/a?b=1#x"])
def test_other_addresses_are_others(other: str) -> None:
    assert address_key(f"https://x.example{other}") != address_key("https://x.example/a?b=1")


def test_a_shared_host_is_not_one_publisher() -> None:
    assert site_of("a.tistory.com") != site_of("b.tistory.com")
    assert site_of("www.news.uni.ac.kr") == site_of("uni.ac.kr") == "uni.ac.kr"


@pytest.mark.parametrize(
    ("own", "said", "believed"),
    [
        ("/news/1", "/news/", False),
        ("/news/2024/05/heart-tissue-beats-on", "/news/2024/05/", False),
        ("/news/4711/heart-tissue-beats-on", "/news/4711", True),
        ("/heart-tissue-beats-on/2", "/heart-tissue-beats-on", True),
        ("/news/4711", "/en/", False),
        ("/news/4711", "/index.php", False),
        ("/ko/news/4711", "/en/news/4711", False),
        ("/news.php?no=5", "/news.php", False),
        ("/news.php?no=5&page=3", "/news.php?no=5", True),
        ("/news.php?bo_table=news&wr_id=5", "/news.php?bo_table=news", False),
        ("/heart-tissue-beats-on?page=2", "/heart-tissue-beats-on", True),
        ("/?p=4711", "/news/heart-tissue-beats-on", True),
        ("/news/4711", "http://x.example/news/4711/", True),
    ],
)
def test_a_claim_that_is_not_the_pages_is_not_believed(own: str, said: str, believed: bool) -> None:
    url = f"https://x.example{own}"
    body = f'<html><head><link rel="canonical" href="{said}"></head><body><p>Cells.</p></body></html>'
    found = find_canonical_url(parse_page(body.encode(), url=url, content_type="text/html"))
    path = said.removeprefix("http://x.example")
    assert found == (f"https://x.example{path}" if believed else url)
