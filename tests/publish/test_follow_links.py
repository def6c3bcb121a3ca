"""Links to the form of the letters desk: on every kind of page, with what is followed; and short addresses."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import lxml.html
import pytest
from protego import Protego

from core.config import Config, Letters
from core.records import FormerId
from core.store import Store
from publish.edition.build import key_of
from publish.edition.watch_lists import WatchList, watch_lists
from publish.pages.follow import filter_text, make_follow_address
from publish.pages.serve import make_site
from publish.search.clauses import Filter
from publish.search.query import parse_query
from publish.stage import publish
from tests.present import present
from tests.publish.reader import Newsroom, Reader

DESK = "http://127.0.0.1:8002"
EXAMPLES = {
    "story": """SELECT '/story/' || slug || '-' || "key", 'story', "key" FROM story""",
    "search": "SELECT '/search?q=nerve', 'q', 'nerve'",
    "search with filters": "SELECT '/search?q=nerve&kind=news', 'q', 'nerve kind:news'",
    "search that finds nothing": "SELECT '/search?q=nerve+zebra&kind=trial', 'q', 'nerve zebra kind:trial'",
    "source": "SELECT '/source/' || id, 'q', 'source:' || id FROM source WHERE documents",
}


@pytest.fixture(scope="module")
def edition(newsroom: Newsroom) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"file:{newsroom[1]}?mode=ro", uri=True)) as edition:
        edition.row_factory = sqlite3.Row
        yield edition


def follows(reader: Reader, address: str) -> list[list[tuple[str, str]]]:
    """What the links to the form ask for, in the order of the page."""
    answer = reader.get(address)
    assert answer.status_code == 200, address
    links = lxml.html.document_fromstring(answer.text).xpath("//main//a[contains(@class, 'follow')]")
    assert all(link.get("href").startswith(f"{DESK}/") and link.get("rel") == "nofollow" for link in links)
    return [parse_qsl(urlsplit(link.get("href")).query) for link in links]


@pytest.mark.parametrize("sql", EXAMPLES.values(), ids=list(EXAMPLES))
def test_each_page_leads_to_the_form_with_what_is_followed(
    reader: Reader, edition: sqlite3.Connection, sql: str
) -> None:
    address, name, value = edition.execute(sql).fetchone()
    assert follows(reader, address)[0] == [(name, value)]


def test_every_thing_is_followed_by_its_identifier(reader: Reader, edition: sqlite3.Connection) -> None:
    things = edition.execute("SELECT type, concept FROM entity WHERE documents > 0 GROUP BY type").fetchall()
    found = {type_: follows(reader, f"/entity/{type_}/{quote(concept, safe=':')}") for type_, concept in things}
    asked = {type_: some[0][0][1] for type_, some in found.items() if some}
    assert {"institution", "disease", "cell_type"} <= asked.keys()
    for type_, concept in things:
        if type_ in asked:
            assert [one.value for one in parse_query(asked[type_]).filters] == [concept]


def test_each_document_is_followed_by_what_lasts_longer_than_its_text(
    reader: Reader, edition: sqlite3.Connection
) -> None:
    own: dict[str, bool] = {}
    rows = edition.execute("""SELECT d.id, d.kind, '/document/' || d.slug || '-' || d."key", s."key" FROM document d
        JOIN member m ON m.document = d.id JOIN story s ON s.id = m.story""").fetchall()
    for ident, kind, address, story in rows:
        numbers = {
            *(f"{scheme}:{value}" for scheme, value in edition.execute(
                "SELECT scheme, value FROM identifier WHERE document = ?", (ident,))),
            *(ident for (ident,) in edition.execute("SELECT ident FROM link WHERE document = ?", (ident,))),
            *(ident for (ident,) in edition.execute("SELECT ident FROM document WHERE id = ?", (ident,))),
        }  # fmt: skip
        *first, last = follows(reader, address)
        assert last == [("story", story)], address
        assert {value for asked in first for _, value in asked} <= numbers, address
        own[kind] = own.get(kind, False) or bool(first)
    assert own["paper"] and own["news"], own


@pytest.mark.parametrize("one", [one for one in watch_lists() if one.query], ids=lambda one: one.name)
def test_a_list_is_followed_by_a_search_that_finds_its_documents(
    reader: Reader, edition: sqlite3.Connection, one: WatchList
) -> None:
    name, query = one.name, one.query
    assert follows(reader, f"/watch/{name}") == [[("q", query)]]
    sql = 'SELECT d."key" FROM watch w JOIN document d ON d.id = w.document WHERE list = ?'
    listed = {key for (key,) in edition.execute(sql, (name,))}
    found = reader.get(f"/search.json?{urlencode({'q': query})}").json()["documents"]
    assert {document["key"] for document in found if document["group"] == "all"} == listed


def test_a_site_without_sign_up_has_no_such_link(newsroom: Newsroom, edition: sqlite3.Connection) -> None:
    config = newsroom[0].model_copy(update={"letters": Letters(sign_up=False)})
    closed = Reader(config)
    try:
        assert make_site(config).stemwire.desk == ""
        for sql in EXAMPLES.values():
            assert "/follow" not in closed.get(edition.execute(sql).fetchone()[0]).text
        assert "By mail" not in closed.get("/feeds").text
    finally:
        closed.close()


def test_the_page_on_feeds_leads_to_both_forms(reader: Reader) -> None:
    page = lxml.html.document_fromstring(reader.get("/feeds").text)
    assert page.xpath("//a[@class='follow']/@href") == [f"{DESK}/follow", f"{DESK}/own"]


def test_what_is_followed_survives_the_address() -> None:
    own = ["doi:10.1002/(SICI)1097,0258<1661::AID>3.0.CO;2-2", "nct:NCT09000001"]
    address = make_follow_address(DESK, own=own)
    assert parse_qsl(urlsplit(address).query) == [("own", one) for one in own]
    for one in (Filter(name="disease", value="Parkinson disease"), Filter(name="institution", value="own:a(b)")):
        assert parse_query(filter_text(one.name, one.value)).filters == (one,)
    assert make_follow_address("", q="x") == ""


def test_short_addresses_lead_to_the_pages(reader: Reader, edition: sqlite3.Connection) -> None:
    for folder, short, table in (("document", "d", "document"), ("story", "s", "story")):
        slug, key = edition.execute(f'SELECT slug, "key" FROM {table}').fetchone()
        answer = reader.get(f"/{short}/{key}")
        assert (answer.status_code, answer.headers["location"]) == (302, f"/{folder}/{quote(slug)}-{key}")
    (gone,) = edition.execute('SELECT "key" FROM tombstone').fetchone()
    assert reader.get(reader.get(f"/d/{gone}").headers["location"]).status_code == 410
    assert {reader.get(address).status_code for address in ("/d/00000000", "/s/00000000", "/d/A-b")} == {404}


def test_a_short_address_with_a_former_key_leads_on(config: Config, work: Store, at_night: None) -> None:
    document = "https://hanbit.example/2026/ev-nerve"
    with work.writing():
        work.save(FormerId(id="https://hanbit.example/?p=12", document=document, first=True))
    present(publish(config, work).edition)
    site = Reader(config)
    try:
        moved = site.get(f"/d/{key_of('https://hanbit.example/?p=12')}")
        assert moved.status_code == 302 and moved.headers["location"].endswith(f"-{key_of(document)}")
    finally:
        site.close()


def test_crawlers_are_asked_to_leave_short_addresses_out(reader: Reader) -> None:
    rules = Protego.parse(reader.get("/robots.txt").text)
    assert not any(rules.can_fetch(f"https://desk.example{one}", "crawler") for one in ("/d/4b0363b3cc86", "/s/4b03"))
    assert all(rules.can_fetch(f"https://desk.example{one}", "crawler") for one in ("/data", "/stories", "/series"))
