"""Editions: what is in them, what is refused, what is kept, and that a killed build changes nothing."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from core.config import Config
from core.errors import PublishError, UsageError
from core.records import Document, Edition, Label, Mention
from core.store import Store, open_store
from publish import stage
from publish.edition.editions import current_path, find_current, list_editions, use_edition
from publish.edition.rights import QUOTE, QUOTES, find_quotes, find_shown
from publish.sentences import find_sentences
from publish.stage import publish
from tests.present import present
from tests.publish.reader import Newsroom

EV = "https://hanbit.example/2026/ev-nerve"


def ask(path: Path, sql: str, *params: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as edition:
        return edition.execute(sql, params).fetchall()


def retitle(work: Store, title: str, ident: str = EV) -> None:
    found = work.load(Document, "id = ?", (ident,))[0]
    with work.writing():
        work.save(replace(found, title=title))


@pytest.fixture
def unchecked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Editions without asking for pages: for tests of what comes before and after."""
    monkeypatch.setattr(stage, "check_edition", lambda config, path: [])


def test_bytes_of_an_edition_hold_no_text_that_may_not_be_shown(newsroom: Newsroom) -> None:
    content = newsroom[1].read_bytes()
    for sentence in (
        "marigold sentence of this story",  # headline and link
        "cornflower sentence of a story",  # withdrawn
        "poppy sentence of an earlier text",  # an earlier version
        "Rain has weakened the stems",  # out of scope
        "Please ask at the desk for prices",
        "심사에는 보름쯤 걸린다",
    ):
        assert sentence.encode() not in content, sentence
    assert b"Eleven of fourteen people with type 1 diabetes" in content  # full: the check can find text at all


def test_only_allowed_texts_are_there(newsroom: Newsroom) -> None:
    shown = ask(
        newsroom[1], "SELECT DISTINCT d.licence, t.part FROM document d JOIN document_text t ON t.document = d.id"
    )
    assert sorted(shown) == [("abstract", "abstract"), ("full", "text")]
    quotes = ask(
        newsroom[1],
        "SELECT d.licence, d.words, q.text, q.start, q.end FROM quote q JOIN document d ON d.id = q.document",
    )
    assert {row[0] for row in quotes} == {"headline-and-link"}
    assert all(len(text) <= QUOTE and text[start:end] for _, _, text, start, end in quotes)
    offsets = ask(
        newsroom[1],
        "SELECT count(*) FROM mention m JOIN document d ON d.id = m.document"
        " WHERE m.part = 'text' AND m.start IS NOT NULL AND d.licence = 'headline-and-link'",
    )
    assert offsets == [(0,)]


def test_of_a_text_that_may_not_be_shown_at_most_three_sentences_are_quoted(newsroom: Newsroom) -> None:
    asked = (
        "SELECT document, text FROM quote UNION SELECT document, sentence FROM label"
        " UNION SELECT document, sentence FROM figure UNION SELECT document, sentence FROM promise"
        " UNION SELECT document, what FROM promise UNION SELECT document, added FROM member"
        " UNION SELECT s.origin, m.dropped FROM member m JOIN story s ON s.id = m.story"
    )
    titles = dict(ask(newsroom[1], "SELECT id, title FROM document WHERE licence = 'headline-and-link'"))
    given: dict[int, set[str]] = {}
    for document, text in ask(newsroom[1], asked):
        if text and document in titles and text != titles[document]:
            given.setdefault(document, set()).add(text.strip("…"))
    most = 0
    for quoted in given.values():
        alone = [text for text in quoted if not any(text != other and text in other for other in quoted)]
        assert len(alone) <= QUOTES and all(len(text) <= QUOTE for text in alone), alone
        most = max(most, len(alone))
    assert most == QUOTES  # more were there than may be shown


def test_offsets_fit_what_is_shown(newsroom: Newsroom) -> None:
    found = ask(
        newsroom[1],
        "SELECT substr(t.text, m.start + 1, m.end - m.start), m.surface FROM mention m"
        " JOIN document_text t ON t.document = m.document WHERE m.part = 'text' AND m.start IS NOT NULL",
    )
    assert len(found) > 20
    assert all(text == surface for text, surface in found)


def test_the_index_cannot_be_read_back(newsroom: Newsroom) -> None:
    assert ask(newsroom[1], "SELECT DISTINCT title, body, tags FROM search") == [(None, None, None)]


def test_documents_are_numbered_in_the_order_of_publication(newsroom: Newsroom) -> None:
    days = ask(newsroom[1], "SELECT day FROM document ORDER BY id")
    assert days == sorted(days)
    assert ask(newsroom[1], "SELECT day, published FROM document WHERE title LIKE 'What is a mesenchymal%'") == [
        ("2026-10-23", None)
    ]


def test_counts_made_at_build_are_what_joins_give(newsroom: Newsroom) -> None:
    path = newsroom[1]
    assert ask(path, "SELECT value, documents FROM facet WHERE facet = 'kind' ORDER BY 1") == ask(
        path, "SELECT kind, count(*) FROM document GROUP BY 1 ORDER BY 1"
    )
    assert ask(path, "SELECT concept, documents FROM entity ORDER BY 1") == ask(
        path,
        "SELECT e.concept, count(DISTINCT m.document) FROM mention m JOIN entity e ON e.id = m.entity"
        " GROUP BY 1 ORDER BY 1",
    )
    for facet, tag, documents in ask(path, "SELECT facet, tag, documents FROM facet"):
        match = f'tags : "{tag}"'
        assert ask(path, "SELECT count(*) FROM search WHERE search MATCH ?", match) == [(documents,)], (facet, tag)
    assert ask(path, "SELECT value FROM meta WHERE name = 'documents'") == [("34",)]
    pairs = ask(
        path,
        "SELECT p.documents FROM entity_pair p JOIN entity a ON a.id = p.entity JOIN entity b ON b.id = p.other"
        " WHERE a.concept = 'MONDO:0005180' AND b.concept = 'CL:0000700'",
    )
    assert pairs == [(3,)]


def test_links_are_http_only(newsroom: Newsroom) -> None:
    assert ask(newsroom[1], "SELECT url FROM document WHERE url NOT LIKE 'http%'") == [("",)]


def test_unchanged_content_publishes_nothing(config: Config, work: Store, unchecked: None, at_night: None) -> None:
    first = publish(config, work)
    assert isinstance(first.edition, Edition)
    before = sorted(path.name for path in config.editions.iterdir())
    second = publish(config, work)
    assert second.edition is None
    assert "nothing has changed" in second.reason
    assert sorted(path.name for path in config.editions.iterdir()) == before
    assert work.value("SELECT count(*) FROM edition") == 1


def test_a_change_of_any_published_thing_is_an_edition(
    config: Config, work: Store, unchecked: None, at_night: None
) -> None:
    assert publish(config, work).edition
    retitle(work, "Vesicles, again")
    assert publish(config, work).edition
    mention = work.load(Mention, "document = ?", (EV,))[0]
    with work.writing():
        work.save(replace(mention, why="another reason"))
    assert publish(config, work).edition
    found = work.load(Document, "id = ?", (EV,))[0]
    with work.writing():
        work.save(replace(found, text=found.text.replace("marigold", "tansy")))
    assert publish(config, work).edition is None  # of a text that is not shown only its words count


def test_keep_and_go_back(config: Config, work: Store, unchecked: None, at_night: None) -> None:
    names = []
    for title in ("one", "two", "three", "four", "five"):
        retitle(work, title)
        names.append(present(publish(config, work).edition).name)
    assert len(set(names)) == 5
    kept = list_editions(config)
    assert [k.edition.name for k in kept] == sorted(names[2:], reverse=True)
    assert [k.current for k in kept] == [True, False, False]
    assert str(kept[0]).startswith("* stemwire-")
    assert use_edition(config, names[2]).name == names[2]
    assert present(current_path(config)).name == f"{names[2]}.db"
    retitle(work, "six")
    publish(config, work)
    assert present(find_current(config)).name not in names
    for wrong in (names[0], "../work", "current", "stemwire-20200101T000000Z"):
        with pytest.raises(UsageError, match="no edition"):
            use_edition(config, wrong)


def test_the_link_is_never_missing(
    config: Config, work: Store, unchecked: None, at_night: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(config, work)
    retitle(work, "two")
    link, real = config.editions / "current.db", Path.replace
    there: list[bool] = []

    def replace_and_look(path: Path, target: Path) -> Path:
        there.append(link.is_file())
        result = real(path, target)
        there.append(link.is_file())
        return result

    monkeypatch.setattr(Path, "replace", replace_and_look)
    publish(config, work)
    assert len(there) >= 6 and all(there)


def test_the_edition_before_stays_for_open_requests(
    config: Config, work: Store, unchecked: None, at_night: None
) -> None:
    config = config.model_copy(update={"publish": config.publish.model_copy(update={"keep": 1})})
    names = []
    for title in ("one", "two", "three"):
        retitle(work, title)
        names.append(present(publish(config, work).edition).name)
    assert [k.edition.name for k in list_editions(config)] == [names[2], names[1]]


def test_a_flipped_byte_is_not_switched_on(config: Config, work: Store, unchecked: None, at_night: None) -> None:
    first = present(publish(config, work).edition)
    retitle(work, "two")
    second = present(publish(config, work).edition)
    path = config.editions / f"{first.name}.db"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(PublishError, match="differs from what was published"):
        use_edition(config, first.name)
    assert present(find_current(config)).name == second.name


def test_empty_and_shrunken_builds_are_refused(config: Config, work: Store, unchecked: None, at_night: None) -> None:
    publish(config, work)
    before = current_path(config)
    with work.writing():
        work.execute("DELETE FROM document WHERE id NOT IN (SELECT id FROM document ORDER BY id LIMIT 10)")
    with pytest.raises(PublishError, match="the edition before has 34"):
        publish(config, work)
    assert current_path(config) == before
    with work.writing():
        work.execute("DELETE FROM document")
    with pytest.raises(PublishError, match="empty edition"):
        publish(config, work)
    assert current_path(config) == before
    assert not list(config.editions.glob(".*"))
    assert present(publish(config, work, force=True).edition).documents == 0


def test_an_edition_whose_pages_fail_is_not_switched_on(
    config: Config, work: Store, at_night: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("publish.stage.check_edition", lambda config, path: ["/: answers 500, not 200"])
    with pytest.raises(PublishError, match="answers 500"):
        publish(config, work)
    assert current_path(config) is None
    assert list(config.editions.iterdir()) == []


def test_an_unknown_licence_shows_nothing_by_guess(
    config: Config, work: Store, unchecked: None, at_night: None
) -> None:
    found = work.load(Document, "id = ?", (EV,))[0]
    with work.writing():
        work.save(replace(found, licence="cc-by"))
    with pytest.raises(PublishError, match="licence 'cc-by'"):
        publish(config, work)


def test_a_mention_of_an_undescribed_concept_is_said(
    config: Config, work: Store, unchecked: None, at_night: None
) -> None:
    with work.writing():
        work.execute("DELETE FROM concept WHERE id = 'MONDO:0005148'")
    publish(config, work)
    whys = ask(present(current_path(config)), "SELECT why, entity FROM mention WHERE surface = 'diabetes'")
    assert whys == [("the only thing of that name; its concept MONDO:0005148 is not described", None)]


def test_what_is_labelled_out_of_scope_stays_out(config: Config, work: Store, unchecked: None, at_night: None) -> None:
    with work.writing():
        work.save(
            Label(document=EV, facet="scope", value="out", score=1.0, sentence="", start=None, end=None, component="x")
        )
        work.execute("DELETE FROM label WHERE document = ? AND value = 'in'", (EV,))
    publish(config, work)
    assert ask(present(current_path(config)), "SELECT count(*) FROM document WHERE ident = ?", EV) == [(0,)]


@pytest.mark.parametrize(
    "step",
    [
        "edition.build.index",
        "edition.editions._examine",
        "edition.editions._write_sidecar",
        "stage.check_edition",
        "stage.switch_to",
        "stage.prune",
    ],
)
def test_killed_at_any_step_the_old_edition_serves(
    config: Config, work: Store, unchecked: None, at_night: None, tmp_path: Path, step: str
) -> None:
    old = present(publish(config, work).edition)
    retitle(work, "Another title")
    child = multiprocessing.get_context("fork").Process(
        target=_hang_at, args=(config, config.data("work.db"), step, tmp_path / "hanging")
    )
    child.start()
    while child.is_alive() and not (tmp_path / "hanging").exists():
        time.sleep(0.05)
    os.kill(present(child.pid), signal.SIGKILL)
    child.join()
    current = present(find_current(config))
    if step == "stage.prune":  # already switched
        assert current.name != old.name
    else:
        assert current.name == old.name
    path = present(current_path(config))
    assert ask(path, "PRAGMA integrity_check") == [("ok",)]
    assert ask(path, "SELECT count(*) FROM document") == [(34,)]
    again = publish(config, work)
    assert (again.edition is None) == (step == "stage.prune")
    assert present(find_current(config)).content != old.content
    assert not list(config.editions.glob(".*"))
    names = {path.stem for path in config.editions.glob("stemwire-*")}
    assert all(
        (config.editions / f"{name}.db").exists() and (config.editions / f"{name}.json").exists() for name in names
    )


def _hang_at(config: Config, data: Path, step: str, flag: Path) -> None:
    def hang(*_args: object, **_more: object) -> None:
        flag.touch()
        present(multiprocessing.parent_process()).join()  # until it is killed, or its parent is gone

    module, _, name = f"publish.{step}".rpartition(".")
    setattr(import_module(module), name, hang)
    with open_store(data, "work") as work:
        publish(config, work)


def test_rights() -> None:
    assert find_shown(licence="full", kind="news", text="a\n\nb", summary="s").text == "a\n\nb"
    long = "\n\n".join(f"paragraph {n} " + "word " * 200 for n in range(100))
    shown = find_shown(licence="full", kind="news", text=long, summary="")
    assert shown.cut and len(shown.text) <= 60_000 and long.startswith(shown.text) and shown.text.endswith("word")
    news = find_shown(licence="abstract", kind="news", text="the text", summary="")
    assert news.text == ""  # the text of a news story is no abstract
    paper = find_shown(licence="abstract", kind="paper", text="the abstract", summary="")
    assert (paper.text, paper.offsets) == ("the abstract", True)
    assert not find_shown(licence="abstract", kind="paper", text="the text", summary="a summary").offsets
    whole = "We followed single cells for nine days and saw three fates. A model with two parameters predicts them."
    for ending in ("…", " ...", " [...]"):
        cut = f"Journal, 3 May. {whole[:60]}{ending}"
        assert find_shown(licence="abstract", kind="paper", text=whole, summary=cut).text == whole
        assert find_shown(licence="abstract", kind="news", text=whole, summary=cut).text == cut
        assert find_shown(licence="abstract", kind="paper", text="Something else", summary=cut).text == cut
    assert find_shown(licence="headline-and-link", kind="news", text="the text", summary="s").text == ""


def test_quotations_are_short_and_hold_what_is_named() -> None:
    text = (
        "Dr. Kim of the U.S. team spoke. " + "A very long sentence goes on and on, " * 9 + "until it names a neuron, "
        + "and then it goes on again " * 9 + ". Nothing is named here at all. Neurons die. "
    )  # fmt: skip
    at = text.index("neuron")
    mention = Mention(
        document="d", part="text", start=at, end=at + 6, type="CELL_TYPE", surface="neuron", concept="CL:1", score=1,
        why="", component="",
    )  # fmt: skip
    (quote,) = find_quotes(text, [mention])
    assert len(quote.text) <= QUOTE
    assert quote.text[quote.start : quote.end] == "neuron"
    assert quote.text.startswith("…") and quote.text.endswith("…")
    few = "Dr. Kim ran. He won! 끝났다。그래"
    assert [few[start:end] for start, end in find_sentences(few)] == ["Dr. Kim ran.", "He won!", "끝났다。", "그래"]
    assert find_quotes(text, []) == ()
