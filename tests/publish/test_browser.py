"""The site as people use it, in Chromium: tour, search, narrowing, download, dark, keyboard, no script, print."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from bench.browsing import WIDTH, Watcher
from bench.page_kinds import list_kinds
from tests.publish.loopback import Loopback
from tests.publish.reader import Newsroom

PHONE = {"width": 400, "height": 800}
ACTIVE = "document.activeElement"


@pytest.fixture
def page(place: Loopback, browser: Any) -> Iterator[Any]:  # noqa: ANN401
    """A page of a reader, on which nothing may break the policy, fail, or ask elsewhere."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, base_url=place.url)
    page = context.new_page()
    watcher = Watcher(place.url)
    watcher.watch(page)
    yield page
    context.close()
    assert not (watcher.violations + watcher.errors + watcher.foreign + watcher.executed)


def seen(page: Any, selector: str) -> list[str]:  # noqa: ANN401
    """The texts of what a reader sees."""
    return [one.inner_text() for one in page.locator(selector).all() if one.is_visible()]


def test_a_tour_of_the_four_places(page: Any) -> None:  # noqa: ANN401
    page.goto("/")
    titles = seen(page, ".places a")
    assert titles == ["Today", "Search", "Watch", "Data"]
    for title in titles:
        page.click(f".places a:text-is('{title}')")
        assert seen(page, ".places [aria-current]") == [title]
        assert page.locator("h1").count() == 1
        below = seen(page, ".below a")
        assert len(below) > 1
        page.click(f".below a:text-is('{below[0]}')")
        assert seen(page, ".places [aria-current]") == [title] and seen(page, ".below [aria-current]") == [below[0]]
    page.click(".latest a")
    assert urlsplit(page.url).path.startswith("/night/")
    page.click(".name a")
    assert urlsplit(page.url).path == "/"


def test_a_search_offers_names_and_finds_documents(page: Any) -> None:  # noqa: ANN401
    page.goto("/")
    page.locator("#find").press_sequentially("type 1 dia")
    page.wait_for_selector("#names li")
    assert page.locator("#names li").first.inner_text().startswith("type 1 diabetes mellitus Disease, ")
    page.keyboard.press("Escape")
    assert not page.locator("#names").is_visible()
    page.fill("#find", "stem cells")
    page.press("#find", "Enter")
    assert parse_qs(urlsplit(page.url).query)["q"] == ["stem cells"]
    assert "match all of it" in page.locator(".count").first.inner_text() and page.locator(".hits .card").count() > 2
    page.locator(".hits .card .title a").first.click()
    assert urlsplit(page.url).path.startswith("/document/")


def test_a_name_that_is_chosen_leads_to_its_page(page: Any) -> None:  # noqa: ANN401
    page.goto("/about")
    page.locator("#find").press_sequentially("type 1 dia")
    page.wait_for_selector("#names li")
    page.locator("#names li").first.click()
    page.wait_for_url("**/entity/disease/*")
    assert "type 1 diabetes" in page.locator("h1").inner_text()


@pytest.mark.parametrize("view", [PHONE, {"width": 1280, "height": 900}], ids=["phone", "desk"])
def test_a_search_is_narrowed_before_its_hits(page: Any, view: dict[str, int]) -> None:  # noqa: ANN401
    page.set_viewport_size(view)
    page.goto("/search?q=stem")
    before = page.locator(".hits .card").count()
    if view is PHONE:
        button = page.locator(".narrow > summary")
        assert button.inner_text().startswith("Narrow (") and button.bounding_box()["y"] < view["height"]
        assert button.bounding_box()["y"] < page.locator(".hits .card").first.bounding_box()["y"]
        assert not page.locator(".facets li a").first.is_visible()
        button.click()
    choice = next(one for one in page.locator(".facets li").all() if one.is_visible())
    count = int(choice.locator(".n").inner_text())
    choice.locator("a").click()
    assert page.locator(".chips li").count() == 1
    assert page.locator(".count").first.inner_text().startswith(f"{count} document")
    page.click(".chips a")
    assert page.locator(".hits .card").count() == before
    page.click(".tabs a:has-text('News')")
    assert parse_qs(urlsplit(page.url).query)["kind"] == ["news"]


def test_results_are_downloaded(page: Any) -> None:  # noqa: ANN401
    page.goto("/search?q=stem")
    with page.expect_download() as downloading:
        page.click(".take a:text-is('CSV')")
    download = downloading.value
    assert download.suggested_filename.endswith(".csv")
    rows = list(csv.DictReader(download.path().read_text("utf-8-sig").splitlines()))
    assert rows and all(row["title"] for row in rows)


def test_the_dark_is_dark(place: Loopback, browser: Any) -> None:  # noqa: ANN401
    light = {}
    for scheme in ("light", "dark"):
        page = browser.new_page(color_scheme=scheme, base_url=place.url)
        page.goto("/")
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        light[scheme] = sum(map(int, colour.removeprefix("rgb(").removesuffix(")").split(", ")))
        page.close()
    assert light["light"] > 3 * 230 and light["dark"] < 3 * 40


def test_everything_is_reached_by_keyboard(page: Any) -> None:  # noqa: ANN401
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate(f"{ACTIVE}.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate(f"{ACTIVE}.id") == "main"
    page.goto("/")
    stops = []
    for _ in range(40):
        page.keyboard.press("Tab")
        outline = page.evaluate(f"getComputedStyle({ACTIVE}).outlineWidth")
        assert outline == "3px", page.evaluate(f"{ACTIVE}.outerHTML")
        stops.append(page.evaluate(f"{ACTIVE}.textContent.trim() || {ACTIVE}.id"))
        if stops[-1] == "find":
            break
    assert stops[-1] == "find"
    page.keyboard.type("type 1 dia")
    page.wait_for_selector("#names li")
    page.keyboard.press("ArrowDown")
    assert page.evaluate(f"{ACTIVE}.getAttribute('aria-activedescendant')") == "name-0"
    page.keyboard.press("Enter")
    page.wait_for_url("**/entity/disease/*")


def test_nothing_needs_a_script(place: Loopback, browser: Any) -> None:  # noqa: ANN401
    context = browser.new_context(java_script_enabled=False, viewport=PHONE, base_url=place.url)
    page = context.new_page()
    page.goto("/")
    page.fill("#find", "stem")
    page.click(".find button")
    assert urlsplit(page.url).path == "/search" and page.locator(".hits .card").count() > 2
    page.click(".narrow > summary")
    page.locator(".facets li a").first.click()
    assert page.locator(".chips li").count() == 1
    page.locator(".hits .card .title a").first.click()
    assert page.locator("h1").is_visible()
    context.close()


def test_no_kind_of_page_breaks_the_policy(page: Any, newsroom: Newsroom) -> None:  # noqa: ANN401
    """On a page the fixture looks for violations, errors, requests to elsewhere and dialogs."""
    for address in list_kinds(newsroom[1]):
        page.goto(address)


def test_what_breaks_the_policy_is_seen(place: Loopback, browser: Any) -> None:  # noqa: ANN401
    page = browser.new_page()
    watcher = Watcher(place.url)
    watcher.watch(page)
    page.goto(f"{place.url}/about")
    page.evaluate("""() => {
        const script = document.createElement("script");
        script.textContent = "alert('run')";
        document.body.append(script);
        document.body.append(Object.assign(new Image(), { src: "https://elsewhere.example/pixel.png" }));
    }""")
    page.wait_for_timeout(200)
    assert len(watcher.violations) == 2 and not watcher.executed
    page.close()


def test_nothing_of_a_hostile_text_runs_with_the_policy_switched_off(
    place: Loopback, browser: Any, newsroom: Newsroom  # noqa: ANN401
) -> None:  # fmt: skip
    page = browser.new_page(bypass_csp=True)
    watcher = Watcher(place.url)
    watcher.watch(page)
    for address in [*list_kinds(newsroom[1]), "/search", "/search?q=markup"]:
        page.goto(f"{place.url}{address}")
    page.wait_for_timeout(200)
    assert not (watcher.executed + watcher.foreign)
    page.evaluate("alert('seen')")  # the watcher would have seen it
    assert watcher.executed == ["alert: seen"]
    page.close()


@pytest.mark.parametrize("address", ["/", "/search?q=stem", "/data", "/about"])
def test_pages_print_without_their_tools(page: Any, address: str) -> None:  # noqa: ANN401
    page.goto(address)
    page.emulate_media(media="print")
    assert not seen(page, ".places, .below, .find, .facets, .foot")
    assert page.locator("h1").count() == 1 and page.evaluate(WIDTH) <= 1280
