"""The letters of the demo: what the second night sends to a follower of `mesenchymal`; the whole way in a browser."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from bench.browsing import chromium, why_not
from core.config import ROOT
from publish.letters.mail_sink import list_numbers
from publish.letters.received import Received, read_letter
from tests.demo.conftest import ADDRESS, PORT, SEARCH, SITE, Done

if TYPE_CHECKING:
    from playwright.sync_api import Page

DESK = f"http://127.0.0.1:{PORT + 1}"
READER = "grace@lab.example"
TRIES, PAUSE = 600, 0.3  # seconds between two looks whether something has come
SERVE = """
import sys
from pathlib import Path
import pipeline
from core.config import ROOT, load_config
from core.demo import configure_demo
from publish.letters.mail_sink import receiving
if __name__ == "__main__":
    port = int(sys.argv[1])
    config = configure_demo(load_config(ROOT / "demo" / "config.toml"), port, Path(sys.argv[2]))
    with receiving(config.data("received"), port + 2):
        pipeline.serve_demo(config, port)
"""


def letters_to(folder: Path, address: str) -> list[Received]:
    """What came for an address, oldest first."""
    letters = [read_letter(folder / "received", number) for number in list_numbers(folder / "received")]
    return [letter for letter in letters if address in letter.headers["To"]]


def test_a_person_gets_one_letter_a_night(second_night: Done) -> None:
    first, second = letters_to(second_night[0], ADDRESS)
    assert first.headers["Subject"] != second.headers["Subject"]
    assert all(letter.html and letter.text for letter in (first, second))


def test_the_second_letter_has_one_update_one_correction_and_a_line_a_story(second_night: Done) -> None:
    *_, letter = letters_to(second_night[0], ADDRESS)
    updates = re.findall(r"^\* (Update: .*(?:\n  \S.*)*)", letter.text, re.M)
    corrections = re.findall(r"^\* (Correction: .*(?:\n  \S.*)*)", letter.text, re.M)
    assert len(updates) == len(corrections) == 1, letter.text
    assert "NCT09161177" in updates[0] and "suspended" in updates[0]
    assert "66 of 132" in corrections[0] and "60 of 120" in corrections[0]
    new = [
        title for title in ("Corvane Therapeutics pauses", "Trial of the wound gel is halted") if title in letter.text
    ]
    assert new, letter.text
    assert len(re.findall(r"^\* ", letter.text, re.M)) == 3, letter.text
    assert "1 new story" in letter.headers["Subject"] and "1 update" in letter.headers["Subject"]


def test_every_address_of_the_letter_leads_somewhere(second_night: Done) -> None:
    *_, letter = letters_to(second_night[0], ADDRESS)
    addresses = set(re.findall(r"http://127\.0\.0\.1:\S+", letter.text))
    assert any("/m/" in one for one in addresses) and any(f"{SITE}/" in one for one in addresses)
    with serving(second_night[0]):
        answers = {one: httpx.get(one, follow_redirects=True).status_code for one in addresses}
    assert set(answers.values()) == {200}, answers


@contextmanager
def serving(folder: Path) -> Iterator[None]:
    """Site, desk and mail server over a folder, until the block ends."""
    command = [sys.executable, "-c", SERVE, str(PORT), str(folder)]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for address in (f"{SITE}/robots.txt", f"{DESK}/received"):
            wait_for(lambda address=address: answers(address), address)  # type: ignore[misc]
        yield
    finally:
        server.terminate()
        server.wait(timeout=30)


def answers(address: str) -> bool:
    try:
        return httpx.get(address).status_code == 200
    except httpx.TransportError:
        return False


def wait_for(there: Callable[[], object], what: str) -> None:
    for _ in range(TRIES):
        if there():
            return
        time.sleep(PAUSE)
    raise AssertionError(f"{what}: not there after {TRIES * PAUSE:.0f} s")


def test_the_whole_way_in_a_browser(second_night: Done) -> None:
    """Follow, confirm, read the letter, pause, delete: by links and buttons alone."""
    if reason := why_not():
        pytest.skip(f"no browser: {reason}")
    folder = second_night[0]
    with serving(folder), chromium() as browser:
        page = browser.new_context().new_page()
        page.context.set_default_timeout(1000 * TRIES * PAUSE)
        page.goto(f"{SITE}/search?q={SEARCH}")
        page.click("text=Follow this search")
        assert page.input_value("main [name=q]") == SEARCH
        page.fill("[name=address]", READER)
        page.check("[name=every][value=daily]")
        page.click("button:text-is('Follow')")
        wait_for(lambda: len(letters_to(folder, READER)) == 1, "the confirmation")

        confirmation = open_newest(page, folder)
        confirm = follow_link(confirmation, "/confirm/")
        confirm.click("main button")
        wait_for(lambda: len(letters_to(folder, READER)) == 2, "the first letter")

        letter = open_newest(page, folder)
        assert "mesenchymal" in letter.inner_text("pre").casefold()
        html = letter.frame_locator("iframe.mail-html").locator("body")
        assert SEARCH in html.inner_text().casefold()
        assert letter.frames[1].locator("base[target=_blank]").count() == 1  # its links open windows of their own
        story = letter.context.new_page()
        story.goto(str(html.locator(f"a[href^='{SITE}/s/']").first.get_attribute("href")))
        assert "Follow this story" in story.inner_text("main")

        manage = follow_link(letter, "/m/")
        assert READER in manage.inner_text("main")
        manage.click("button:has-text('Pause') >> nth=0")
        assert "It is paused." in manage.inner_text("main")
        manage.click("button:has-text('delete me')")
        manage.click("button:has-text('Yes, delete everything')")
        gone = manage.url
        assert httpx.get(follow_address(letter, "/m/")).status_code == 404, gone
    with closing(sqlite3.connect(folder / "letters.db")) as letters:
        left = letters.execute("SELECT count(*) FROM subscriber WHERE address = ?", (READER,)).fetchone()
    assert left == (0,)
    assert READER.encode() not in b"".join(path.read_bytes() for path in folder.glob("letters.db*"))


def open_newest(page: Page, folder: Path) -> Page:
    """The page of the newest letter, from the list."""
    page.goto(f"{DESK}/received")
    page.click("ol.mails a >> nth=0")
    assert page.url.endswith(f"/{list_numbers(folder / 'received')[-1]}")
    return page


def follow_address(page: Page, part: str) -> str:
    return str(page.get_attribute(f"pre a[href*='{part}'] >> nth=0", "href"))


def follow_link(page: Page, part: str) -> Page:
    """A new window with the address that is in the text of a letter, as one copies it from a terminal."""
    opened = page.context.new_page()
    opened.goto(follow_address(page, part))
    return opened
