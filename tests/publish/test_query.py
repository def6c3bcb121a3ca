"""The grammar of a search: operators, brackets, fields, values in words, pasted texts, and what has no word."""

import json
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.facets import facets
from publish.search.clauses import Filter, Group, Query, Term
from publish.search.fold import fold_words
from publish.search.fts import author_tags, to_match
from publish.search.query import QueryError, describe, parse_params, parse_query, to_params, to_text
from publish.search.values import VALUES, nearest, needed, with_known_values
from tests.publish.reader import Newsroom

BEFORE = Path(__file__).with_name("queries_before.tsv")
needs_night = pytest.mark.skipif(facets().find_filter("night") is None, reason="there is no filter night")


@pytest.mark.parametrize("line", [line for line in BEFORE.read_text("utf-8").splitlines() if not line.startswith("#")])
def test_former_queries_mean_the_same(line: str) -> None:
    written, understood = line.split("\t")
    assert to_text(parse_query(written)) == understood


@pytest.mark.parametrize(
    ("written", "understood"),
    [
        ("nerve AND vesicle", "nerve vesicle"),
        ("nerve NOT mouse", "nerve -mouse"),
        ("NOT mouse", "-mouse"),
        ("NOT NOT mouse", "mouse"),
        ("nerve and vesicle or not", "nerve and vesicle or not"),
        ("(nerve vesicle)", "nerve vesicle"),
        ("(nerve OR vesicle) mouse", "nerve OR vesicle mouse"),
        ("(nerve repair) OR vesicle", "(nerve repair) OR vesicle"),
        ("mouse OR (nerve (rat OR pig))", "mouse OR (nerve rat OR pig)"),
        ("a OR (b OR (c OR d))", "a OR b OR c OR d"),
        ("NOT (nerve OR vesicle) mouse", "mouse -nerve -vesicle"),
        ("-(nerve vesicle) mouse", "mouse -(nerve vesicle)"),
        ("nerve NOT (mouse AND rat)", "nerve -(mouse rat)"),
        ("nerve OR NOT mouse", "nerve OR (-mouse)"),
        ("-(-mouse)", "mouse"),
        ("(nerve -mouse) OR rat", "(nerve -mouse) OR rat"),
        ("nerve AND", "nerve"),
        ("OR (nerve", "nerve"),
        ("nerve) vesicle(", 'nerve "vesicle("'),
        ("() nerve (🧬) OR rat", "nerve OR rat"),
        ("poly(lactic acid) Ca(2+)", '"poly(lactic" acid "Ca(2+)"'),
        ("(+)-catechin nerve", '"+)-catechin" nerve'),
        ("(n = 12) nerve", "n 12 nerve"),
        ("(see f(x)) OR b", '(see "f(x)") OR b'),
        ("title:nerve", "title:nerve"),
        ("TITLE:nerv* -title:review", "title:nerv* -title:review"),
        ('title:"nerve repair"', 'title:"nerve repair"'),
        ("title:(nerve OR vesicle) mouse", "title:nerve OR title:vesicle mouse"),
        ("author:gale author:(cho kim)", "author:gale author:cho author:kim"),
        ("person:Cho", "person:Cho"),
        ("kind:(news OR release)", "kind:news kind:release"),
        ("kind:news OR kind:release nerve", "nerve kind:news kind:release"),
        ("(kind:news OR kind:release) kind:paper", "kind:news OR kind:release kind:paper"),
        ("disease:MONDO:0005180 OR disease:MONDO:0005148", "disease:MONDO:0005180 OR disease:MONDO:0005148"),
        ("nerve OR kind:news", "nerve OR kind:news"),
        ("NOT kind:news", "-kind:news"),
        ("-(kind:news OR mouse)", "-mouse -kind:news"),
        ("(kind:news nerve) OR rat", "(kind:news nerve) OR rat"),
        ('"AND" -"OR"', '"AND" -"OR"'),
        ("country:korea country:UK country:대한민국 country:Deutschland", "country:KR country:GB country:DE"),
        ("country:usa work:japan work:kr", "country:US work:JP work:KR"),
        ("lang:korean lang:English lang:fr", "lang:ko lang:en lang:fr"),
        ("kind:papers kind:clinics", "kind:paper kind:clinic"),
        ("' OR 1=1; DROP TABLE document; --", "1=1; DROP TABLE document;"),
    ],
)
def test_grammar(written: str, understood: str) -> None:
    query = parse_query(written)
    assert to_text(query) == understood
    assert parse_query(understood) == query == parse_params(to_params(query))


@needs_night
def test_tonight_is_a_filter_as_a_word() -> None:
    assert to_text(parse_query("tonight nerve")) == "nerve night:tonight"
    assert to_text(parse_query("-Tonight night:2026-11-29")) == "night:2026-11-29 -night:tonight"
    assert to_text(parse_query('"tonight" title:tonight')) == '"tonight" title:"tonight"'


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("kind:foo", "^kind: takes paper, preprint, trial, news, release, explainer or clinic$"),
        ("kind:papre", "did you mean kind:paper"),
        ("status:preprint", r"retracted, withdrawn, concern or corrected \(did you mean kind:preprint\?\)"),
        ("titel:nerve", "did you mean title"),
        ("autor:cho", "did you mean author"),
        ("*erve", r"erve\*"),
        ("(since:2026) OR nerve", "outside of brackets"),
        ("NOT since:2026", "use until:"),
        ("(" * 12 + "a" + ")" * 12, "10 deep"),
        (" OR ".join(f"w{n}" for n in range(450)), "400 words"),
    ],
)
def test_refused(written: str, said: str) -> None:
    with pytest.raises(QueryError, match=said) as caught:
        parse_query(written)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("written", ["🧬", "-", '""', "OR", "AND NOT", "***", "( )", "…", "title:🧬"])
def test_without_a_word_nothing_is_found(written: str) -> None:
    query = parse_query(written)
    assert query.wordless and not query.empty and "no word" in describe(query)
    assert parse_query(to_text(query)) == query == parse_params(to_params(query))
    assert parse_params([("q", written), ("kind", "news")]) == parse_query("kind:news")


def test_nothing_written_is_everything() -> None:
    assert parse_query("").empty and parse_query(" \n\x00 ").empty and parse_params([("q", ""), ("kind", "")]).empty


def test_a_pasted_text_is_long() -> None:
    text = (
        'Methods: (see above) We injected 1 x 10^6 cells OR saline into 24 mice (12 "each group"); odds ratio: 1.4, '
        "95% CI [1.1, 1.8]; p<0.05. The vesicles - unlike EVs - were in IL-6-treated nerves; contry:KR kind:news. "
    ) + " ".join(f"word{n}" for n in range(30))
    query = parse_query(text)
    assert query.long and query.filters == (Filter(name="kind", value="news"),) and not query.excluded
    assert Term(text="each group", phrase=True) in query.terms and Term(text="IL-6-treated") in query.terms
    assert not {"OR", "-", "(see"} & {term.text for term in query.terms}
    assert parse_query(to_text(query)) == query == parse_params(to_params(query))
    assert parse_params([("q", text), ("country", "KR")]).long
    japanese = parse_query(
        "患者由来のiPS細胞から作製した網膜色素上皮細胞シートを移植した。" * 2 + "加齢黄斑変性は失明の原因である。" * 9
    )
    assert not japanese.long  # few words, often
    boolean = parse_query(
        "(" + " OR ".join(f"w{n}" for n in range(30)) + ") AND (" + " OR ".join(f"v{n}" for n in range(30)) + ")"
    )
    assert not boolean.long and len(boolean.clauses) == 2
    assert not parse_query('"' + " ".join(f"w{n}" for n in range(60)) + '"').long


def test_values_of_an_edition() -> None:
    known = {"mouse": "mouse", "rat": "rat", "stem cell clinic": "Clinic"}
    assert nearest("mice", known) == "mouse" and nearest("Rats", known) == "rat"
    assert nearest("clinics", known) == "stem cell clinic" and nearest("horse", known) is None


def test_values_that_only_an_edition_lists(newsroom: Newsroom) -> None:
    query = parse_query("animal:mice OR nerve evidence:animal disease:x -source:nowhere month:2026-10")
    assert {"animal", "source"} < set(needed(query)) and not needed(parse_query("evidence:animal month:2026-10"))
    with closing(sqlite3.connect(newsroom[1])) as edition:
        known: dict[str, dict[str, str]] = {}
        for name, value, words in edition.execute(VALUES, {"filters": json.dumps(needed(query))}):
            known.setdefault(name, {})[value] = words
    assert to_text(with_known_values(parse_query("animal:mice OR nerve evidence:organoid"), known)) == (
        "animal:mouse OR nerve evidence:organoid"
    )
    with pytest.raises(QueryError, match=r"^animal: takes mouse \(did you mean animal:mouse\?\)$"):
        with_known_values(parse_query("-animal:mous"), known)
    with pytest.raises(QueryError, match=r"^source: takes .*, .* or "):
        with_known_values(query, known)
    with pytest.raises(QueryError, match=r"^evidence: takes in silico, .* \(did you mean animal:mouse\?\)$"):
        with_known_values(parse_query("evidence:mice"), known)
    assert with_known_values(query, {}) == query  # an edition without any


def test_names_of_things_are_filled_in() -> None:
    query = parse_query("exosome OR (nerve -mouse) disease:Parkinson")
    read = query.with_terms(
        lambda term: (
            replace(term, tags=("named_go_1_", "named_go_2_"), also=("EV", "세포외소포"))
            if term.text == "exosome"
            else term
        )
    ).with_filters(lambda f: replace(f, tags=("disease_mondo_0005180_",)) if f.name == "disease" else f)
    assert to_match(read) == (
        '(({title body} : "exosome" OR {title body} : "ev" OR {title body} : "세포 포외 외소 소포"'
        ' OR tags : ("named_go_1_" OR "named_go_2_")) OR (({title body} : "nerve") NOT ({title body} : "mouse")))'
        ' AND (tags : "disease_mondo_0005180_")'
    )
    assert to_text(read) == to_text(query) and to_params(read) == to_params(query)
    assert [term.text for term in query.terms] == ["exosome", "nerve"]
    assert parse_query("(disease:x OR a) -disease:y").with_filters(lambda f: replace(f, value="z")) == Query(
        clauses=((Term(text="z", field="disease"), Term(text="a")),), barred=(Filter(name="disease", value="z"),)
    )
    assert Group(clauses=((Term(text="a"),),)) != Group()


@pytest.fixture(scope="module")
def index() -> Iterator[sqlite3.Connection]:
    """Four documents with titles, texts, authors and tags."""
    rows = [
        ("Nerve repair in mice", "Vesicles regrow axons.", ["Cho Ssang-Goo", "Kim Min-Ji"], "kind_news_"),
        ("Vesicles in rats", "A nerve grew. Reviewed.", ["Gale, T.", "조쌍구"], "kind_news_"),
        ("Heart patch", "Pigs and a nerve OR two.", ["Min Cho"], "kind_paper_"),
        ("NOT a title", "nothing here AND there", [], "kind_paper_"),
    ]
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute(
            "CREATE VIRTUAL TABLE s USING fts5(title, body, tags, content='',"
            " tokenize=\"porter unicode61 remove_diacritics 2 tokenchars '_'\")"
        )
        for number, (title, body, authors, tags) in enumerate(rows, 1):
            row = (number, fold_words(title), fold_words(body), f"all_ {tags} {author_tags(authors)}")
            db.execute("INSERT INTO s (rowid, title, body, tags) VALUES (?, ?, ?, ?)", row)
        yield db


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("nerve", {1, 2, 3}),
        ("title:nerve", {1}),
        ('title:"nerve repair"', {1}),
        ("title:vesic*", {2}),
        ("nerve -title:nerve", {2, 3}),
        ("nerve AND mice", {1}),
        ("nerve NOT mice", {2, 3}),
        ("nerve OR NOT vesicles", {1, 2, 3, 4}),
        ("(nerve mouse) OR (pig patch)", {1, 3}),
        ("vesicles -(nerve rats)", {1}),
        ("NOT (mice OR rats)", {3, 4}),
        ("author:cho", {1, 3}),
        ('author:"Cho Ssang-Goo"', {1}),
        ('author:"ssang goo cho"', {1}),
        ('author:"Goo Kim"', set()),  # two persons
        ('author:"Min Cho"', {3}),
        ("author:gal*", {2}),
        ("author:조쌍구", {2}),
        ("nerve author:(gale OR kim)", {1, 2}),
        ("author:nerve", set()),
        ("nerve OR kind:paper", {1, 2, 3, 4}),
        ("(kind:paper pigs) OR rats", {2, 3}),
        ("kind:news OR kind:paper nerve", {1, 2, 3}),
        ("🧬", set()),
        ("' OR 1=1; DROP TABLE document; --", set()),
    ],
)
def test_what_is_found(index: sqlite3.Connection, written: str, found: set[int]) -> None:
    match = to_match(parse_query(written))
    assert {row[0] for row in index.execute("SELECT rowid FROM s WHERE s MATCH ?", (match,))} == found, match


ODD = [
    '"', "(", ")", "((", "-", "--", "*", ":", "OR", "AND", "NOT", "or", "{title body}", "^", "NEAR(", "+",
    "'", ";", "\\", "%",
    "title:", "author:(", "kind:(", "kind:news", "since:2026", "tags:", "세포",
    "세", "ﬁ", "β", "🧬", "½", "ㅤ", "\u0301", "a_b",
    "1,234", "e.g.", "p53", "“", "”", "nerve", "mouse*",
    '"nerve repair"', "-kind:paper", "tonight", "İ", "ß", "\u200d", "ǅ",
]  # fmt: skip


def odd_inputs(count: int) -> Iterator[str]:
    """The same inputs each time: odd pieces in any order, some of them without a space between."""
    chance = random.Random(11)
    for _ in range(count):
        yield "".join(chance.choice(ODD) + chance.choice(["", " ", " "]) for _ in range(chance.randrange(1, 14)))


def test_no_input_breaks_the_index(index: sqlite3.Connection) -> None:
    understood = 0
    for written in odd_inputs(2000):
        try:
            query = parse_query(written)
        except QueryError as error:
            assert "\n" not in str(error)
            continue
        understood += 1
        index.execute("SELECT count(*) FROM s WHERE s MATCH ?", (to_match(query),)).fetchone()
        assert parse_query(to_text(query)) == query, written
        assert parse_params(to_params(query)) == query, written
    assert understood > 1000


letters = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(ODD), letters), max_size=16), st.sampled_from(["", " "]))
@example(["-kind:paper", "OR", "-kind:paper"], " ")
@example(["(", "-kind:paper", ")", "OR", "-kind:paper"], " ")
def test_writing_it_back_says_the_same(parts: list[str], between: str) -> None:
    try:
        query = parse_query(between.join(parts))
    except QueryError:
        return
    assert parse_query(to_text(query)) == query
    assert parse_params(to_params(query)) == query
    describe(query)
