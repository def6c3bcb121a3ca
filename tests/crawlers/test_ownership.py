"""Nights on which addresses lie: what becomes of documents whose id rests on one claim, and who makes them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from core.config import SourceFile
from core.stage import run_stage
from core.store import new_run
from crawlers.documents import extract
from crawlers.documents.rebuild import rebuild
from crawlers.titles import Told, is_same_story, titles_agree
from tests.nights import NightRunner, a_source, rss

Item = tuple[str, str, str]  # guid, link, title


@pytest.fixture
def nights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> NightRunner:
    (tmp_path / "recording").mkdir()
    return NightRunner(tmp_path, monkeypatch)


def page(title: str, *, head: str = "", words: str = "") -> bytes:
    """A page whose text has something of its own in every sentence."""
    about = words or title
    paragraphs = "".join(
        f"<p>{about}: the laboratory told reporters on day {n} that {about.lower()} had gone well in {n * 7} of its"
        f" dishes, and that it would repeat the work before it said more about {about.lower()}.</p>"
        for n in range(1, 5)
    )
    head = f"<head><title>{title}</title>{head}</head>"
    return f"<html>{head}<body><article><h1>{title}</h1>{paragraphs}</article></body></html>".encode()


def run(nights: NightRunner, sources: Sequence[SourceFile], answers: Mapping[str, bytes]) -> None:
    """One night: these answers and no others. Feeds are those that begin with `<?xml`."""
    folder, lines = nights.folder / "recording", []
    for number, (url, body) in enumerate(answers.items()):
        (folder / f"{number}.bin").write_bytes(body)
        kind = "text/xml" if body.startswith(b"<?xml") else "text/html; charset=utf-8"
        lines.append({"url": url, "status": 200, "headers": {"content-type": kind}, "file": f"{number}.bin"})
    (folder / "index.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    nights.night(sources, recorded=folder)
    read(nights)


def read(nights: NightRunner) -> None:
    with nights.stores() as (work, _):
        run_stage(extract.stage(nights.config()), work, new_run(work, "extract"))


def documents(nights: NightRunner) -> dict[str, str]:
    return {row["id"]: row["title"] for row in nights.rows("SELECT id, title FROM document")}


def flags(nights: NightRunner) -> list[tuple[str, str]]:
    kinds = "('owner_changed', 'takeover_refused')"
    return [
        (row["kind"], row["source"]) for row in nights.rows(f"SELECT * FROM issue WHERE kind IN {kinds} ORDER BY 1")
    ]


def own(host: str, items: Sequence[Item], heads: str = "") -> dict[str, bytes]:
    """A feed at a host, and a page for each of its items."""
    pages = {link: page(title, head=heads) for _, link, title in items}
    return {f"https://{host}/feed": rss(*items), **pages}


TITLES = ("Heart patches beat", "Nerves grow back", "A bank opens", "Eyes are treated", "Blood from a dish")


@pytest.mark.parametrize(
    "path",
    [
        "/news.php?sid={}",
        "/v?ref=2024-{}",
        "/v?source={}",
        "/v?m={}",
        "/v?share={}&from=9",
        "/#!/news/{}",
        "/#/n/{}",
        "/all#a{}",
    ],
)
def test_what_tells_listed_items_apart_is_no_tracker(nights: NightRunner, path: str) -> None:
    items = [(f"g{n}", f"https://x.example{path.format(n)}", title) for n, title in enumerate(TITLES, 1)]
    run(nights, [a_source("x", feed="https://x.example/feed")], own("x.example", items))
    assert sorted(documents(nights).values()) == sorted(TITLES)


@pytest.mark.parametrize(
    "canonical", ["https://x.example/about-our-stem-cell-desk", "https://x.example/news/1", "/news/", "/en/news/7"]
)
def test_one_canonical_address_on_all_pages_names_none_of_them(nights: NightRunner, canonical: str) -> None:
    items = [(f"g{n}", f"https://x.example/news/{n}", title) for n, title in enumerate(TITLES, 1)]
    answers = own("x.example", items, f'<link rel="canonical" href="{canonical}">')
    run(nights, [a_source("x", feed="https://x.example/feed")], answers)
    assert documents(nights) == {link: title for _, link, title in items}
    before = nights.rows("SELECT * FROM document ORDER BY id")
    read(nights)
    assert nights.rows("SELECT * FROM document ORDER BY id") == before
    assert nights.rows("SELECT count(*) AS n FROM former_id WHERE id IN (SELECT id FROM document)") == [{"n": 0}]


def test_items_that_lead_to_one_page_are_told(nights: NightRunner) -> None:
    source = a_source("x", feed="https://x.example/feed")
    items = [(f"g{n}", "https://x.example/podcast", title) for n, title in enumerate(TITLES)]
    run(nights, [source], own("x.example", items))
    assert "4 of 5 items" in nights.issues("x")["folded"]
    run(nights, [source], own("x.example", [(guid, f"{link}/{guid}", title) for guid, link, title in items]))
    assert "folded" not in nights.issues("x")


def test_two_entries_of_one_story_are_one_document(nights: NightRunner) -> None:
    head = '<link rel="canonical" href="https://x.example/n/heart-patches-beat-on">'
    items = [("g1", "https://x.example/n/1", TITLES[0]), ("g2", "https://x.example/press/9", TITLES[0])]
    run(nights, [a_source("x", feed="https://x.example/feed")], own("x.example", items, head))
    assert documents(nights) == {"https://x.example/n/heart-patches-beat-on": TITLES[0]}
    assert len(nights.rows("SELECT * FROM appearance")) == 2


def test_a_site_that_moves_to_https_keeps_its_documents(nights: NightRunner) -> None:
    source = a_source("x", feed="https://x.example/feed")
    for base in ("http://x.example/", "https://www.x.example/"):
        items = [(f"{base}?p={n}", f"{base}{n}/", title) for n, title in enumerate(TITLES)]
        run(nights, [source], own("x.example", items))
        assert list(documents(nights)) == [f"http://x.example/{n}/" for n in range(5)]
    assert len(nights.rows("SELECT * FROM entry")) == 5


def test_a_feed_whose_guids_and_links_change_leaves_former_ids(nights: NightRunner) -> None:
    source = a_source("x", feed="https://x.example/feed")
    for path in ("old/{}", "press/{}-cells"):
        items = [(path.format(n), f"https://x.example/{path.format(n)}", title) for n, title in enumerate(TITLES)]
        run(nights, [source], own("x.example", items))
    assert len(nights.rows("SELECT * FROM entry")) == len(documents(nights)) == 5
    former = {row["id"]: row["document"] for row in nights.rows("SELECT * FROM former_id")}
    assert former == {f"https://x.example/old/{n}": f"https://x.example/press/{n}-cells" for n in range(5)}
    for damaged in (False, True):
        for database in nights.folder.glob("work.db*"):
            database.rename(database.with_name(database.name.replace("work.db", "work.db.before")))
        if damaged:
            (nights.folder / "work.db.before").write_bytes(b"no database" * 100)
        with nights.stores() as (work, raw):
            rebuild(nights.config(), work, raw, new_run(work, "rebuild"), [source])
        read(nights)
        kept = {row["id"]: row["document"] for row in nights.rows("SELECT * FROM former_id")}
        assert kept == ({} if damaged else former) and set(documents(nights)) == set(former.values())


A = a_source("a", feed="https://a.example/feed", page={"fetch": False}, home="https://a.example/")
B = a_source("b", feed="https://b.example/feed", home="https://b.example/")
STOLEN = {"https://a.example/feed": rss(("1", "https://b.example/1", "Trial of stem cells stopped after deaths"))}
REAL = own("b.example", [("1", "https://b.example/1", "Stem cells mend a heart")])


def test_the_publisher_gets_its_document_back_and_a_person_is_told(nights: NightRunner) -> None:
    run(nights, [A], STOLEN)
    assert documents(nights) == {"https://b.example/1": "Trial of stem cells stopped after deaths"}
    for _ in range(2):
        run(nights, [A, B], STOLEN | REAL)
        assert documents(nights) == {"https://b.example/1": "Stem cells mend a heart"}
        assert nights.rows("SELECT entry, text LIKE '%reporters%' AS own FROM document") == [{"entry": "b:1", "own": 1}]
        assert [row["source"] for row in nights.rows("SELECT source FROM appearance ORDER BY 1")] == ["a", "b"]
        assert flags(nights) == [("owner_changed", "b")]
    assert nights.rows("SELECT count(*) AS n FROM version") == [{"n": 0}], "another's words are no earlier version"


def test_a_takeover_is_refused_and_told(nights: NightRunner) -> None:
    run(nights, [B], REAL)
    run(nights, [A, B], STOLEN | REAL)
    assert documents(nights) == {"https://b.example/1": "Stem cells mend a heart"}
    assert [row["source"] for row in nights.rows("SELECT source FROM appearance ORDER BY 1")] == ["a", "b"]
    assert flags(nights) == [("takeover_refused", "a")]


@pytest.mark.parametrize(
    "link", ["https://b.example/1", "http://www.b.example/1/?utm_source=a", "https://b.example/1?ref=rss"]
)
def test_an_aggregator_under_the_same_title_only_appears(nights: NightRunner, link: str) -> None:
    listed = {"https://a.example/feed": rss(("1", link, "Stem cells mend a heart"))}
    run(nights, [A], listed)
    run(nights, [A, B], listed | REAL)
    assert list(documents(nights).values()) == ["Stem cells mend a heart"]
    assert [row["source"] for row in nights.rows("SELECT source FROM document")] == ["b"]
    run(nights, [A, B], listed | REAL)
    assert flags(nights) == [("owner_changed", "b")]


def test_one_night_with_both_is_no_change_of_owner(nights: NightRunner) -> None:
    listed = {"https://a.example/feed": rss(("1", "https://b.example/1", "Stem cells mend a heart"))}
    run(nights, [A, B], listed | REAL)
    assert [row["source"] for row in nights.rows("SELECT source FROM document")] == ["b"]
    assert flags(nights) == []


def test_what_the_publisher_no_longer_has_goes_to_who_else_lists_it(nights: NightRunner) -> None:
    run(nights, [A, B], STOLEN | REAL)
    with nights.stores() as (work, _), work.writing():
        work.execute("DELETE FROM entry WHERE source = 'b'")
    read(nights)
    read(nights)
    assert nights.rows("SELECT id, entry FROM document") == [{"id": "https://b.example/1", "entry": "a:1"}]


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        ("Heart patches beat", "Heart patches beat!", True),
        ("Heart patches beat", "Heart patches beat for ninety days", True),
        ("Story 1 about cell type 1", "Story 2 about cell type 2", False),
        ("Heart patches beat", "Nerves grow back", False),
        (
            "The first trial of cells for the heart begins in Kyoto",
            "First trial of cells for the heart begins in Kyoto",
            True,
        ),
    ],
)
def test_titles(one: str, other: str, agree: bool) -> None:
    assert titles_agree(one, other) == agree


def test_texts_speak_where_titles_do_not() -> None:
    texts = [" ".join(f"{word}{n}" for n in range(60)) for word in ("heart", "nerve")]
    first, second = (Told(listed="Digest of the week", title="Digest", text=text) for text in texts)
    assert not is_same_story(first, second)
    assert is_same_story(first, first)
