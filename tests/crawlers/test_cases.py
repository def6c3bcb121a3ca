"""Cases on wrong values: they fail while the value is wrong, and their twins hold no sentence of the page."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from core.config import Config, Crawl, Paths
from core.errors import UsageError
from core.stage import run_stage
from core.store import Store, new_run, open_to_read
from crawlers.authoring.cases import Case, find_cases, is_right, load_case, make_case, run_case, save_case
from crawlers.authoring.fixture import save_fixture
from crawlers.authoring.twin import KEPT, WORDS, make_twin
from crawlers.documents import extract
from tests.nights import NightRunner, a_source, rss
from tests.wire import Reply, Wire

PAGE = """<!doctype html><html lang="en"><head><title>Cells mend nerves | Gate Courier</title>
<meta property="og:title" content="Cells mend nerves"><meta property="article:published_time" content="2026-11-17">
<script type="application/ld+json">
{"@type": "NewsArticle", "headline": "Cells mend nerves", "author": "Ann Bell",
"datePublished": "2026-11-17T08:00:00+09:00", "about": "2026-11-17 was a day of nerves"}</script>
<script>var secret = "wording";</script><style>.secret { color: red }</style></head>
<body><nav><a href="/">Start</a></nav>
<article class="story"><h1 class="head">Cells mend nerves</h1><p class="by">By Ann Bell</p>
<p>Grafted cells mended torn nerves of mice within eight weeks, researchers at a university reported on Tuesday.<!-- a
comment -->Another clause of the courier follows the comment here.</p>
<p>The animals walked better than untreated ones, and no tumour was seen in any of the forty-eight mice.</p>
<p class="last">The courier also sells mugs with a print of mended nerves in its shop at the station.</p>
</article></body></html>"""


@pytest.fixture
def stored(wire: Wire, runner: NightRunner, tmp_path: Path) -> tuple[Config, Path]:
    """A page of a feed, collected and extracted: (configuration, work.db)."""
    link = wire.url("/news/cells-mend-nerves")
    wire.route("/feed", Reply(200, rss(("1", link, "Cells mend nerves")), {"content-type": "application/rss+xml"}))
    wire.route("/news/cells-mend-nerves", Reply(200, PAGE.encode(), {"content-type": "text/html; charset=utf-8"}))
    runner.night([a_source("gate_courier", feed=wire.url("/feed"))])
    with runner.stores() as (work, _):
        run_stage(extract.stage(runner.config()), work, new_run(work, "test"))
    sources = tmp_path / "sources"
    sources.mkdir()
    (sources / "gate_courier.toml").write_text(
        'name = "Gate Courier"\nkind = "news"\nabout = "Made for a test."\nlicence = "full"\nallow_private = true\n'
        f'[[feed]]\nurl = "{wire.url("/feed")}"\n',
        "utf-8",
    )
    return Config(crawl=Crawl(contact="mailto:desk@stemwire.example"), paths=Paths(sources=str(sources))), (
        runner.folder / "work.db"
    )


def case_of(stored: tuple[Config, Path], field: str, value: str, *, check: str = "is", ident: str = "") -> Case:
    config, path = stored
    with open_to_read(path, "work", attach={"raw": path.with_name("raw.db")}) as work:
        ident = ident or _ident(work)
        return make_case(config, work, ident, field, value, check=check, name="")


def _ident(work: Store) -> str:
    return str(work.value("SELECT id FROM document"))


def test_a_case_fails_until_the_rules_of_the_source_are_mended(stored: tuple[Config, Path], tmp_path: Path) -> None:
    case = case_of(stored, "text", "sells mugs", check="lacks")
    assert case.body == PAGE.encode() and not is_right(case, case.was)
    path = save_case(case, tmp_path / "recorded")
    assert load_case(path) == case
    rules = stored[0].sources / "gate_courier.toml"
    rules.write_text(rules.read_text("utf-8") + '[page]\ndrop = [".last"]\n', "utf-8")
    value = run_case(load_case(path))
    assert is_right(case, value) and "Grafted cells" in value


def test_a_case_knows_the_right_value_in_any_field(stored: tuple[Config, Path]) -> None:
    case = case_of(stored, "published", "2026-11-18")
    assert (case.was, case.right, case.call) == ("2026-11-17", "2026-11-18", "page")
    case = case_of(stored, "authors", '["Ann  Bell"]')
    assert (case.was, case.right) == ('["Ann Bell"]', '["Ann  Bell"]')
    assert case_of(stored, "title", "weeks", check="holds").was == "Cells mend nerves"


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [("titel", "x", "no field 'titel'"), ("title", "Cells mend nerves", "right already"), ("authors", "Ann", "JSON")],
)
def test_what_is_no_case_is_refused(stored: tuple[Config, Path], field: str, value: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        case_of(stored, field, value)


def test_a_capture_names_its_entry(stored: tuple[Config, Path]) -> None:
    with open_to_read(stored[1], "work", attach={"raw": stored[1].with_name("raw.db")}) as work:
        capture = str(work.value("SELECT capture FROM page"))
    assert case_of(stored, "published", "2026-11-18", ident=capture).was == "2026-11-17"


def test_an_entry_without_a_page_is_read_from_its_list_again(stored: tuple[Config, Path], tmp_path: Path) -> None:
    config, path = stored
    rules = config.sources / "gate_courier.toml"
    rules.write_text(rules.read_text("utf-8") + "[page]\nfetch = false\n", "utf-8")
    with open_to_read(path, "work", attach={"raw": path.with_name("raw.db")}) as work:
        entry = str(work.value("SELECT id FROM entry"))
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("DELETE FROM page")
    case = case_of(stored, "title", "Nerves mend cells", ident=entry)
    assert (case.call, case.was) == ("list", "Cells mend nerves")
    again = load_case(save_case(case, tmp_path / "recorded"))
    assert (
        run_case(replace(again, body=again.body.replace(b">Cells mend nerves<", b">Nerves mend cells<"))) == again.right
    )
    with pytest.raises(UsageError, match="no entry"):
        run_case(replace(again, body=again.body.replace(b">1<", b">2<")))


def test_a_twin_has_the_markup_and_none_of_the_words(stored: tuple[Config, Path]) -> None:
    twin = make_twin(case_of(stored, "published", "2026-11-18"))
    text = twin.body.decode("utf-8")
    words = set(re.findall(r"[a-z]+", re.sub(r"<(script|style)\b.*?</\1>|<[^>]*>", " ", PAGE, flags=re.S).lower()))
    shown = re.sub(r"<[^>]*>", " ", text) + json.dumps(
        {**twin.row, "source": "", "kind": "", "final_url": "", "url": ""}
    )
    kept = {name for name in words if name in KEPT or name in WORDS}
    assert not {word for word in words - kept if re.search(rf"\b{word}\b", shown.lower())}
    assert "secret" not in text and "comment" not in text
    assert re.findall(r'class="(\w+)"', text) == ["story", "head", "by", "last"]
    assert (
        'content="2026-11-17"' in text and twin.right == "2026-11-18" and "127.0.0.1" not in text + json.dumps(twin.row)
    )
    assert run_case(twin) == "2026-11-17"
    assert not Path(twin.source_file).is_absolute()


def test_a_twin_keeps_what_the_case_looks_for(stored: tuple[Config, Path], tmp_path: Path) -> None:
    case = case_of(stored, "text", "sells mugs", check="lacks")
    assert "sells mugs" in run_case(make_twin(case))
    title = case_of(stored, "title", "Cells mend")
    twin = make_twin(title)
    assert run_case(twin).startswith(twin.right)
    said = list(save_fixture(case, tmp_path / "tests"))
    assert [path.name for path in find_cases(tmp_path / "tests")] == ["cells-mend-nerves-text.toml"] * 2
    assert len(said) == 2 and "should lack 'sells mugs'" in said[0]
    with pytest.raises(UsageError, match="--name"):
        list(save_fixture(case, tmp_path / "tests"))
