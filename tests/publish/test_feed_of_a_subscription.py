"""The Atom feed of a subscription: what its letters said, each story once, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from lxml import etree

from bench.made_letters import CORRECTED, RETRACTED, SAMPLE, letters
from core.config import Config
from core.store import Store
from publish.letters.atom import render_feed
from publish.letters.letter import Letter
from publish.letters.rendering import to_json
from publish.letters.subscriptions import load_subscriptions
from tests.publish.rig import add_row, letters_of, make_config

BEGAN = "2026-11-01T00:00:00Z"
ADDRESS = "https://letters.stemwire.example/feed/MQ.x.atom"
ATOM = {"a": "http://www.w3.org/2005/Atom"}
NEW = replace(SAMPLE, about=(), changed=(), elsewhere=())
LATER = replace(SAMPLE, parts=(), changed=(), elsewhere=())


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return make_config(tmp_path)


@pytest.fixture
def kept(config: Config) -> Iterator[Store]:
    """A person with two searches; nights 1 to 9; the first search brought the story of the sheet."""
    config.data("letters.db").parent.mkdir(parents=True)
    with letters_of(config) as store, store.writing():
        add_row(
            store,
            "subscriber",
            id=1,
            channel="mail",
            address="a@example.org",
            created=BEGAN,
            state="active",
        )
        for number, (name, query) in enumerate((("Retina cells", "retina*"), ("", "knee cartilage")), 1):
            add_row(store, "subscription", id=number, subscriber=1, kind="search", query=query, name=name,
                    every="daily", most=40, stages="[]", created=BEGAN, state="active")  # fmt: skip
        for number in range(1, 10):
            add_row(store, "night", number=number, day=f"2026-11-2{number}", run="r")
        for item, key in enumerate(("87496555dbf7", "5d1e0aa0b7ce"), 1):
            add_row(store, "delivery", subscriber=1, item=item, document=key, subscription=1, fact="new", letter="l1")
        yield store


def keep(store: Store, number: int, letter: Letter, state: str = "sent") -> None:
    add_row(store, "letter", id=f"l{number}", subscriber=1, number=number, every="daily", night=number, state=state,
            content=to_json(letter))  # fmt: skip


def feed(config: Config, store: Store, subscription: int = 1) -> Any:  # noqa: ANN401
    """The feed, parsed."""
    one = next(one for one in load_subscriptions(store) if one.id == subscription)
    return etree.fromstring(render_feed(config, store, one, address=ADDRESS))


def said(found: Any, name: str) -> list[str]:  # noqa: ANN401
    return [one.text for one in found.findall(f"a:entry/a:{name}", ATOM)]


def test_a_story_is_one_entry_with_its_sentence_and_reason(config: Config, kept: Store) -> None:
    keep(kept, 1, NEW)
    found = feed(config, kept)
    assert found.findtext("a:title", None, ATOM) == "Stemwire: Retina cells"
    assert found.find("a:link[@rel='self']", ATOM).get("href") == ADDRESS
    assert said(found, "title") == ["First people get a pigment-cell sheet in a phase 1 trial"]
    assert said(found, "id") == ["tag:stemwire.example,2026:letters/story/87496555dbf7"]
    assert said(found, "updated") == said(found, "published") == ["2026-11-21T00:00:00Z"]
    (content,) = said(found, "content")
    assert "<mark>retinal pigment epithelium</mark>" in content and "Because it names retinal" in content


def test_a_change_is_an_entry_and_moves_the_entry_of_its_story(config: Config, kept: Store) -> None:
    keep(kept, 1, NEW)
    before = said(feed(config, kept), "id")
    keep(kept, 2, LATER)
    found = feed(config, kept)
    assert said(found, "id") == [f"tag:stemwire.example,2026:letters/change/{RETRACTED.subject}/2", *before]
    assert said(found, "updated") == ["2026-11-22T00:00:00Z"] * 2
    assert said(found, "published")[1] == "2026-11-21T00:00:00Z"
    change, story = said(found, "content")
    assert story.lstrip().startswith(f"<p><strong>{RETRACTED.headline}</strong> (22 November 2026)</p>")
    assert "We sent you these 2 texts on 21 and 22 November" in change


def test_a_change_belongs_to_the_search_that_sent_it_or_found_it(config: Config, kept: Store) -> None:
    keep(kept, 1, replace(SAMPLE, parts=(), elsewhere=(), about=(replace(RETRACTED, because=""),)))
    assert said(feed(config, kept, 1), "title") == [RETRACTED.headline]
    assert said(feed(config, kept, 2), "title") == [CORRECTED.headline]


def test_other_texts_of_a_story_come_into_its_entry(config: Config, kept: Store) -> None:
    keep(kept, 1, NEW)
    told = replace(SAMPLE.elsewhere[0], page=NEW.parts[0].lines[0].page, documents=("5d1e0aa0b7ce",))
    keep(kept, 3, replace(LATER, about=(), elsewhere=(told,)))
    found = feed(config, kept)
    assert said(found, "updated") == ["2026-11-23T00:00:00Z"] and "Han River Health" in said(found, "content")[0]


def test_other_texts_of_a_story_that_is_followed_are_an_entry(config: Config, kept: Store) -> None:
    keep(kept, 3, replace(LATER, about=(), elsewhere=(replace(SAMPLE.elsewhere[0], documents=("5d1e0aa0b7ce",)),)))
    assert said(feed(config, kept), "title") == ["Heart patch beats"]


@pytest.mark.parametrize("state", ["refused", "dropped"])
def test_what_reached_nobody_is_not_in_it(config: Config, kept: Store, state: str) -> None:
    keep(kept, 1, NEW, state)
    found = feed(config, kept)
    assert said(found, "title") == [] and found.findtext("a:updated", None, ATOM) == BEGAN


def test_the_latest_letter_comes_first(config: Config, kept: Store) -> None:
    for number in (1, 2, 3):
        line = replace(NEW.parts[0].lines[0], key=f"k{number}", documents=())
        keep(kept, number, replace(NEW, parts=(replace(NEW.parts[0], lines=(line,)),)))
    assert [ident[-2:] for ident in said(feed(config, kept), "id")] == ["k3", "k2", "k1"]


@given(letter=letters())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_letter_makes_a_feed_that_can_be_read(config: Config, kept: Store, letter: Letter) -> None:
    kept.execute("DELETE FROM letter")
    keep(kept, 1, letter)
    found = feed(config, kept)
    for link in found.iter("{http://www.w3.org/2005/Atom}link"):
        assert link.get("href").startswith(("https://", "http://"))
