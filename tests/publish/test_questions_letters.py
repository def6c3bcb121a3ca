"""The questions of the front page have public letters; nobody is sent them, and a run adds them once."""

from __future__ import annotations

from pathlib import Path

from core.config import Config, Question
from core.records import Report
from core.store import new_run, open_store
from publish.letters.outbox import send_digests
from publish.letters.people import load_subscribers
from publish.letters.subscriptions import load_subscriptions
from tests.publish.desk_client import Reader, visible
from tests.publish.rig import Doc, letters_of, make_config, make_edition

ASKED = Question(text="Who grows organoids?", address="/search?q=organoid&kind=news")


def with_questions(folder: Path, *questions: Question) -> Config:
    config = make_config(folder)
    return config.model_copy(update={"site": config.site.model_copy(update={"questions": list(questions)})})


def run(config: Config) -> Report:
    with letters_of(config) as letters, open_store(config.data("work.db"), "work") as work:
        return send_digests(config, work, letters, new_run(work, "digest"))


def test_each_question_that_is_a_search_gets_public_letters_once(tmp_path: Path) -> None:
    config = with_questions(tmp_path, ASKED, Question(text="What is new?", address="/nights"))
    make_edition(config, [Doc(key="aaaa")])
    run(config), run(config)
    with letters_of(config) as letters:
        (person,) = load_subscribers(letters)
        (followed,) = load_subscriptions(letters, person.id)
    assert (person.channel, person.address) == ("page", "who-grows-organoids")
    assert (followed.query, followed.name) == ("organoid kind:news", "Who grows organoids?")
    page = Reader(config).get("/letters/who-grows-organoids/1")
    assert page.status_code == 200 and "Who grows organoids?" in visible(page.text)


def test_a_question_that_changes_its_search_goes_on_under_its_name(tmp_path: Path) -> None:
    config = with_questions(tmp_path, ASKED)
    make_edition(config, [Doc(key="aaaa")])
    run(config)
    run(with_questions(tmp_path, ASKED.model_copy(update={"address": "/search?q=retina"})))
    with letters_of(config) as letters:
        assert [one.query for one in load_subscriptions(letters)] == ["retina"]


def test_an_archive_that_is_off_has_no_letters(tmp_path: Path) -> None:
    config = with_questions(tmp_path, ASKED)
    config = config.model_copy(update={"letters": config.letters.model_copy(update={"archive": False})})
    make_edition(config, [Doc(key="aaaa")])
    run(config)
    with letters_of(config) as letters:
        assert load_subscribers(letters) == []
