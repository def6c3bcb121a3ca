"""Pages for people with disabilities: axe-core in a real browser on every kind of page, at 1280 and 320 pixels, light
and dark; and no page is wider than its window.

Only the colours differ between light and dark, so in the dark only the rules on colours are asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from tests.publish.loopback import Loopback
from tests.publish.page_kinds import list_kinds
from tests.publish.reader import Newsroom

WIDTHS = (1280, 320)
SQL = "select d.day, d.title from document d join source s on s.id = d.source where s.country = 'KR' limit 5"
OF_DATASETTE = [
    "/stemwire", "/stemwire/meta", "/stemwire/document?_facet=kind&kind=paper", "/stemwire/document?kind=nonesuch",
    "/stemwire/newest_by_kind?kind=paper", f"/stemwire?{urlencode({'sql': SQL})}",
    f"/stemwire?{urlencode({'sql': 'select 1 where 0'})}", f"/stemwire?{urlencode({'sql': 'select nope'})}",
]  # fmt: skip
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RULES = {
    "light": {"runOnly": TAGS, "resultTypes": ["violations"]},
    "dark": {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}},
}
WIDTH = "document.documentElement.scrollWidth"


def judge(browser: Any, place: Loopback, addresses: list[str]) -> Iterator[str]:  # noqa: ANN401
    """A line for each thing that axe-core or the width finds wrong on a page, in every view."""
    from axe_playwright_python.sync_playwright import Axe

    page = browser.new_page(bypass_csp=True)
    for address in addresses:
        page.goto(f"{place.url}{address}")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            if page.evaluate(WIDTH) > width:
                yield f"{address}: {width}: is {page.evaluate(WIDTH)} pixels wide"
            for scheme, options in RULES.items():
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # a colour on its way is no colour
                for found in Axe().run(page, options=options).response["violations"]:
                    for node in found["nodes"][:3]:
                        yield f"{address}: {width} {scheme}: {found['id']}: {node['html'][:140]}"
    page.close()


def test_every_kind_of_page_can_be_used_by_everybody(place: Loopback, browser: Any, newsroom: Newsroom) -> None:  # noqa: ANN401
    wrong = list(judge(browser, place, [*list_kinds(newsroom[1]), *OF_DATASETTE]))
    assert not wrong, "\n".join(wrong)


def test_what_cannot_be_used_is_found(place: Loopback, browser: Any) -> None:  # noqa: ANN401
    """The same judge on a page with a fault of each sort."""
    from axe_playwright_python.sync_playwright import Axe

    page = browser.new_page(bypass_csp=True)
    page.goto(f"{place.url}/about")
    page.evaluate("""() => {
        const main = document.querySelector("main");
        main.insertAdjacentHTML("beforeend", "<p id='pale'>pale</p><input type='text'><div id='wide'>wide</div>");
        document.getElementById("pale").style.color = "#ddd";
        document.getElementById("wide").style.width = "5000px";
    }""")
    found = {one["id"] for one in Axe().run(page, options=RULES["light"]).response["violations"]}
    assert {"color-contrast", "label"} <= found and page.evaluate(WIDTH) > 1280
    page.close()
