"""A letter and the site say the same: what a search finds, where its pages are, what may be shown."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from core.config import Config
from core.store import new_run, open_store
from publish.letters.current_edition import open_current
from publish.letters.outbox import send_digests
from publish.letters.subscriptions import subscribe
from publish.pages.serve import make_site
from tests.present import present
from tests.publish.reader import Newsroom

QUERIES = (
    "neural crest", '"stem cells" -review', "kind:paper", "country:KR kind:news", "disease:MONDO:0010726", "세포",
    "organ* OR vesicles", "since:2026-11-01", "mouse since:2026-01 until:2026-11", "-kind:news",
)  # fmt: skip


def ask(config: Config, edition: Path, *addresses: str) -> list[httpx.Response]:
    async def all_of_them() -> list[httpx.Response]:
        site = make_site(config, edition=edition)
        await site.invoke_startup()
        return [await site.client.get(address) for address in addresses]

    return asyncio.run(all_of_them())


def local(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


@pytest.mark.parametrize("query", QUERIES)
def test_what_a_letter_finds_is_what_the_search_page_finds(newsroom: Newsroom, query: str) -> None:
    config, edition = newsroom
    with open_current(config) as opened:
        current = present(opened)
        found = current.newest(query, 50)
        address = current.address(query)
        assert current.count(query) == len(found)
        every = [key for key, _ in current.documents()]
        assert {hit.document for hit in current.find(query, every)} == {hit.document for hit in found}
    assert all(hit.why for hit in found)
    [feed] = ask(config, edition, local(address).replace("/search?", "/search.atom?"))
    assert feed.status_code == 200
    keys = re.findall(r'<link[^>]*href="[^"]*/document/[^"]*-([0-9a-zA-Z]+)"', feed.text)
    assert list(dict.fromkeys(keys)) == [hit.document for hit in found]


def test_every_link_of_a_letter_leads_to_a_page(newsroom: Newsroom) -> None:
    config, edition = newsroom
    with open_current(config) as opened:
        current = present(opened)
        found = current.newest("kind:news", 20) + current.newest("kind:paper", 5) + current.newest("세포", 5)
        address = current.address('"neural crest" kind:paper')
    answers = ask(config, edition, local(address), *(local(hit.page) for hit in found))
    assert [answer.status_code for answer in answers] == [200] * len(answers)


def test_a_letter_shows_no_text_that_the_site_may_not(newsroom: Newsroom, tmp_path: Path) -> None:
    """Of what is headline-and-link, a letter has the quotation that the site has, or nothing."""
    config, _ = newsroom
    with open_store(tmp_path / "letters.db", "letters") as letters, open_store(tmp_path / "work.db", "work") as work:
        subscribe(config, letters, "reader@example.org", "-country:ZZ", "daily")
        with letters.writing():
            letters.execute("UPDATE subscription SET since = 0, mark = 0")
        report = send_digests(config, work, letters, new_run(work, "digest"), dry_run=tmp_path / "out")
    assert report.done == 1
    with open_current(config) as opened:
        current = present(opened)
        sql = "SELECT \"key\" FROM document WHERE licence = 'headline-and-link'"
        closed = {row["key"] for row in current._db.execute(sql)}
        shown = [hit for hit in current.newest("-country:ZZ", 100) if hit.document in closed]
    assert shown
    assert all(not hit.summary or hit.summary.startswith("“") for hit in shown)
