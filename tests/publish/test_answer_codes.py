"""What a request is answered with: the right status, one line that says why, and what may be kept by whom."""

from __future__ import annotations

import csv
import gzip
import io
import re
from collections.abc import Coroutine
from urllib.parse import urlencode

import httpx
import pytest

from publish.pages import table_csv
from publish.pages.assets import FOLDER
from publish.pages.exchange import takes_gzip
from publish.styles import join_styles, list_styles, styles_digest
from tests.publish.reader import Reader

READERS_FAULT = [
    "/stemwire/document?_sort=nope",
    "/stemwire/document.json?_sort_desc=nope",
    "/stemwire/document?_sort=id&_sort_desc=day",
    "/stemwire/document?id__gt=99999999999999999999999",
    "/stemwire/document.csv?id__lt=99999999999999999999999",
    "/stemwire/document?_facet={{7*7}}",
    "/stemwire/document?_facet_array=nope",
    "/stemwire/document?_timelimit=soon",
    "/stemwire/document?_next=x,y,z&_sort=day",
    "/stemwire/document?_size=%C2%B2",
    "/stemwire.csv?sql=select nope from mention",
    "/stemwire.json?sql=select nope from mention",
    "/stemwire?sql=select nope from mention",
    "/stemwire.csv?sql=drop table mention",
    "/stemwire.csv",
    "/stemwire/words_in_titles_and_texts.csv?words=%22",
    "/stemwire/document?_where=nope = 1",
]


@pytest.mark.parametrize("address", READERS_FAULT)
def test_what_the_address_gets_wrong_is_400_and_one_line(reader: Reader, address: str) -> None:
    answer = reader.get(address)
    assert answer.status_code == 400
    assert answer.headers["cache-control"] == "no-store" and "etag" not in answer.headers
    if ".json" in address:
        said = answer.json()["error"]
    elif "message-error" in answer.text:  # the editor stays, with the query in it
        [said] = re.findall(r'class="message-error">([^<]+)<', answer.text)
    else:
        [said] = re.findall(r"That cannot be answered</h1>\s*<p>([^<]+)</p>", answer.text)
    assert said.strip() and "\n" not in said.strip()


@pytest.mark.parametrize("address", ["/stemwire/nope", "/stemwire/nope.csv", "/stemwire/document/0"])
def test_what_is_not_there_is_404(reader: Reader, address: str) -> None:
    assert reader.get(address).status_code == 404


def test_a_time_limit_is_said_in_our_words(reader: Reader) -> None:
    endless = "with recursive c(x) as (select 1 union all select x + 1 from c) select count(*) from c"
    for end in ("", ".json", ".csv"):
        answer = reader.get(f"/stemwire{end}?{urlencode({'sql': endless})}")
        assert answer.status_code == 400
        assert "took longer than one second" in answer.text
        said = answer.text.split("<main")[-1].split("</main>")[0]
        assert "docs.datasette.io" not in answer.text and "<script>" not in said


def test_pages_about_the_machine_are_not_there(reader: Reader) -> None:
    for address in ("/-/", "/-/config", "/-/config.json", "/-/settings", "/-/patterns", "/-/nope", "/-/../-/versions"):
        answer = reader.get(address)
        assert answer.status_code == 404 and "There is no such page" in answer.text, address


def ask(reader: Reader, method: str, path: str, **headers: str) -> httpx.Response:
    asked: Coroutine[object, None, httpx.Response] = reader.site.client._request(method, path, headers=headers)
    return reader.run(asked)


@pytest.mark.parametrize("method", ["post", "delete", "options", "put", "patch"])
def test_pages_only_read(reader: Reader, method: str) -> None:
    for path in (
        "/",
        "/search",
        "/search.atom",
        "/stemwire",
        "/stemwire/document.json",
        "/static/site.css",
        "/nothing",
    ):
        answer = ask(reader, method, path)
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD"), path
        assert answer.headers["cache-control"] == "no-store"


def test_head_is_get_without_a_body(reader: Reader) -> None:
    for path in ("/", "/stemwire", "/stemwire/document.csv", "/nothing"):
        assert ask(reader, "head", path).status_code == reader.get(path).status_code


def test_304_comes_only_where_200_would(reader: Reader) -> None:
    for path in ("/", "/search?q=stem", "/stemwire/document.json", "/static/site.css", "/stemwire/document.csv"):
        first = reader.get(path)
        etag = first.headers["etag"]
        for held in (etag, etag.removeprefix("W/"), f'"x", {etag}', "*"):
            again = reader.get(path, headers={"if-none-match": held})
            assert (again.status_code, again.content) == (304, b""), path
            assert again.headers["etag"] == etag
        assert reader.get(path, headers={"if-none-match": etag[:-1] + 'x"'}).status_code == 200
    condition = {"if-none-match": etag}
    for path, status in (
        ("/nothing", 404), ("/search?q=contry:KR", 400), ("/feed", 302), ("/-/versions", 404),
        ("/stemwire/search_data", 403), ("/stemwire.json?sql=x", 400), ("/stemwire/document?_sort=nope", 400),
    ):  # fmt: skip
        assert reader.get(path, headers=condition).status_code == status, path
    assert ask(reader, "post", "/", **condition).status_code == 405


def test_pages_are_packed_for_those_who_take_it(reader: Reader) -> None:
    for path in ("/", "/search?q=stem", "/search.atom", "/static/site.css", "/stemwire/document.csv"):
        packed = reader.get(path, headers={"accept-encoding": "br, gzip"})
        plain = reader.get(path, headers={"accept-encoding": "gzip;q=0, identity"})
        assert packed.headers["content-encoding"] == "gzip" and "content-encoding" not in plain.headers, path
        assert packed.text == plain.text
        assert packed.headers["vary"] == plain.headers["vary"] == "Accept-Encoding"
        assert packed.headers["etag"] == plain.headers["etag"] and packed.headers["etag"].startswith("W/")
        if "content-length" in packed.headers:
            assert int(packed.headers["content-length"]) < len(plain.content) / 2
    assert len(gzip.compress(plain.content)) < len(plain.content)


def test_what_is_packed_is_not_packed_again(reader: Reader) -> None:
    image = reader.get("/-/static/favicon.png", headers={"accept-encoding": "gzip"})
    assert image.status_code == 200 and image.headers["content-type"] == "image/png"
    assert "content-encoding" not in image.headers


def test_the_icon_is_ours(reader: Reader) -> None:
    icon = reader.get("/favicon.ico")
    assert icon.headers["content-type"] == "image/svg+xml" and icon.text == (FOLDER / "mark.svg").read_text("utf-8")
    assert 'href="/static/mark.svg"' in reader.get("/").text


def test_gzip_is_taken_at_its_word() -> None:
    assert takes_gzip(b"gzip") and takes_gzip(b"deflate, GZIP;q=0.001") and takes_gzip(b"x-gzip")
    assert not takes_gzip(b"gzip;q=0") and not takes_gzip(b"gzip; q=0.00") and not takes_gzip(b"br, zstd")


def test_a_file_whose_address_names_its_content_is_kept_for_a_year(reader: Reader) -> None:
    page = reader.get("/").text
    [address] = re.findall(r'rel="stylesheet" href="(/static/site\.css\?[^"]+)"', page)
    assert address.endswith(styles_digest())
    assert reader.get(address).headers["cache-control"] == "public, max-age=31536000, immutable"
    [datasettes] = re.findall(r'href="(/-/static/app\.css\?[^"]+)"', reader.get("/stemwire").text)
    assert "immutable" in reader.get(datasettes).headers["cache-control"]
    for other in ("/static/site.css", "/static/site.css?other", "/static/../templates/home.html?x", "/"):
        assert "immutable" not in reader.get(other).headers["cache-control"]


def test_the_stylesheet_is_every_file_of_its_folder(reader: Reader) -> None:
    answer = reader.get("/static/site.css")
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert answer.text == join_styles()
    files = list_styles()
    assert files[0].name == "site.css" and [path.name for path in files[1:]] == sorted(path.name for path in files[1:])
    for path in files:
        assert path.read_text("utf-8") in answer.text, path.name


def test_colours_are_declared_in_one_place() -> None:
    """Only site.css, whose colours are checked for contrast, names colours; the others use its variables."""
    for path in list_styles()[1:]:
        named = re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[^{}]*[;}])|\b(?:rgb|hsl)a?\(", path.read_text("utf-8"))
        assert not named, (path.name, named)


def test_csv_of_a_table_is_all_of_it(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_csv, "ROWS", 7)  # so that it takes several parts
    found = list(csv.reader(io.StringIO(reader.get("/stemwire/document.csv").text)))
    assert len(found) == 1 + 34 and len({row[0] for row in found}) == 35
    sorted_ = list(csv.DictReader(io.StringIO(reader.get("/stemwire/document.csv?_sort=kind&_col=kind").text)))
    assert len(sorted_) == 34 and [row["kind"] for row in sorted_] == sorted(row["kind"] for row in sorted_)
    assert len(reader.get("/stemwire/document.csv?_size=5").text.splitlines()) == 6
    labelled = list(csv.DictReader(io.StringIO(reader.get("/stemwire/document.csv?_labels=on").text)))
    assert len(labelled) == 34 and all(row["source_label"] for row in labelled)
    assert reader.get("/stemwire/document.csv?_dl=on").headers["content-type"] == "text/csv; charset=utf-8"
    assert reader.get("/stemwire/newest_by_kind.csv?kind=paper").text.startswith("day,title")


def test_csv_of_sql_says_where_it_is_cut(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    many = "with recursive c(x) as (select 1 union all select x + 1 from c limit 5000) select x from c"
    address = f"/stemwire.csv?{urlencode({'sql': many})}"
    answer = reader.get(address)
    assert len(answer.text.splitlines()) == 5001 and "x-cut" not in answer.headers
    monkeypatch.setattr(table_csv, "ROWS_OF_SQL", 1500)
    answer = reader.get(address)
    lines = answer.text.splitlines()
    assert answer.headers["x-cut"] == "yes" and len(lines) == 1502 and "cut: more than 1,500 rows" in lines[-1]
