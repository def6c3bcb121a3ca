"""Many subscriptions are matched at once, each with exactly what its search finds on the site."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.config import Config
from publish.letters.current_edition import CurrentEdition, open_current
from publish.letters.matching import Asked, Matcher, Matches
from publish.letters.stored_readings import restore_query, store_reading
from publish.search.asking import ask_now, ask_together
from publish.search.clauses import Query
from publish.search.identifiers import LANDING
from publish.search.query import parse_query, to_text
from publish.search.reading import read, where_of
from publish.search.vocabulary import find_values
from tests.present import present
from tests.publish.reader import Newsroom
from tests.publish.rig import Doc, make_config, make_edition

TYPED = [
    json.loads(line)["q"]
    for name in ("edition", "desk", "nothing")
    for line in (Path("bench/queries") / f"{name}.jsonl").read_text("utf-8").splitlines()
]
WRITTEN = (
    "retina OR heart -review", '"stem cells"', '"induced pluripotent" -kind:paper', "organo*", "title:nerve", "-mouse",
    "author:cho", "author:(cho OR gale)", "kind:news country:KR", "kind:news kind:paper", "since:2026-10", "cell",
    "until:2026-06 cells", "(nerve repair) OR vesicle", "disease:MONDO:0010726", 'disease:"Parkinson disease"',
    "disease:diabetes disease:cancer", "NCT09087765", "10.5555/nothing", "99000231", "세포", "줄기세포 OR 幹細胞",
    "", '""', "retracted", "tonight", "-source:nowhere", "co-culture", "IL-6", "TNFalpha", "kind:trial",
    "what are stem cells", "retina (evidence:animal OR evidence:human)", "-(nerve repair)", "mice -(-heart)",
)  # fmt: skip


def match(edition: CurrentEdition, *asked: Asked, among: list[str] | None = None) -> Matches:
    documents = [key for key, _ in edition.documents()] if among is None else among
    return Matcher(edition).match(dict(enumerate(asked)), documents)


def search(query: str, reading: str = "") -> Asked:
    return Asked(kind="search", query=query, reading=reading)


def site_finds(edition: CurrentEdition, query: str) -> list[str]:
    """What the search finds by itself, in SQL of its own."""
    where, params = where_of(edition.read(query))
    sql = f'SELECT d."key" FROM search JOIN document d ON d.id = search.rowid WHERE {" AND ".join(where)}'
    return [row["key"] for row in edition._db.execute(f"{sql} ORDER BY d.id DESC", params)]


def add_row(edition: sqlite3.Connection, table: str, **values: str | int) -> None:
    """A row of an edition; other columns that must not be empty are 0 or ""."""
    columns = edition.execute(f"PRAGMA table_info({table})").fetchall()
    filled = {name: "" if type_ == "TEXT" else 0 for _, name, type_, wanted, *_ in columns if wanted} | values
    names = ", ".join(f'"{name}"' for name in filled)
    edition.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(filled))})", list(filled.values()))


@pytest.fixture
def real(newsroom: Newsroom) -> Iterator[CurrentEdition]:
    with open_current(newsroom[0]) as edition:
        yield present(edition)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return make_config(tmp_path)


def test_each_search_finds_what_it_finds_on_the_site(real: CurrentEdition) -> None:
    queries = [*TYPED, *WRITTEN]
    every = [key for key, _ in real.documents()]
    for among in (every, every[::3], every[-1:], []):
        wanted = {
            number: tuple(key for key in site_finds(real, query) if key in set(among))
            for number, query in enumerate(queries)
        }
        found = match(real, *map(search, queries), among=among).found
        assert found == {number: keys for number, keys in wanted.items() if keys}
        assert not among or len(found) > 5


WORD = st.sampled_from((
    "retina", "cell", "cells", "mouse", "mice", "heart", "nerve", "Korea", "trial", "retracted", "EVs", "iPSC", "RPE",
    "spinal", "cord", "cho", "세포", "幹細胞", "IL-6", "the", "of", "pmid", "99000231", "co-culture", "zzzz", "…",
))  # fmt: skip
FILTER = st.sampled_from((
    "kind:news", "kind:paper", "country:KR", "since:2026-10", "until:2026-11-15", 'disease:"macular degeneration"',
    "cell:CL:0002586", "evidence:animal", "species:mouse", "disease:blorbitis", "status:retracted", "tonight",
))  # fmt: skip


@st.composite
def written(draw: st.DrawFn, depth: int = 2) -> str:
    """A search of anything that the language has."""
    kind = draw(st.integers(0, 9 if depth else 5))
    if kind < 2:
        return draw(WORD)
    if kind == 2:
        return f'"{draw(WORD)} {draw(WORD)}"'
    if kind == 3:
        return f"{draw(WORD)[:3]}*"
    if kind == 4:
        return f"{draw(st.sampled_from(('title', 'author')))}:{draw(WORD)}"
    if kind == 5:
        return draw(FILTER)
    one, other = draw(written(depth - 1)), draw(written(depth - 1))
    return {6: f"{one} {other}", 7: f"{one} OR {other}", 8: f"{one} -({other})", 9: f"({one}) {other}"}[kind]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(queries=st.lists(written(), min_size=1, max_size=12), step=st.integers(1, 4))
def test_any_search_finds_what_it_finds_on_the_site(real: CurrentEdition, queries: list[str], step: int) -> None:
    among = [key for key, _ in real.documents()][::step]
    matches = match(real, *map(search, queries), among=among)
    for number, query in enumerate(queries):
        if number not in matches.unreadable:
            wanted = tuple(key for key in site_finds(real, query) if key in set(among))
            assert matches.found.get(number, ()) == wanted, query


def test_a_search_that_cannot_be_read_is_named_and_stops_no_other(real: CurrentEdition) -> None:
    matches = match(real, search("contry:KR"), search("cells"))
    assert list(matches.unreadable) == [0]
    assert "did you mean country" in matches.unreadable[0]
    assert list(matches.found) == list(matches.reading) == [1]


def test_a_document_that_is_not_in_the_edition_is_not_found(real: CurrentEdition) -> None:
    assert match(real, search(""), among=["gone"]).found == {}


def test_a_story_finds_its_documents_wherever_they_are_now(config: Config) -> None:
    path = make_edition(config, [Doc(key=key) for key in ("a", "b", "c", "d")])
    with sqlite3.connect(path) as db:
        for number, (key, members) in enumerate({"first": (1, 2), "other": (2, 3)}.items(), 1):
            add_row(db, "story", id=number, key=key, origin=members[0])
            for document in members:
                add_row(db, "member", story=number, document=document, role="coverage")
    with open_current(config) as opened:
        matches = match(
            present(opened), Asked(kind="story", query="first"), Asked(kind="story", query="gone", held=("c",)),
            Asked(kind="story", query="gone"), Asked(kind="story", query="first", held=("c", "d")),
        )  # fmt: skip
    assert matches.found == {0: ("b", "a"), 1: ("c", "b"), 3: ("c", "b", "a")}
    assert not matches.reading


def test_a_list_finds_what_has_or_rests_on_one_of_it(config: Config) -> None:
    """The paper by any of its numbers, the news on it, what cites it, the record of a trial, what is on it."""
    path = make_edition(config, [Doc(key=key) for key in ("banner", "news", "other", "paper", "study", "trial")])
    with sqlite3.connect(path) as db:
        db.execute("UPDATE document SET ident = 'pmid:99000231' WHERE \"key\" = 'paper'")
        db.execute("UPDATE document SET ident = 'nct:NCT09087765' WHERE \"key\" = 'trial'")
        add_row(db, "identifier", document=4, scheme="doi", value="10.5555/retina")
        add_row(db, "link", document=2, relation="paper", place=1, other=4, ident="pmid:99000231")
        add_row(db, "link", document=3, relation="paper", place=1, ident="")
        add_row(db, "banner", document=1, about="doi:10.5555/retina", status="retracted")
        add_row(db, "trial_status", document=5, trial="nct:NCT09087765", other=6, status="recruiting")
    lists = {
        "pmid:99000231": {"paper", "news"}, "doi:10.5555/retina": {"paper", "news", "banner"},
        "nct:NCT09087765": {"trial", "study"}, "doi:10.5555/never": set[str](),
    }  # fmt: skip
    asked = [Asked(kind="own", query=str(number), owned=(name,)) for number, name in enumerate(lists)]
    with open_current(config) as opened:
        found = match(present(opened), *asked, Asked(kind="own", query="all", owned=tuple(lists))).found
    assert {n: set(keys) for n, keys in found.items()} == {
        n: keys for n, keys in enumerate([*lists.values(), set().union(*lists.values())]) if keys
    }


def test_what_only_a_wider_reading_finds_is_told_apart(config: Config) -> None:
    docs = [
        Doc(key="old", title="Extracellular vesicles heal", text="Vesicles."),
        Doc(key="ev", title="EVs heal", text="Nothing else."),
    ]
    make_edition(config, docs)
    with open_current(config) as opened:
        before = match(present(opened), search("EVs"))
    assert before.found == {0: ("ev",)}
    assert not before.wider
    assert not before.covers
    named = (("cell", "GO:1903561", "extracellular vesicle"),)
    docs = [Doc(key="old", title="Extracellular vesicles heal", text="Vesicles.", named=named), docs[1]]
    path = make_edition(config, docs, name="site-2")
    with sqlite3.connect(path) as db:
        db.execute("INSERT INTO alias VALUES ('cell', 'ev', 'GO:1903561', 1, 'EV', 'short', 1)")
        db.execute("INSERT INTO word VALUES ('extracellular', 2), ('vesicle', 2)")
    with open_current(config) as opened:
        edition = present(opened)
        after = match(edition, search("EVs", before.reading[0]), search("EVs"))
        again = match(edition, search("EVs", after.reading[0]))
        only_new = match(edition, search("EVs", before.reading[0]), among=["ev"])
    assert after.found == {0: ("old", "ev"), 1: ("old", "ev")}
    assert after.wider == {0: frozenset({"old"})}
    assert after.covers == {0: "now also finds: extracellular vesicle"}
    assert again.found == {0: ("old", "ev")}
    assert not again.wider
    assert not again.covers
    assert only_new.found == {0: ("ev",)}
    assert only_new.wider == {}
    assert only_new.covers == after.covers, "what was here before counts, tonight's or not"


@pytest.mark.parametrize("query", [*TYPED[::9], *WRITTEN])
def test_a_stored_reading_is_restored(real: CurrentEdition, query: str) -> None:
    reading = real.read(query)
    kept = store_reading(reading)
    assert restore_query(kept) == Query(**{
        name: getattr(reading.query, name) for name in Query.__slots__ if name != "long"
    })  # fmt: skip
    assert store_reading(real.read(query)) == kept


def test_questions_of_many_searches_are_asked_together(real: CurrentEdition) -> None:
    """Each reading is what it is alone, and the number of questions does not grow with that of the searches."""
    queries = [parse_query(text) for text in [*TYPED[:100], "kind:news", "NCT09087765"]]
    asked: list[str] = []

    def execute(sql: str, params: Mapping[str, object]) -> list[sqlite3.Row]:
        asked.append(sql)
        return real._db.execute(sql, params).fetchall()

    values = ask_now(find_values(), execute)
    steps = [read(one, correct=False, values=values) for one in queries]
    assert ask_together(steps, execute) == [real.read(to_text(one)) for one in queries]
    assert len(asked) - asked.count(LANDING) < 12


def test_a_text_that_is_no_reading_is_refused() -> None:
    for text in ("", "[]", '{"all": [[1]]}', '{"filters": [["kind"]]}'):
        with pytest.raises(ValueError, match="not a stored reading"):
            restore_query(text)
