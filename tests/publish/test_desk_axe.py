"""The desk in a real browser, served by uvicorn: the whole way without scripts, and pages that everybody can use."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from bench.browsing import chromium, judge, why_not
from bench.made_letters import SAMPLE
from core.config import Config
from core.store import open_store
from publish.letters.desk import Desk
from publish.letters.people import find_subscriber
from publish.letters.rendering import to_json
from publish.letters.subscriptions import subscribe
from publish.letters.tokens import letter_address, manage_address, signing_keys
from publish.letters.wanted import Wanted
from tests.present import present
from tests.publish.desk_client import link_in, wait_for_mail
from tests.publish.rig import Doc, Relay, Sink, add_row, letters_of, make_config, make_edition, rows

WIDTHS = (1280, 400, 320)
HOST = "127.0.0.1"


@dataclass(frozen=True, kw_only=True)
class Place:
    """A desk that is served, and the relay that takes its mails."""

    config: Config
    relay: Relay
    url: str


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    relay = Relay()
    with Sink(relay) as smtp, closing(socket.create_server((HOST, 0))) as listener:
        url = f"http://{HOST}:{listener.getsockname()[1]}"
        config = make_config(tmp_path_factory.mktemp("desk"), smtp, desk=url, local=True)
        kinds = ("news", "paper", "trial")
        docs = [Doc(key=f"k{n:03}", title=f"Cells of kind {n}", kind=kinds[n % 3]) for n in range(150)]
        make_edition(config, [*docs, Doc(key="aaaa", title="Organoids grow vessels")])
        server = uvicorn.Server(uvicorn.Config(Desk(config), access_log=False, log_level="warning", ws="none"))
        thread = threading.Thread(target=lambda: server.run(sockets=[listener]))
        thread.start()
        try:
            with open_store(config.data("work.db"), "work"):
                yield Place(config=config, relay=relay, url=url)
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="module")
def browser(place: Place) -> Iterator[Any]:
    if reason := why_not():
        pytest.skip(f"no browser: {reason}")
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def person(place: Place) -> tuple[str, str]:
    """A person who follows three things: their page, and the page of a letter of theirs."""
    config, keys = place.config, signing_keys(place.config)
    with letters_of(config) as letters:
        for wanted in (
            Wanted(query="organoid", name="Mini organs", every="daily"), Wanted(query="cells", stages=("animal",)),
            Wanted(kind="own", identifiers=("doi:10.5555/a", "nct:NCT09087765"), every="at once"),
        ):  # fmt: skip
            subscribe(config, letters, "mail", "mina@example.org", wanted)
        found = present(find_subscriber(letters, "mail", "mina@example.org"))
        with letters.writing():
            add_row(letters, "letter", id="one", subscriber=found.id, number=1, every="daily", night=1, state="sent",
                    content=to_json(SAMPLE))  # fmt: skip
        return manage_address(config, keys, found), letter_address(config, keys, found, 1)


@pytest.mark.full
def test_the_whole_way_in_a_browser_without_scripts(place: Place, browser: Any) -> None:  # noqa: ANN401
    page = browser.new_context(java_script_enabled=False, viewport={"width": 400, "height": 800}).new_page()
    page.goto(f"{place.url}/follow?q=organoid")
    page.fill("#f-address", "anna@example.org")
    page.get_by_label("Daily").check()
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Follow", exact=True).click()
    assert "Please look into your mail" in page.inner_text("main")
    texts = wait_for_mail(place.relay, 1)
    page.goto(place.url + link_in(texts[0], "confirm"))
    page.get_by_role("button", name="Yes, send me these letters").click()
    assert "*Organoids* grow vessels" in wait_for_mail(place.relay, 2)[1]
    page.get_by_role("link", name="See and change what you follow").click()
    assert "organoid" in page.inner_text("main")
    page.get_by_role("button", name="Pause organoid").click()
    assert "It is paused" in page.inner_text("main")
    page.get_by_text("Change", exact=False).first.click()
    page.get_by_label("Your name for it").first.fill("Mini organs")
    page.get_by_role("button", name="Save organoid").click()
    assert "Mini organs" in page.inner_text("main")
    page.get_by_role("button", name="Stop all letters and delete me").click()
    page.get_by_role("button", name="Yes, delete everything").click()
    assert "You follow nothing any more" in page.inner_text("main")
    assert rows(place.config, "SELECT 1 FROM subscriber WHERE address = 'anna@example.org'") == []
    page.context.close()


@pytest.mark.full
def test_a_file_is_uploaded_and_what_was_read_is_shown(place: Place, browser: Any, tmp_path: Path) -> None:  # noqa: ANN401
    (tmp_path / "mine.bib").write_text("@article{a, doi={10.5555/one}}\n@book{b, title={No number}}\n", "utf-8")
    page = browser.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{place.url}/own")
    page.set_input_files("#own-file", tmp_path / "mine.bib")
    page.get_by_role("button", name="Read the list").click()
    assert "1 DOI." in page.inner_text("main") and "1 line was not understood" in page.inner_text("main")
    assert said == []  # the policy lets the page look as it should
    page.close()


PAGES = ["/follow", "/follow?q=cells", "/follow?q=organids+nowhere", "/follow?q=status:retractd&every=hourly&most=0",
         "/follow?own=doi:10.5555/a", "/own", "/letters", "/stop/x", "/confirm/x", "/nowhere"]  # fmt: skip


@pytest.mark.full
def test_every_page_can_be_used_by_everybody(place: Place, browser: Any, person: tuple[str, str]) -> None:  # noqa: ANN401
    page = browser.new_page(bypass_csp=True)
    addresses = [*(f"{place.url}{path}" for path in PAGES), *person]
    wrong = [f"{address}: {line}" for address in addresses for line in judge(page, address, WIDTHS)]
    assert not wrong, "\n".join(wrong)
    page.close()


@pytest.mark.full
def test_the_forms_of_a_person_can_be_used_by_everybody(place: Place, browser: Any, person: tuple[str, str]) -> None:  # noqa: ANN401
    """With every form open, as axe-core looks at what is shown only."""
    from bench.browsing import RULES, axe_source, find_violations

    page = browser.new_page(bypass_csp=True)
    page.goto(person[0])
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    page.evaluate(axe_source())
    assert list(find_violations(page, RULES["light"])) == []
    page.close()
