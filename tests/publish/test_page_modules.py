"""The modules of pages without HTTP: what they declare, the types of their rows, and their pure functions."""

from __future__ import annotations

import asyncio
import re
import shutil
import sqlite3
import subprocess
import sys
import types
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest

from core.config import ROOT, Config
from core.errors import StemwireError
from core.facets import facets
from publish.pages import site_map
from publish.pages.access_policy import find_code
from publish.pages.bar_charts import draw_months
from publish.pages.basis import Label, by_facet
from publish.pages.document import Thing, group_by_type, split_by_topic, to_paragraphs
from publish.pages.document_rows import Mention
from publish.pages.flags import Flag, FlagRow, to_flags
from publish.pages.page import (
    Answer,
    Context,
    Link,
    Page,
    PageMissing,
    Redirect,
    Request,
    Sample,
    Stream,
    Text,
    to_named,
)
from publish.pages.rows import OpenEdition, ReadyQuery, columns
from publish.pages.search import Hits
from publish.pages.search import context as search_context
from publish.pages.search_hits import Search
from publish.pages.series_charts import draw_series
from publish.pages.story_members import Member
from publish.pages.trials import TrialCount
from publish.pages.trials import by_facet as trials_by_facet
from publish.search.query import parse_query
from publish.search.rank import Folded, Match
from publish.search.reading import Reading

TEMPLATES = ROOT / "datasette" / "templates"
OTHERS = {  # templates that no page declares: whose they are
    "layout.html": "all pages extend it",
    "desk_frame.html": "publish/letters/desk/pages.py",
    "base.html": "Datasette's own pages",
    "database.html": "Datasette's page of the database",
    "query.html": "Datasette's page of a query",
    "table.html": "Datasette's page of a table",
    "error.html": "publish/pages/error_page.py",
    "tombstone.html": "publish/pages/document.py",
}


class FileEdition(OpenEdition):
    """An edition in a file, without a site. Every row that is made of it must have the types that its class says."""

    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(path)
        self.connection.row_factory = sqlite3.Row
        self.kinds: set[type[Any]] = set()

    async def execute(self, sql: str, params: Mapping[str, object]) -> Sequence[sqlite3.Row]:
        return self.connection.execute(sql, dict(params)).fetchall()

    async def ready_queries(self) -> list[ReadyQuery]:
        return [ReadyQuery(name="a_query", title="A query")]

    async def rows(self, kind: type[Any], sql: str, params: Mapping[str, object] | None = None) -> list[Any]:
        found = await super().rows(kind, sql, params)
        hints = get_type_hints(kind)
        for row in found:
            for name in columns(kind):
                assert fits(getattr(row, name), hints[name]), f"{kind.__module__}.{kind.__name__}.{name}: {row}"
        if found:
            self.kinds.add(kind)
        return found


def fits(value: object, hint: object) -> bool:
    """Whether a value is of a type as annotations write it; a whole number is no real number here."""
    if get_origin(hint) in (Union, types.UnionType):
        return any(fits(value, one) for one in get_args(hint))
    return value is None if hint is type(None) else type(value) is hint


@pytest.fixture
def edition(newsroom: tuple[Config, Path]) -> Iterator[FileEdition]:
    opened = FileEdition(newsroom[1])
    yield opened
    opened.connection.close()


def ask(edition: OpenEdition, address: str) -> tuple[Page, Context | Answer | Redirect | Text | Stream]:
    """The page of an address and what it gives. Raises PageMissing."""
    path, _, query = address.partition("?")
    for page in site_map.own_pages():
        if match := re.fullmatch(page.route, path):
            params = [(name, value) for name, _, value in (part.partition("=") for part in query.split("&")) if name]
            return page, asyncio.run(_shown(page, edition, Request(parts=match.groupdict(), params=params)))
    raise AssertionError(f"no page has the address {address}")


async def _shown(page: Page, edition: OpenEdition, request: Request) -> Context | Answer | Redirect | Text | Stream:
    return await page.show(edition, request)


def samples(path: Path) -> list[Sample]:
    with closing(sqlite3.connect(path)) as connection:
        return list(site_map.samples(connection))


def test_rows_have_the_types_that_their_classes_say(edition: FileEdition, newsroom: tuple[Config, Path]) -> None:
    declared = {
        kind
        for name, module in list(sys.modules.items())
        if name.startswith(("publish.pages.", "publish.search."))
        for kind in vars(module).values()
        if isinstance(kind, type) and is_dataclass(kind) and kind.__module__ == name
    }
    asked = 0
    for page in site_map.own_pages():
        for sample in page.try_at(edition.connection):
            if sample.status == 200 and "%" not in sample.address:
                ask(edition, sample.address)
                asked += 1
    assert asked > 50
    assert len(edition.kinds) > 30 and edition.kinds <= declared


def test_a_row_of_another_type_is_found(edition: FileEdition) -> None:
    assert fits(None, str | None) and fits("x", str | None) and not fits(1, str | None)
    assert not fits(1, float) and not fits(None, int)


def test_every_template_is_of_a_page_and_every_page_has_one() -> None:
    declared = {page.template for page in site_map.own_pages() if page.template}
    there = {path.name for path in TEMPLATES.iterdir() if path.is_file() and not path.name.startswith("_")}
    assert declared | set(OTHERS) == there
    included = {path.name for path in TEMPLATES.glob("_*")}
    text = "\n".join(path.read_text("utf-8") for path in TEMPLATES.iterdir() if path.is_file())
    assert {name for name in included if f'"{name}"' not in text} == set()


def test_the_navigation_is_made_of_the_pages() -> None:
    navigation = site_map.navigation()
    found = {place.link.title: [link.title for link in place.below] for place in navigation.places}
    assert list(found) == [title for title in ("Today", "Search", "Watch", "Data") if title in found]
    assert {"Stories", "Nights"} <= set(found["Today"])
    assert {"Diseases", "Cell types", "Institutions", "Journals", "People", "Countries", "Trials"} <= set(
        found["Search"]
    )
    assert {"Figures", "Series", "Sources", "Tables and SQL", "Follow", "API", "About"} <= set(found["Data"])
    assert all(link.address.startswith("/") for link in navigation)


def test_every_address_is_in_one_place() -> None:
    navigation = site_map.navigation()
    for address, place, entry in (
        ("/", "Today", "Today"), ("/search", "Search", "Search"), ("/entities/disease", "Search", "Diseases"),
        ("/entities/gene", "Search", "Names"), ("/series/4b", "Data", "Series"),
        ("/stemwire/document", "Data", "Tables and SQL"),
        ("/nights", "Today", "Nights"), ("/nothing", None, None),
    ):  # fmt: skip
        found, current = navigation.place_of(address), navigation.entry_of(address)
        assert (found and found.link.title, current and current.title) == (place, entry), address
    assert Page(route="/x/(?P<a>.+)", show=_nothing, within="/y/{a}", samples=(Sample("/x/1"),)).stands_at(
        "/x/1", {"a": "1"}
    ) == "/y/1"  # fmt: skip
    with pytest.raises(StemwireError, match="no place 'Nowhere'"):
        site_map.arrange([Link("X", 1, "/x", under="Nowhere")])


def test_every_page_is_tried_before_an_edition_goes_live(newsroom: tuple[Config, Path]) -> None:
    tried = [sample.address.partition("?")[0] for sample in samples(newsroom[1])]
    for page in site_map.own_pages():
        assert any(re.fullmatch(page.route, address) for address in tried), page.route
    for link in site_map.navigation():
        if not link.address.startswith("/entities/"):  # this edition may lack a type
            assert link.address in tried, link


async def _nothing(edition: OpenEdition, request: Request) -> Context:
    return {}


def test_a_page_with_parameters_needs_samples() -> None:
    with pytest.raises(StemwireError, match="needs samples"):
        Page(route="/x/(?P<name>.+)", show=_nothing, template="about.html")
    assert Page(route=r"/x\.txt", show=_nothing, links=(Link("X", place=1),)).address == "/x.txt"


@pytest.mark.parametrize(
    ("asked", "number"),
    [("", 1), ("1", 1), ("7", 7), ("100", 100), ("101", 100), ("0", 1), ("-1", 1), ("x", 1), ("²", 1), ("٢", 1),
     ("99999", 100), ("100000", 1)],
)  # fmt: skip
def test_the_page_of_a_list(asked: str, number: int) -> None:
    assert Request(params=[("page", asked), ("page", "3")]).number == number


def test_names_in_addresses() -> None:
    assert Request(parts={"name": "a-long-title-4b03"}).key == "4b03"
    assert Request(parts={"name": "4b03"}).key == "4b03"
    assert to_named("/story", "a-title", "4b03", "a-title-4b03") is None
    assert to_named("/story", "세포", "4b03", "old-4b03") == Redirect("/story/%EC%84%B8%ED%8F%AC-4b03", 301)


def test_what_is_not_there_is_missing(edition: FileEdition) -> None:
    for address in ("/document/x-0", "/story/x-0", "/series/0", "/source/x", "/entity/disease/x", "/entities/x"):
        with pytest.raises(PageMissing):
            ask(edition, address)


def mention(start: int, end: int, **other: str | int | None) -> Mention:
    given: dict[str, Any] = {
        "part": "text",
        "type": "disease",
        "surface": "s",
        "why": "w",
        "concept": None,
        "name": None, "role": None, "about": None, "checked": "",
    }  # fmt: skip
    return Mention(start=start, end=end, **given | other)


def test_paragraphs_are_cut_at_mentions() -> None:
    text = "Beta cells fail.\n\nThen islets do."
    beta, cells, over, islets = mention(0, 10), mention(5, 10), mention(11, 25), mention(23, 29)
    assert to_paragraphs(text, [cells, over, islets, beta]) == [
        [("Beta cells", beta), (" fail.", None)],
        [("Then islets do.", None)],  # the mention that reaches over the end hides the one that it overlaps
    ]
    assert to_paragraphs(text, [beta, islets])[1] == [("Then ", None), ("islets", islets), (" do.", None)]
    assert to_paragraphs("", [beta]) == []


def test_named_things_are_grouped_by_type() -> None:
    found = group_by_type([
        mention(0, 1, type="cell_type", concept="CL:1", name="A cell", surface="cell a", why="one"),
        mention(2, 3, type="cell_type", surface="Odd", why="none"),
        mention(4, 5, type="cell_type", concept="CL:1", name="A cell", surface="cell a", why="two"),
        mention(6, 7, type="disease", concept="D:1", name="Illness"),
        mention(8, 9, type="of_an_older_edition", surface="x"),
    ])  # fmt: skip
    assert [type_ for type_, _ in found] == ["disease", "cell_type", "of_an_older_edition"]
    assert found[1][1] == [
        Thing(type="cell_type", concept="CL:1", name="A cell", times=2, surfaces=["cell a"], whys=["one", "two"]),
        Thing(type="cell_type", concept=None, name="Odd", times=1, surfaces=["Odd"], whys=["none"]),
    ]


def test_what_a_document_is_about_comes_before_what_it_also_names() -> None:
    text = "It is rare. Mice had the illness for weeks! Others had a cold."
    named = split_by_topic(group_by_type([
        mention(21, 28, concept="D:1", name="Illness", about=1, role="studied"),
        mention(57, 61, concept="D:2", name="Cold", about=0, role="background"),
        mention(0, 1, type="place", concept="KR", name="South Korea"),
    ], text))  # fmt: skip
    told = [(heading, [(type_, [one.name for one in things]) for type_, things in some]) for heading, some in named]
    assert told == [
        ("What it is about", [("disease", ["Illness"])]),
        ("Also named", [("disease", ["Cold"]), ("place", ["South Korea"])]),
    ]
    assert named[0][1][0][1][0].roles == {"studied": "Mice had the illness for weeks!"}
    assert named[1][1][0][1][0].roles == {"background": "Others had a cold."}


def test_flags_follow_the_table_of_facets() -> None:
    rows = [
        FlagRow(owner=1, facet="species", value="human", n=9, rule="x/1"),
        FlagRow(owner=1, facet="species", value="mouse", n=1, rule="x/1"),
        FlagRow(owner=1, facet="species", value="rat", n=2, rule="x/1"),
        FlagRow(owner=1, facet="evidence", value="none", n=1, rule="x/1"),
        FlagRow(owner=1, facet="status", value="retracted", n=0, rule="x/1"),
        FlagRow(owner=2, facet="evidence", value="none", n=1, rule="x/1"),
    ]
    shown = (("status", "retracted", True), ("animal", "rat", False), ("animal", "mouse", False))
    assert to_flags(rows) == {1: tuple(Flag(filter=name, value=value, warns=warns) for name, value, warns in shown)}


def test_what_is_planned_is_no_flag_next_to_what_was_done() -> None:
    planned = FlagRow(owner=1, facet="outlook", value="planned", n=1, rule="x/1")
    done = FlagRow(owner=1, facet="evidence", value="phase 1", n=1, rule="x/1")
    assert [flag.value for flag in to_flags([planned])[1]] == ["planned"]
    assert [flag.value for flag in to_flags([planned, done])[1]] == ["phase 1"]


def test_labels_are_shown_by_facet() -> None:
    def label(facet: str, value: str) -> Label:
        return Label(facet=facet, value=value, sentence="", rule="x/1", kind="news")

    found = by_facet(
        [label("evidence", "none"), label("species", "mouse"), label("species", "rat"), label("scope", "in")]
    )
    assert [(facet.name, [one.value for one in some]) for facet, some in found] == [("species", ["mouse", "rat"])]
    rules = {
        "record": "its record",
        "nct:NCT1": "the record of its trial",
        "source": "its source",
        "doi:10.1/x": "its paper",
        "": "",
    }
    for rule, by in rules.items():
        one = Label(facet="evidence", value="animal", sentence="", rule=f"evidence/1:{rule}", kind="paper")
        assert one.by == by


def test_trials_of_body_systems_have_their_own_order() -> None:
    systems = list(facets().by_name["label", "system"].values)
    counts = [TrialCount(facet="system", value=value, status="", trials=n) for n, value in enumerate(systems[::-1])]
    counts += [TrialCount(facet="country", value=value, status="", trials=3) for value in ("US", "KR")]
    tables = {facet.name: [count.value for count in some] for facet, some in trials_by_facet(counts)}
    assert tables["system"] == systems
    assert tables["country"] == ["US", "KR"]  # as they come, not by the words of countries


def test_the_context_of_a_search() -> None:
    query = parse_query("nerve kind:news kind:paper")
    hit = Folded(best=Match(id=1, rank=0.0, day="2026-11-22"))
    reading = Reading(written=query, asked=query, query=query)
    search = Search(
        reading=reading, sort="best", apart=False, total=2001, whole=(hit,) * 2001, partly=(), missing={}, found=()
    )  # fmt: skip
    hits = Hits(search=search, whole=(), partly=(), told=None, facets=(), unknown=(), parts=())
    context = search_context(reading, {("kind", "news"): "News"}, hits, Request(params=[("page", "100")]))
    assert (context["last"], context["first_shown"], context["capped"]) == (100, 1981, True)
    assert [chip.label for chip in context["chips"]] == ["News", "paper"]  # type: ignore[attr-defined]
    assert context["chips"][0].params == [("q", "nerve"), ("kind", "paper")]  # type: ignore[index]
    assert context["hidden"] == [("kind", "news"), ("kind", "paper")]
    assert context["ranked"] == 0  # none of them was put in order


def test_charts() -> None:
    chart = draw_months({"2026-11": 3, "2024-01": 7}, "2026-11-22T04:51:00Z")
    assert chart is not None
    assert (len(chart.bars), chart.first, chart.last, chart.earlier) == (24, "2024-12", "2026-11", 7)
    assert [bar.partial for bar in chart.bars] == [False] * 23 + [True]
    few = draw_months({"2026-11": 3}, "2026-11-22T04:51:00Z", width=360, most=12)
    assert few is not None and [bar.count for bar in few.bars] == [0, 0, 0, 0, 0, 3]
    assert draw_months({}, "2026-11-22") is None
    assert draw_series([]).bars == ()


def test_the_page_of_the_guide_is_a_page(newsroom: tuple[Config, Path], tmp_path: Path) -> None:
    """The two files that docs/how-to/add-a-page.md writes, in a copy: routed, in the navigation, checked."""
    for folder in ("core", "publish", "nlp/entities", "nlp/classify", "datasette"):
        ignored = shutil.ignore_patterns("__pycache__", "editions", "lexicons", "compiled")
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignored)
    guide = (ROOT / "docs" / "how-to" / "add-a-page.md").read_text("utf-8")
    files = re.findall(r"^## \d\. The (?:module|template): `([^`]+)`\n\n```\w+\n(.*?)^```", guide, re.M | re.S)
    assert [name for name, _ in files] == ["publish/pages/languages.py", "datasette/templates/languages.html"]
    for name, text in files:
        (tmp_path / name).write_text(text, "utf-8")
    done = subprocess.run(
        [sys.executable, "-c", ASK, str(newsroom[1])], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    problems, data, page = done.stdout.split("\0")
    assert problems == "[]"
    assert '<li><a href="/languages">Languages</a></li>' in data
    assert '<a href="/search?lang=ko">Korean</a>' in page
    (tmp_path / files[1][0]).write_text("{{ found.nothing.there }}", "utf-8")  # a page that fails
    done = subprocess.run(
        [sys.executable, "-c", ASK, str(newsroom[1])], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert "/languages: answers 500, not 200" in done.stdout


ASK = """
import asyncio, sys
from pathlib import Path
from core.config import Config, Crawl, Paths
from publish.pages.serve import check_edition, make_site
edition = Path(sys.argv[1])
config = Config(crawl=Crawl(contact="mailto:a@b.example"), paths=Paths(editions=str(edition.parent)))
problems = check_edition(config, edition)
site = make_site(config, edition=edition)
async def ask():
    await site.invoke_startup()
    return [(await site.client.get(address)).text for address in ("/data", "/languages")]
print(problems, *asyncio.run(ask()), sep="\\0", end="")
"""


def test_an_etag_covers_all_that_decides_how_pages_look() -> None:
    found = {path.relative_to(ROOT).as_posix() for path in find_code()}
    assert {
        "datasette/templates/home.html", "datasette/styles/site.css", "publish/pages/home.py", "publish/search/fts.py",
        "core/facets.py", "core/facets.toml", "nlp/entities/disease.toml", "nlp/classify/evidence.toml",
    } <= found  # fmt: skip
    assert not [name for name in found if "__pycache__" in name or "editions/" in name]


def test_fields_without_a_default_are_columns() -> None:
    for page in (Label, FlagRow, Member):
        assert set(columns(page)) == {one.name for one in fields(page)}
