"""The query language: what is understood, what is refused, and that writing it back says the same."""

import re
import sqlite3
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.facets import facets
from publish.search.excerpt import excerpt, find_marks, marked
from publish.search.fold import fold_words, name_key
from publish.search.fts import tag_of, to_count, to_match, to_sql
from publish.search.query import MAX_CHARS, Query, QueryError, describe, parse_params, parse_query, to_params, to_text
from tests.publish.reader import Newsroom


@pytest.mark.parametrize(
    ("written", "understood"),
    [
        ("neural  crest", "neural crest"),
        ('"neural crest cells" -review', '"neural crest cells" -review'),
        ("mouse OR rat heart", "mouse OR rat heart"),
        ("OR mouse OR OR rat OR", "mouse OR rat"),
        ("a - b -- +++ *", "a b"),
        ('"unclosed phrase', '"unclosed phrase"'),
        ("“curly quotes”", '"curly quotes"'),
        ("kind:News KIND:paper", "kind:news kind:paper"),
        ("country:kr lang:KO", "country:KR lang:ko"),
        ('disease:"Parkinson disease"', 'disease:"Parkinson disease"'),
        ("cell:CL:0000134 cell_type:CL:0000333", "cell:CL:0000134 cell:CL:0000333"),
        ("from:2026-10-01 to:2026-10", "since:2026-10-01 until:2026-10"),
        ("-kind:clinic -source:a_b", "-kind:clinic -source:a_b"),
        ("https://example.org/a?b=c", "https://example.org/a?b=c"),
        ("organo* 10:30", 'organo* "10:30"'),
        ("nul\0and\x1bescape", "nul and escape"),
        ("", ""),
        ("NEAR(a b) ^x {title}: AND", '"NEAR(a" b ^x "{title}:"'),
    ],
)
def test_understood_as(written: str, understood: str) -> None:
    query = parse_query(written)
    assert to_text(query) == understood
    assert parse_query(to_text(query)) == query


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("contry:KR", "did you mean country"),
        ("country:Narnia", "two-letter code"),
        ("month:October", "year and a month"),
        ("since:yesterday", "takes a date"),
        ("since:2026-13", "takes a date"),
        ("-since:2026", "use until:"),
        ("kind:foo", "kind: takes paper, preprint, trial, news, release, explainer or clinic"),
        ("-status:mended", "takes retracted, withdrawn, concern or corrected"),
        ("kind:", None),
        ('kind:""', "needs a value"),
        ("x " * MAX_CHARS, "characters"),
    ],
)
def test_refused_with_one_line(written: str, said: str | None) -> None:
    if said is None:  # a name with a colon and nothing after it is plain text, as in "Kind: regards"
        assert parse_query(written).filters == ()
        return
    with pytest.raises(QueryError, match=said) as caught:
        parse_query(written)
    assert "\n" not in str(caught.value)


def test_parameters_say_the_same_as_text() -> None:
    query = parse_query('nerve "neural crest" -review kind:news disease:MONDO:0005180 since:2026')
    assert parse_params(to_params(query)) == query
    assert parse_params([("q", "nerve"), ("kind", "news"), ("kind", ""), ("page", "2"), ("x", "y")]) == parse_query(
        "nerve kind:news"
    )
    assert parse_params([("disease", 'a "quoted" name')]).values("disease") == ("a quoted name",)
    assert parse_params([("q", '"open'), ("kind", "news")]) == parse_query('"open" kind:news')


def test_chips_can_be_added_and_taken_away() -> None:
    query = parse_query("nerve kind:news")
    assert to_text(query.plus("country", "KR").minus("kind", "news")) == "nerve country:KR"
    assert query.plus("kind", "news") == query
    assert Query().empty and not query.empty


def test_readers_text_is_quoted_and_confined() -> None:
    written = 'kind_news_ title:x tags:kind_news_ ") OR tags : (all_ NEAR(a,b) ^c -y*'
    match = to_match(parse_query(written))
    outside = re.sub(r'"[^"]*"', "", match)
    assert set(re.sub(r"\{title( body)?\}", "", outside).split()) <= {
        ":",
        "(",
        ")",
        "AND",
        "NOT",
        "OR",
        "()",
        "(*)",
        "(((",
        "*)",
    }
    assert "tags" not in outside
    assert to_match(Query()) == 'tags : "all_"'


def test_korean_is_found_inside_longer_words() -> None:
    assert fold_words("iPS세포") == "ips 세포 포"
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute("CREATE VIRTUAL TABLE s USING fts5(title, body, tags, tokenize='porter unicode61')")
        db.execute("INSERT INTO s VALUES ('', ?, 'all')", (fold_words("유도만능줄기세포를 iPS細胞と呼ぶ 줄기 세포"),))
        for word, found in {
            "세포": 1, "줄기세포": 1, "줄기 세포": 1, "만능": 1, "를": 1, "細胞": 1, "iPS細胞": 1, "세줄": 0, "간암": 0,
            '"줄기 세포"': 1,
        }.items():  # fmt: skip
            match = to_match(parse_query(word))
            assert db.execute("SELECT count(*) FROM s WHERE s MATCH ?", (match,)).fetchone()[0] == found, word


def test_tags_do_not_meet() -> None:
    values = ["MONDO:0010726", "journal:cell-stem", "news", "new", "cells", "한국", "중국", "CL:1"]
    assert len({tag_of("disease", value) for value in values}) == len(values)
    assert all(tag_of("kind", value).endswith("_") for value in values)  # the stemmer leaves these alone
    assert name_key("Parkinson's  Disease") == name_key("parkinson disease") == "parkinson disease"


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=40)
pieces = st.one_of(
    words, st.sampled_from(['"', "OR", "-", "*", ":", *(f"{name}:" for name in facets().filters), "KR", "2026-10"])
)


@settings(max_examples=300, deadline=None)
@given(st.lists(pieces, max_size=12))
def test_any_text_is_understood_or_refused(parts: list[str]) -> None:
    try:
        query = parse_query(" ".join(parts))
    except QueryError as error:
        assert "\n" not in str(error)
        return
    assert parse_query(to_text(query)) == query
    assert parse_params(to_params(query)) == query


@settings(max_examples=200, deadline=None)
@given(st.lists(pieces, max_size=12))
def test_any_understood_query_runs(newsroom: Newsroom, parts: list[str]) -> None:
    try:
        query = parse_query(" ".join(parts))
    except QueryError:
        return
    with closing(sqlite3.connect(newsroom[1])) as edition:
        total = edition.execute(*to_count(query)).fetchone()[0]
        for sort in ("newest", "best"):
            found = edition.execute(*to_sql(query, sort=sort, limit=100)).fetchall()
            assert len(found) == len(set(found)) == total
    find_marks(query).spans(to_text(query))
    describe(query)


@pytest.mark.parametrize(
    ("written", "count"),
    [
        ("marigold", 1),  # a text that is not shown can be searched
        ('"marigold sentence"', 1),
        ('"sentence marigold"', 0),
        ("cornflower", 0),  # withdrawn at its source
        ("poppy", 0),  # an earlier text
        ("growers", 0),  # out of scope
        ("kind:trial", 3),
        ("kind:trial kind:clinic", 5),
        ("-kind:news -kind:release -kind:paper -kind:preprint", 6),
        ("country:KR lang:ko", 2),
        ("disease:MONDO:0005180 cell:CL:0000700", 3),
        ("cell:EFO:0004905 cell:CL:0000333", 2),
        ('cell:"neural crest cell" cell:EFO:0004905', 2),
        ('disease:"Parkinson\'s Disease"', 4),
        ('disease:"Parkinson disease" -kind:news', 3),
        ('-disease:"Parkinson disease"', 30),
        ("disease:nonesuch", 0),
        ("doi:10.5555/an.2026.0117", 1),
        ("nct:nct05550001", 2),
        ("month:2026-11", 10),
        ("since:2026-11-20 until:2026-11-21", 2),
        ("until:2025", 2),
        ("since:2027", 0),
        ("Okonjo", 1),  # an author
        ("줄기세포", 2),
        ("organ*", 0),
        ("vesicle", 1),
    ],
)
def test_counts_in_the_newsroom(newsroom: Newsroom, written: str, count: int) -> None:
    with closing(sqlite3.connect(newsroom[1])) as edition:
        assert edition.execute(*to_count(parse_query(written))).fetchone()[0] == count


def test_best_match_ranks_titles_first(newsroom: Newsroom) -> None:
    with closing(sqlite3.connect(newsroom[1])) as edition:
        sql, params = to_sql(parse_query("neural crest"), sort="best", limit=1)
        (number,) = edition.execute(sql, params).fetchone()
        assert "eural crest" in edition.execute("SELECT title FROM document WHERE id = ?", (number,)).fetchone()[0]
        with pytest.raises(ValueError, match="newest or best"):
            to_sql(Query(), sort="upside down")


def test_excerpts_are_cut_between_words_and_marked() -> None:
    text = "First words. " + "Filler goes on and on. " * 30 + "Then the neural crest moves at last. More follows here."
    pieces = excerpt(text, find_marks(parse_query('"neural crest"')), 120)
    assert ("neural crest", True) in pieces
    shown = "".join(piece for piece, _ in pieces)
    assert shown == "Then the neural crest moves at last. More follows here."
    assert (
        "".join(piece for piece, _ in excerpt(text, find_marks(None), 70))
        == "First words." + " Filler goes on and on." * 2
    )
    assert marked("abc", [(1, 2), (0, 2), (5, 5)]) == [("ab", True), ("c", False)]
    assert find_marks(parse_query("kind:news")).spans("kind news") == []
