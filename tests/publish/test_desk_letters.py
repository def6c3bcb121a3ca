"""Letters that are read at the desk: at secret addresses that end, and public ones. No page changes anything."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from bench.made_letters import SAMPLE
from core.config import Config
from publish.letters.people import find_subscriber, get_subscriber, renew_links
from publish.letters.records import Subscriber
from publish.letters.rendering import to_json
from publish.letters.subscriptions import subscribe
from publish.letters.tokens import feed_address, letter_address, make_token, signing_keys
from publish.letters.wanted import Wanted
from tests.present import present
from tests.publish.desk_client import Reader, visible
from tests.publish.rig import Doc, add_row, letters_of, make_config, make_edition

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.delenv("STEMWIRE_LETTERS_KEY", raising=False)
    config = make_config(tmp_path)
    make_edition(config, [Doc(key="aaaa")])
    with letters_of(config) as letters:
        for channel, address in (("mail", "reader@example.org"), ("page", "retina")):
            person, _ = subscribe(config, letters, channel, address, Wanted(query="organoid", name="Mini organs"))
            for number, state in ((1, "sent"), (2, "dropped")):
                with letters.writing():
                    add_row(letters, "letter", id=f"{channel}{number}", subscriber=person.id, number=number,
                            every="daily", night=1, state=state, content=to_json(SAMPLE))  # fmt: skip
        with letters.writing():
            add_row(letters, "night", number=1, day="2026-11-23", run="r")
    return config


def person_of(config: Config, channel: str, address: str) -> Subscriber:
    with letters_of(config) as letters:
        return present(find_subscriber(letters, channel, address))


def path(address: str) -> str:
    return "/" + address.split("/", 3)[3]


def test_a_letter_has_a_page_at_a_secret_address(config: Config) -> None:
    reader, keys, person = Reader(config), signing_keys(config), person_of(config, "mail", "reader@example.org")
    page = reader.get(path(letter_address(config, keys, person, 1)))
    assert page.status_code == 200 and "First people get a pigment-cell sheet" in visible(page.text)
    assert "/m/" not in page.text and "/stop/" not in page.text  # it may be shown to others
    assert "<script" not in page.text and " style=" not in page.text and "<style" not in page.text
    for number in (2, 3):  # one that was dropped, one that there never was
        assert reader.get(path(letter_address(config, keys, person, number))).status_code == 404
    assert reader.get(f"/l/{make_token(keys, 'manage', 1, 1)}").status_code == 404
    assert reader.press(path(letter_address(config, keys, person, 1))).status_code == 405


def test_a_subscription_has_a_feed_at_a_secret_address(config: Config) -> None:
    reader, keys, person = Reader(config), signing_keys(config), person_of(config, "mail", "reader@example.org")
    answer = reader.get(path(feed_address(config, keys, person, 1)))
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    feed = etree.fromstring(answer.content)
    assert feed.tag == f"{ATOM}feed" and "Mini organs" in str(feed.findtext(f"{ATOM}title"))
    assert reader.get("/feed/x.atom").status_code == 404


def test_new_addresses_end_those_of_letters_and_feeds(config: Config) -> None:
    reader, keys, person = Reader(config), signing_keys(config), person_of(config, "mail", "reader@example.org")
    before = [path(letter_address(config, keys, person, 1)), path(feed_address(config, keys, person, 1))]
    with letters_of(config) as letters:
        with letters.writing():
            renew_links(letters, person.id)
        renewed = present(get_subscriber(letters, person.id))
    assert [reader.get(one).status_code for one in before] == [404, 404]
    assert reader.get(path(letter_address(config, keys, renewed, 1))).status_code == 200


def test_only_letters_of_our_questions_are_public(config: Config) -> None:
    reader = Reader(config)
    assert "Mini organs 1 letter" in visible(reader.get("/letters").text)
    assert "23 November 2026" in visible(reader.get("/letters/retina").text)
    page = reader.get("/letters/retina/1")
    assert "First people get" in visible(page.text) and "/m/" not in page.text and "/stop/" not in page.text
    for nothing in ("/letters/retina/2", "/letters/reader@example.org", "/letters/x", f"/letters/retina/{10**30}"):
        assert reader.get(nothing).status_code == 404


def test_an_archive_can_be_off(tmp_path: Path, config: Config) -> None:
    reader = Reader(make_config(tmp_path, archive=False))
    assert [reader.get(one).status_code for one in ("/letters", "/letters/retina")] == [404, 404]
