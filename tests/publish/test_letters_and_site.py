"""A letter and the site say the same: what a search finds, and where its pages are.

Letters, feeds and follows match the first group of a search: what matches all of it. What matches some of it is on the
page of the search only.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from core.config import Config
from core.store import open_store
from publish.letters.current_edition import CurrentEdition, open_current
from publish.letters.lines import Known, make_lines, pick_before
from publish.letters.matching import Asked, Matcher
from publish.pages.search_results import ALL, SOME
from publish.pages.serve import make_site
from tests.present import present
from tests.publish.reader import Newsroom

QUERIES = (
    "neural crest", '"stem cells" -review', "kind:paper", "country:KR kind:news", "disease:MONDO:0010726", "세포",
    "organ* OR vesicles", "since:2026-11-01", "mouse since:2026-01 until:2026-11", "-kind:news", "NCT05550001",
    "10.5555/cfr.2026.008", "pubmed 39990008",
)  # fmt: skip
ONLY_SOME = ("neural crest retina", "neural crest mouse Parkinson", "vesicles kidney")
IN_FEED = re.compile(r'<link[^>]*href="[^"]*/document/[^"]*-([0-9a-zA-Z]+)"')


def ask(config: Config, edition: Path, *addresses: str) -> list[httpx.Response]:
    async def all_of_them() -> list[httpx.Response]:
        site = make_site(config, edition=edition)
        await site.invoke_startup()
        return [await site.client.get(address) for address in addresses]

    return asyncio.run(all_of_them())


def local(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def groups_of(answer: httpx.Response) -> dict[str, int]:
    """How many documents are in each group of the search page."""
    return {group["name"]: group["documents"] for group in answer.json()["groups"]}


def find(edition: CurrentEdition, query: str) -> tuple[str, ...]:
    """What a subscription to a search finds among all documents."""
    every = [key for key, _ in edition.documents()]
    return Matcher(edition).match({1: Asked(kind="search", query=query)}, every).found.get(1, ())


@pytest.mark.parametrize("query", QUERIES)
def test_what_a_letter_finds_is_what_the_search_page_and_its_feed_find(newsroom: Newsroom, query: str) -> None:
    config, edition = newsroom
    with open_current(config) as opened:
        current = present(opened)
        found, address = find(current, query), current.address(query)
        assert current.count(query) == len(found) > 0
    page = local(address)
    feed, data = ask(
        config, edition, page.replace("/search?", "/search.atom?"), page.replace("/search?", "/search.json?")
    )
    assert feed.status_code == data.status_code == 200
    assert sorted(set(IN_FEED.findall(feed.text))) == sorted(found)
    assert groups_of(data)[ALL] == len(found)


@pytest.mark.parametrize("query", ONLY_SOME)
def test_what_matches_only_some_of_a_search_is_on_its_page_alone(newsroom: Newsroom, query: str) -> None:
    config, edition = newsroom
    with open_current(config) as opened:
        current = present(opened)
        found, address = find(current, query), local(current.address(query))
    feed, data = ask(
        config, edition, address.replace("/search?", "/search.atom?"), address.replace("/search?", "/search.json?")
    )
    assert groups_of(data).keys() == {SOME}
    assert found == ()
    assert not IN_FEED.findall(feed.text)


def test_every_link_of_a_letter_leads_to_a_page(newsroom: Newsroom) -> None:
    config, edition = newsroom
    with open_current(config) as opened, open_store(config.data("work.db"), "work") as work:
        current = present(opened)
        stories = [one for query in ("kind:news", "kind:paper", "세포") for one in pick_before(current, query, 9)]
        lines = make_lines(Known(current, work, "2026-11-21"), stories)
        address = current.address('"neural crest" kind:paper')
    assert lines
    short = ask(config, edition, *(local(line.page) for line in lines))
    assert {answer.status_code for answer in short} == {302}
    answers = ask(config, edition, local(address), *(local(answer.headers["location"]) for answer in short))
    assert [answer.status_code for answer in answers] == [200] * len(answers)
