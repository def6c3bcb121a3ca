"""Pages for people with disabilities: axe-core in a real browser on every kind of page, at 1280 and 320 pixels, light
and dark; and no page is wider than its window.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from bench.browsing import RULES, WIDTH, axe_source, find_violations, judge
from bench.page_kinds import list_kinds
from tests.publish.loopback import Loopback
from tests.publish.reader import Newsroom

SQL = "select d.day, d.title from document d join source s on s.id = d.source where s.country = 'KR' limit 5"
OF_DATASETTE = [
    "/stemwire", "/stemwire/meta", "/stemwire/document?_facet=kind&kind=paper", "/stemwire/document?kind=nonesuch",
    "/stemwire/newest_by_kind?kind=paper", f"/stemwire?{urlencode({'sql': SQL})}",
    f"/stemwire?{urlencode({'sql': 'select 1 where 0'})}", f"/stemwire?{urlencode({'sql': 'select nope'})}",
]  # fmt: skip
FAULTS = """() => {
  document.querySelector("main").insertAdjacentHTML("beforeend", "<p id='pale'>pale</p><input type='text'><div id='wide'>wide</div>");
  document.getElementById("pale").style.color = "#ddd";
  document.getElementById("wide").style.width = "5000px";
}"""  # noqa: E501


def test_every_kind_of_page_can_be_used_by_everybody(place: Loopback, browser: Any, newsroom: Newsroom) -> None:  # noqa: ANN401
    page = browser.new_page(bypass_csp=True)
    addresses = [*list_kinds(newsroom[1]), *OF_DATASETTE]
    wrong = [f"{address}: {line}" for address in addresses for line in judge(page, f"{place.url}{address}")]
    assert not wrong, "\n".join(wrong)


def test_what_cannot_be_used_is_found(place: Loopback, browser: Any) -> None:  # noqa: ANN401
    """The same judge on a page with a fault of each sort."""
    page = browser.new_page(bypass_csp=True)
    page.goto(f"{place.url}/about")
    page.evaluate(axe_source())
    page.evaluate(FAULTS)
    found = {line.partition(":")[0] for line in find_violations(page, RULES["light"])}
    assert {"color-contrast", "label"} <= found and page.evaluate(WIDTH) > 1280
