"""The paste box in a real browser, served with the letters desk: form, answer, keyboard, without scripts, axe-core."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from pipeline import check_parts
from publish.check.checking import Checker
from publish.check.pages import CheckPages
from publish.letters.desk import Desk
from tests.publish.reader import Newsroom

pytestmark = pytest.mark.full
CHROMIUM = Path("/usr/bin/chromium")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDTH = "document.documentElement.scrollWidth"
TEXT = """Lab-grown crest cells mend nerves

A group reports (doi:10.5555/cfr.2026.008) that cells grown on a plate follow a graded signal. The cells were given to
mice. The mice walked again after eight weeks. A_word_that_is_very_long_and_has_no_place_where_it_could_be_broken.
"""


@pytest.fixture(scope="module")
def address(newsroom: Newsroom) -> Iterator[str]:
    config = newsroom[0]
    with Checker(config, check_parts(config)) as checker, closing(socket.create_server(("127.0.0.1", 0))) as listener:
        app = Desk(config, {"/check": CheckPages(config, checker)})
        server = uvicorn.Server(uvicorn.Config(app, access_log=False, log_level="warning", ws="none"))
        thread = threading.Thread(target=lambda: server.run(sockets=[listener]))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/check"
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip(f"no browser: {CHROMIUM} is not there (on Debian: apt install chromium)")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield browser
        browser.close()


def submit(page: Any, address: str, text: str) -> None:  # noqa: ANN401
    page.set_default_timeout(120_000)
    page.goto(address)
    page.fill("#text", text)
    page.click("text=Check it")
    page.wait_for_selector("text=Check another text")


def test_the_policy_lets_the_page_look_as_it_should(browser: Any, address: str) -> None:  # noqa: ANN401
    page = browser.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    submit(page, address, TEXT)
    assert said == []
    assert page.evaluate("getComputedStyle(document.querySelector('.paste textarea')).borderTopStyle") == "solid"
    assert "was retracted on 20 November 2026" in page.inner_text("main")
    page.close()


def test_it_works_without_scripts_and_by_keyboard_alone(browser: Any, address: str) -> None:  # noqa: ANN401
    page = browser.new_context(java_script_enabled=False).new_page()
    page.set_default_timeout(120_000)
    page.goto(address)
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.locator("#text:focus").count():
            break
    page.keyboard.type("10.5555/cfr.2026.008")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Retracted, withdrawn or in doubt")
    page.context.close()


@pytest.mark.parametrize("text", ["", TEXT, "10.5555/cfr.2026.008\n10.5555/never.seen"], ids=["box", "text", "list"])
def test_it_can_be_used_by_everybody(browser: Any, address: str, text: str) -> None:  # noqa: ANN401
    from axe_playwright_python.sync_playwright import Axe

    page = browser.new_page(bypass_csp=True)
    if text:
        submit(page, address, text)
    else:
        page.goto(address)
    wrong = []
    for width, scheme in ((1280, "light"), (1280, "dark"), (320, "light"), (320, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for found in Axe().run(page, options={"runOnly": TAGS}).response["violations"]:
            wrong += [f"{width} {scheme}: {found['id']}: {node['html'][:140]}" for node in found["nodes"][:3]]
        if page.evaluate(WIDTH) > width:
            wrong.append(f"{width} {scheme}: is {page.evaluate(WIDTH)} pixels wide")
    page.close()
    assert not wrong, "\n".join(wrong)
