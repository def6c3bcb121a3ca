"""Everything that can be taken away: every page in every form that it declares, and whether the forms agree."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree

import feedparser
import httpx
import pytest
import rispy
from protego import Protego
from pybtex.database import parse_string

from publish.edition.build import SCHEMA, read_meta
from publish.pages import formats_documents, site_map, sitemap
from publish.pages.api import write_address
from publish.pages.formats import BOM, Table, csv_of, json_of, listed_rows, to_cell
from publish.pages.page import Field, Page, Request, with_suffix
from publish.pages.serve import list_pages
from publish.pages.views import CurrentEdition
from tests.publish.reader import Newsroom, Reader

SITE = "https://desk.example"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def parse(suffix: str, answer: httpx.Response) -> Any:  # noqa: ANN401 - what a form is read as
    """What a program of the kind makes of an answer. Raises where it is not of that form."""
    kind = answer.headers["content-type"]
    if suffix in ("json", "jsonfeed"):
        assert kind.startswith(("application/json", "application/feed+json"))
        return json.loads(answer.text)
    if suffix == "csv":
        assert kind == "text/csv; charset=utf-8" and answer.text.startswith(BOM)
        rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
        assert all(None not in row and None not in row.values() for row in rows)  # all lines have the same cells
        return rows
    if suffix == "ris":
        assert kind.startswith("application/x-research-info-systems")
        return rispy.load(io.StringIO(answer.text))
    if suffix == "bib":
        assert kind.startswith("application/x-bibtex")
        return parse_string(answer.text, "bibtex").entries
    assert suffix == "atom" and kind.startswith("application/atom+xml")
    read = feedparser.parse(answer.content)
    assert not read.bozo
    return read.entries


def places(newsroom: Newsroom) -> Iterator[tuple[Page, str]]:
    """Every page that can be taken away, at its samples that answer."""
    tried = [sample.address for sample in list_pages(newsroom[1]) if sample.status == 200]
    pages = site_map.own_pages()
    for address in tried:
        page = next((page for page in pages if re.fullmatch(page.route, address.partition("?")[0])), None)
        if page and page.formats and page.template:
            yield page, address


def test_every_page_answers_in_every_form(reader: Reader, newsroom: Newsroom) -> None:
    met: set[tuple[str, str]] = set()
    taken: dict[str, int] = {}
    for page, address in places(newsroom):
        taken[page.route] = taken.get(page.route, 0) + 1
        if taken[page.route] > 4:
            continue
        read: dict[str, Any] = {}
        for one in page.formats:
            answer = reader.get(with_suffix(address, one.suffix))
            assert answer.status_code == 200, (address, one.suffix, answer.text[:300])
            assert answer.headers["content-type"] == one.content_type
            read[one.suffix] = parse(one.suffix, answer)
            met.add((page.route, one.suffix))
            if one.suffix == "json":
                assert read["json"]["version"] == 1
                assert read["json"]["edition"].startswith("stemwire-")
                names = None if "csv" in {form.suffix for form in page.formats} else set(read["json"])
                if names is not None:
                    assert {field.name for field in one.fields} <= names, address
        agree(read, address)
    declared = {(page.route, one.suffix) for page in site_map.own_pages() for one in page.formats}
    assert met == declared


def agree(read: dict[str, Any], address: str) -> None:
    """The forms of one page say the same."""
    if "csv" in read and "json" in read:
        rows = list(read["json"].values())[-1]
        assert len(rows) == len(read["csv"]), address
        if "groups" in read["json"]:
            assert sum(group["documents"] for group in read["json"]["groups"]) == len(rows), address
        elif "count" in read["json"]:
            assert read["json"]["count"] == len(rows), address
        for given, row in zip(read["csv"], rows, strict=True):
            assert given == {name: "" if value is None else str(to_cell(value)) for name, value in row.items()}
    if "ris" in read and "bib" in read:
        assert len(read["ris"]) == len(read["bib"]), address
    if "ris" in read and "csv" in read:
        citable = [row for row in read["csv"] if row["kind"] in ("paper", "preprint", "trial")]
        assert [one["title"] for one in read["ris"]] == [" ".join(row["title"].split()) for row in citable], address


def test_every_link_to_a_form_works(reader: Reader, newsroom: Newsroom) -> None:
    linked: set[str] = set()
    seen: dict[str, int] = {}
    for page, address in places(newsroom):
        seen[page.route] = seen.get(page.route, 0) + 1
        if seen[page.route] > 2:
            continue
        text = reader.get(address).text
        heads = re.findall(r'<link rel="alternate" type="([^"]+)" title="[^"]*" href="([^"]+)"', text)
        forms = {one.content_type.partition(";")[0] for one in page.formats}
        assert forms <= {kind for kind, _ in heads}, address
        linked |= {href.replace("&amp;", "&") for _, href in heads}
        linked |= set(re.findall(r'href="(/[^"?]+\.(?:json|csv|ris|bib|atom|xml))"', text))
    linked |= set(re.findall(r'href="(/[^"]+)" rel="nofollow">Example', reader.get("/api").text))
    assert len(linked) > 40
    for address in sorted(linked):
        assert reader.get(address.replace("&amp;", "&")).status_code == 200, address


def test_the_api_names_everything(reader: Reader) -> None:
    told = json.loads(reader.get("/api.json").text)
    declared = {write_address(page.route) for page in site_map.own_pages() if page.formats}
    assert {one["address"] for one in told["addresses"]} == declared
    for one in told["addresses"]:
        for form in one["formats"]:
            assert form["example"], one["address"]
            path = form["example"].removeprefix(SITE)
            assert reader.get(path).status_code == 200, path
            for field in form["fields"]:
                assert field["name"] and field["about"]
    page = reader.get("/api").text
    for address in declared:
        assert f"<code>{address}</code>" in page
    described = [one for one in told["addresses"] if any(form["fields"] for form in one["formats"])]
    assert page.count("<summary>Fields</summary>") == len(described) > 10


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"), ("+1", "'+1"), ("-x", "'-x"), ("@SUM(A1)", "'@SUM(A1)"), ("\tx", "'\tx"), ("\rx", "'\rx"),
        ("a=1", "a=1"), ("", ""), (-3, -3), (2.5, 2.5), (None, None), (["a", "b"], "a; b"), (["=a"], "'=a"),
    ],
)  # fmt: skip
def test_no_cell_is_a_formula(value: object, cell: object) -> None:
    assert to_cell(value) == cell


FIELDS = (Field("name", "x"), Field("n", "y"))


def take(reader: Reader, table: Table, suffix: str) -> str:
    async def find(edition: object, request: Request) -> Table:
        return table

    form = {"json": json_of, "csv": csv_of}[suffix](find, FIELDS)

    async def read() -> str:
        stream = await form.show(CurrentEdition(reader.site), Request(site=SITE))
        return "".join([piece async for piece in stream.pieces])  # type: ignore[union-attr]

    return reader.run(read())


def test_a_cut_table_says_so(reader: Reader) -> None:
    def cut() -> Table:
        rows = listed_rows([("=a", 1)])
        return Table(name="rows", file="rows", fields=FIELDS, rows=rows, count=7, cut="1 of 7; all of it: /x")

    told = json.loads(take(reader, cut(), "json"))
    assert (told["count"], told["cut"], told["rows"]) == (7, "1 of 7; all of it: /x", [{"name": "=a", "n": 1}])
    assert take(reader, cut(), "csv") == f"{BOM}name,n\r\n'=a,1\r\n# 1 of 7; all of it: /x,\r\n"


def test_a_long_list_is_read_a_part_at_a_time(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    class Counting(CurrentEdition):
        async def execute(self, sql: str, params: Any) -> Any:  # noqa: ANN401
            asked.append(len(json.loads(params["ids"])) if "ids" in params else 0)
            return await CurrentEdition.execute(self, sql, params)

    monkeypatch.setattr(formats_documents, "CHUNK", 5)
    listing = formats_documents.Listing(name="x", ids=list(range(1, 24)))

    async def read() -> list[int]:
        table = formats_documents.to_table(Counting(reader.site), Request(site=SITE), listing)
        parts = []
        async for _ in table.rows:
            parts.append(len(asked))
        return parts

    parts = reader.run(read())
    assert len(parts) == 23 and max(asked) == 5
    assert parts[0] == 1 and parts[-1] == 5  # the last rows were not read before the first were given


def test_a_document_shows_no_text_that_its_page_does_not(reader: Reader, newsroom: Newsroom) -> None:
    with closing(sqlite3.connect(newsroom[1])) as edition:
        rows = edition.execute("SELECT slug || '-' || \"key\", licence FROM document").fetchall()
    for name, licence in rows:
        told = json.loads(reader.get(f"/document/{quote(name)}.json").text)
        assert (told["text"] is None) >= (licence == "headline-and-link")
    assert "marigold" not in json.dumps([reader.get(f"/document/{quote(name)}.json").text for name, _ in rows])


def addresses(reader: Reader, path: str) -> dict[str, str | None]:
    """address -> lastmod of a file of the site map."""
    answer = reader.get(path)
    assert answer.headers["content-type"] == "application/xml; charset=utf-8"
    root = ElementTree.fromstring(answer.content)
    return {one.findtext(f"{MAP}loc") or "": one.findtext(f"{MAP}lastmod") for one in root}


def test_the_site_map_lists_every_page(reader: Reader, newsroom: Newsroom) -> None:
    listed: dict[str, str | None] = {}
    for file in addresses(reader, "/sitemap.xml"):
        listed |= addresses(reader, file.removeprefix(SITE))
    with closing(sqlite3.connect(newsroom[1])) as edition:
        documents = [
            f"{SITE}/document/{quote(row[0])}" for row in edition.execute("SELECT slug || '-' || \"key\" FROM document")
        ]
        things = edition.execute("SELECT count(*) FROM entity").fetchone()[0]
    assert set(documents) <= set(listed)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", listed[one] or "") for one in documents)
    assert sum("/entity/" in one for one in listed) == things
    assert f"{SITE}/" in listed and f"{SITE}/api" in listed
    assert not [one for one in listed if urlsplit(one).query or one.startswith(f"{SITE}/stemwire")]
    for address in listed:
        assert reader.get(address.removeprefix(SITE)).status_code == 200, address


def test_a_long_month_has_several_files(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = [one for one in addresses(reader, "/sitemap.xml") if re.search(r"\d{4}-\d\d-1\.xml", one)]
    month = whole[0].removeprefix(f"{SITE}/sitemap-")[:7]
    expected = addresses(reader, f"/sitemap-{month}-1.xml")
    monkeypatch.setattr(sitemap, "MOST", 4)
    monkeypatch.setattr(sitemap, "CHUNK", 3)
    files = [one for one in addresses(reader, "/sitemap.xml") if f"sitemap-{month}-" in one]
    assert len(files) == -(-len(expected) // 4) > 1
    found: dict[str, str | None] = {}
    for file in files:
        part = addresses(reader, file.removeprefix(SITE))
        assert len(part) <= 4 and not set(part) & set(found)
        found |= part
    assert found == expected
    assert reader.get(f"/sitemap-{month}-{len(files) + 1}.xml").status_code == 404


def test_no_request_for_the_site_map_reads_a_whole_table() -> None:
    with closing(sqlite3.connect(":memory:")) as edition:
        edition.executescript(SCHEMA.read_text("utf-8"))
        for sql in (sitemap.NEWEST, sitemap.DOCUMENTS, sitemap.FIRST, sitemap.THINGS, sitemap.STORIES):
            params = {"month": "2026-11", "part": "2026-11", "after": 0, "most": 10, "skip": 0}
            plan = [row[3] for row in edition.execute(f"EXPLAIN QUERY PLAN {sql}", params)]
            assert all(line.startswith("SEARCH") for line in plan), (sql, plan)


def test_robots(reader: Reader) -> None:
    text = reader.get("/robots.txt").text
    rules = Protego.parse(text)
    assert list(rules.sitemaps) == [f"{SITE}/sitemap.xml"]
    for allowed in ("/", "/search.atom?q=stem", "/search", "/document/x-1.ris", "/entity/disease/MONDO:1.csv", "/api"):
        assert rules.can_fetch(f"{SITE}{allowed}", "crawler"), allowed
    for closed in ("/search?q=stem", "/search?kind=news&lang=ko", "/stemwire?sql=x", "/stemwire/document?kind=news"):
        assert not rules.can_fetch(f"{SITE}{closed}", "crawler"), closed


def test_the_browser_can_add_the_search(reader: Reader) -> None:
    answer = reader.get("/opensearch.xml")
    assert answer.headers["content-type"].startswith("application/opensearchdescription+xml")
    root = ElementTree.fromstring(answer.content)
    space = "{http://a9.com/-/spec/opensearch/1.1/}"
    assert 0 < len(root.findtext(f"{space}ShortName") or "") <= 16
    assert 0 < len(root.findtext(f"{space}Description") or "") <= 1024
    kinds = {one.get("type"): one.get("template", "") for one in root.iter(f"{space}Url")}
    found = reader.get(kinds["text/html"].removeprefix(SITE).replace("{searchTerms}", "stem"))
    assert found.status_code == 200


def test_the_box_says_how_to_cite(reader: Reader, newsroom: Newsroom) -> None:
    with closing(sqlite3.connect(newsroom[1])) as edition:
        name = edition.execute("SELECT slug || '-' || \"key\" FROM document LIMIT 1").fetchone()[0]
        meta = read_meta(edition)
    text = reader.get(f"/document/{quote(name)}").text
    assert f">{SITE}/document/{quote(name)}</a>" in text
    assert meta["name"] in text and f"<code>{meta['content']}</code>" in text
    assert f'href="/document/{quote(name)}.ris"' in text


def test_points_of_a_series_are_whole(reader: Reader, newsroom: Newsroom) -> None:
    with closing(sqlite3.connect(newsroom[1])) as edition:
        points = edition.execute("SELECT count(*) FROM series").fetchone()[0]
        figures = edition.execute("SELECT count(*) FROM figure").fetchone()[0]
    assert points and json.loads(reader.get("/series.json").text)["count"] == points
    assert len(json.loads(reader.get("/figures.json").text)["figures"]) == figures


def test_a_search_is_taken_away_whole(reader: Reader, newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    told = json.loads(reader.get("/search.json?q=stem+cells").text)
    for name in ("version", "query", "read_as", "groups", "count", "documents"):
        assert name in told
    for name in ("key", "url", "title", "day", "kind", "story", "evidence", "why", "members"):
        assert name in told["documents"][0], name
    assert told["groups"][0]["name"] == "all" and told["groups"][0]["documents"] == told["count"] > 1
    keys = [one["key"] for one in told["documents"]]
    assert len(set(keys)) == len(keys)
    assert all(set(one["members"]) <= set(keys) for one in told["documents"])
    for module in ("publish.pages.search_hits", "publish.search.fts"):
        monkeypatch.setattr(f"{module}.RANKED", 2)  # more documents than are put in order
    again = json.loads(reader.get("/search.json?q=stem+cells").text)
    assert {one["key"] for one in again["documents"]} >= {
        one["key"] for one in told["documents"] if one["group"] == "all"
    }
    assert again["ranked"] == 2 and again["count"] == told["count"]
    with closing(sqlite3.connect(newsroom[1])) as edition:
        documents = edition.execute("SELECT count(*) FROM document").fetchone()[0]
    everything = json.loads(reader.get("/search.json").text)
    assert everything["count"] == len(everything["documents"]) == documents


def test_a_search_that_is_refused_says_so_in_every_form(reader: Reader) -> None:
    for suffix in ("json", "csv", "ris", "bib"):
        answer = reader.get(f"/search.{suffix}?q=contry:KR")
        assert answer.status_code == 400 and answer.headers["content-type"].startswith("text/plain")
    nothing = json.loads(reader.get("/search.json?q=nonesuchword").text)
    assert (nothing["count"], nothing["documents"], nothing["groups"]) == (0, [], [])
