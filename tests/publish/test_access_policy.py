"""The access policy: headers, one edition a request, few queries at a time, what stays closed."""

from __future__ import annotations

import base64
import hashlib
import re
import sqlite3
from pathlib import Path
from urllib.parse import urlencode

import pytest

from core.store import open_store
from publish.pages import lanes
from publish.pages.assets import find_script, script_hash
from tests.publish.reader import Newsroom, Reader

ENDLESS = "with recursive c(x) as (select 1 union all select x + 1 from c) select count(*) from c"
OURS = (
    f"default-src 'none'; script-src '{script_hash()}'; connect-src 'self'; style-src 'self'; img-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def test_headers(reader: Reader) -> None:
    for page in (
        "/",
        "/search?q=contry:KR",
        "/nothing",
        "/search.atom",
        "/static/site.css",
        "/stemwire",
        "/stemwire.json?sql=x",
    ):
        answer = reader.get(page)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        policy = answer.headers["content-security-policy"]
        assert (policy == OURS) == (not page.startswith("/stemwire")), page
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
        assert "set-cookie" not in answer.headers
        assert ("etag" in answer.headers) == (answer.status_code == 200)
        assert answer.headers["cache-control"] == ("public, max-age=60" if answer.status_code == 200 else "no-store")


def test_the_policy_runs_one_script_and_every_page_has_it_as_it_is(reader: Reader) -> None:
    for page in ("/", "/search?q=contry:KR", "/nothing", "/about"):
        scripts = re.findall(r"<script>(.*?)</script>", reader.get(page).text, re.S)
        assert scripts == [find_script()], page
        digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
        assert f"script-src 'sha256-{digest}'; " in reader.get(page).headers["content-security-policy"]


def test_an_unchanged_page_is_not_sent_twice(reader: Reader) -> None:
    first = reader.get("/search?q=stem")
    again = reader.get("/search?q=stem", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert reader.get("/search?q=stem", headers={"if-none-match": '"other"'}).status_code == 200


def test_the_host_that_a_reader_names_counts_for_nothing(reader: Reader) -> None:
    for page in ("/", "/search.atom", "/stemwire/document.json?_size=1", "/stemwire/document?_size=1"):
        answer = reader.get(page, headers={"host": "evil.example", "x-forwarded-host": "evil.example"})
        assert answer.status_code == 200
        assert "evil.example" not in answer.text.replace("//evil.example&gt;", "")


def test_nothing_tells_where_the_files_are(reader: Reader, newsroom: Newsroom) -> None:
    folder = str(newsroom[0].editions)
    pages = [
        "/stemwire",
        "/stemwire.json",
        "/stemwire/document.json",
        "/-/metadata.json",
        "/-/settings.json",
        "/-/databases.json",
        "/-/plugins.json",
        "/-/versions.json",
        "/-/threads.json",
        "/_memory",
        "/_internal",
        "/_internal/databases.json",
        "/stemwire.db",
        "/-/metadata",
        "/about",
        "/stemwire/document.csv",
        "/stemwire.json?sql=select+sqlite_version()",
        "/.json",
        "/-/",
        "/static/../metadata.yaml",
        "/static/%2e%2e/settings.json",
    ]
    for page in pages:
        answer = reader.get(page)
        assert folder not in answer.text and "/home" not in answer.text and ".py" not in answer.text, page
        assert answer.status_code < 500, page
    for page in ("/stemwire.db", "/_memory", "/_internal", "/-/databases.json", "/-/threads.json"):
        assert reader.get(page).status_code in (403, 404), page


def test_readers_sql_waits_in_a_narrow_lane(reader: Reader) -> None:
    pages = [f"/stemwire.json?{urlencode({'sql': f'{ENDLESS} -- {n}'})}" for n in range(16)]
    answers = reader.all([*pages, "/", "/search?q=stem"])
    statuses = [answer.status_code for answer in answers]
    assert statuses[-2:] == [200, 200]
    assert 503 in statuses and 400 in statuses and set(statuses[:-2]) == {400, 503}
    assert all(a.headers["retry-after"] == "5" for a in answers if a.status_code == 503)
    assert reader.sql("select 1").status_code == 200


def test_beyond_the_queue_nobody_waits(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(lanes.QUEUE, "sql", 0)
    answers = reader.all([f"/stemwire.json?{urlencode({'sql': f'{ENDLESS} -- {n}'})}" for n in range(5)])
    assert sorted(answer.status_code for answer in answers) == [400, 400, 503, 503, 503]
    assert reader.sql("select 1").status_code == 200  # the places are free again


def test_letters_are_not_opened(reader: Reader, newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []
    real = sqlite3.connect

    def note(path: str | Path) -> str | Path:
        opened.append(str(path))
        return path

    monkeypatch.setattr(sqlite3, "connect", lambda path, *args, **more: real(note(path), *args, **more))
    with open_store(newsroom[0].data("letters.db"), "letters"):
        pass
    opened.clear()
    other = Reader(newsroom[0])
    assert other.get("/").status_code == 200
    assert other.get("/stemwire").status_code == 200
    assert opened and not [path for path in opened if "letters" in path or "work.db" in path or "raw.db" in path]
    other.close()
