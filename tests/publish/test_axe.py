"""Pages for people with disabilities: axe-core in a real browser, at 1280 and at 320 pixels, light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.publish.reader import Newsroom
from tests.publish.test_lanes import Loopback, serve_on_loopback

CHROMIUM = Path("/usr/bin/chromium")
VIEWS = ((1280, "light"), (1280, "dark"), (320, "light"), (320, "dark"))
SQL = "select d.day, d.title from document d join source s on s.id = d.source where s.country = 'KR' limit 5"
PAGES = [
    "/", "/search?q=stem+cells", "/search?q=contry:KR", "/stories", "/countries", "/about", "/nothing-here",
    "/stemwire", "/stemwire/meta", "/stemwire/document?_facet=kind&kind=paper", "/stemwire/document?kind=nonesuch",
    "/stemwire/newest_by_kind?kind=paper", f"/stemwire?{urlencode({'sql': SQL})}",
    f"/stemwire?{urlencode({'sql': 'select 1 where 0'})}", f"/stemwire?{urlencode({'sql': 'select nope'})}",
]  # fmt: skip
WIDTH = "document.documentElement.scrollWidth"


@pytest.fixture(scope="module")
def place(newsroom: Newsroom) -> Iterator[Loopback]:
    yield from serve_on_loopback(newsroom[0])


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip(f"no browser: {CHROMIUM} is not there (on Debian: apt install chromium)")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield browser
        browser.close()


def judge(browser: Any, place: Loopback, address: str) -> Iterator[str]:  # noqa: ANN401
    """A line for each thing that axe-core or the width finds wrong on a page, in every view."""
    from axe_playwright_python.sync_playwright import Axe

    page = browser.new_page(bypass_csp=True)
    page.goto(f"http://{place.host}:{place.port}{address}")
    for width, scheme in VIEWS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # a colour on its way is no colour
        for found in Axe().run(page, options={"runOnly": TAGS}).response["violations"]:
            for node in found["nodes"][:3]:
                yield f"{width} {scheme}: {found['id']}: {node['html'][:140]}"
        if page.evaluate(WIDTH) > width:
            yield f"{width} {scheme}: is {page.evaluate(WIDTH)} pixels wide"
    page.close()


TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.mark.parametrize("address", PAGES)
def test_a_page_can_be_used_by_everybody(browser: Any, place: Loopback, address: str) -> None:  # noqa: ANN401
    wrong = list(judge(browser, place, address))
    assert not wrong, "\n".join(wrong)
