"""Whether an answer is the page that was asked for: each rule, and nights on which a server gives something else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core import clock
from core.records import Run
from core.stage import run_stage
from core.store import new_run
from crawlers.documents import extract, inspect_page, judge_page
from crawlers.documents.verdict import Before, Evidence, carries, explain_kind, has_lost_path, judge, load_signs
from crawlers.pages.facts import PageFacts, find_facts, share_of
from relations import works
from tests.nights import NightRunner, a_source, rss
from tests.wire import Reply, Wire

HTML = {"content-type": "text/html; charset=utf-8"}
STORY = (
    "The group at Eastmere kept sheets of {0} cells alive for eleven weeks in a bath that is changed twice a day.",
    "Half of the sheets, which came from four donors, went on {0} after the ninth week, and nobody yet knows why.",
    "What they will do in a body is open: the group has asked for leave to test them in sheep, and has no answer.",
    "Two people who were not part of the work find the count of donors small and the method clear enough to repeat.",
)
PAGE = Evidence(
    status=200, asked="https://a.example/news/1", final="https://a.example/news/1", form="html", words=400,
    signs=frozenset(), asked_in_title=1.0, asked_in_text=1.0,
)  # fmt: skip
OTHER = replace(PAGE, asked_in_title=0.0, asked_in_text=0.1)
BEFORE = Before(words=400, title_kept=0.0, text_kept=0.0)


def markup(title: str, *paragraphs: str, head: str = "") -> bytes:
    body = "".join(f"<p>{text}</p>" for text in paragraphs)
    page = f"<html><head><title>{title}</title>{head}</head><body><h1>{title}</h1>{body}</body></html>"
    return page.encode()


def story(name: str) -> bytes:
    return markup(f"Sheets of {name} cells", *(text.format(name) for text in STORY))


NOTHING_HERE = markup(
    "Nothing under this name", "We looked on every shelf and have no such leaf; try the list of leaves."
)
FRONT = markup("Eastmere Daily", "Each morning we tell what was found out about cells, and each evening what was not.")
SIGN_IN = markup("Sign in", "Members read on here.", head="<body><form><input type=password></form>")


@pytest.mark.parametrize(
    ("kind", "evidence"),
    [
        ("page", PAGE),
        ("empty", replace(PAGE, form="empty", words=0)),
        ("part", replace(PAGE, status=206)),
        ("file", replace(PAGE, form="file", words=0)),
        ("page", replace(OTHER, form="pdf", words=0)),
        ("challenge", replace(PAGE, signs=frozenset(["header"]))),
        ("challenge", replace(OTHER, words=20, signs=frozenset(["marks"]))),
        ("page", replace(PAGE, signs=frozenset(["marks", "text:challenge"]))),
        ("home", replace(OTHER, final="https://a.example/")),
        ("home", replace(OTHER, final="https://www.a.example/en/index.html", asked_in_text=1.0)),
        ("page", replace(PAGE, final="https://a.example/")),
        ("wall", replace(OTHER, final="https://gate.a.example/?to=https%3A%2F%2Fa.example%2Fnews%2F1")),
        ("login", replace(OTHER, final="https://a.example/members/login")),
        ("home", replace(OTHER, others_here=1)),
        ("page", replace(PAGE, others_here=3)),
        ("page", replace(PAGE, asked_in_title=None, asked_in_text=None, others_here=1)),
        ("home", replace(PAGE, asked_in_title=None, asked_in_text=None, others_here=2)),
        ("missing", replace(OTHER, shared=0.9)),
        ("page", replace(PAGE, shared=1.0)),
        ("page", OTHER),  # a list may give another title than the page
        ("missing", replace(OTHER, words=40)),
        ("page", replace(OTHER, words=40, signs=frozenset(["article"]))),
        ("login", replace(OTHER, words=40, signs=frozenset(["login"]))),
        ("maintenance", replace(OTHER, words=40, signs=frozenset(["title:maintenance"]))),
        ("missing", replace(OTHER, signs=frozenset(["noindex"]))),
        ("wall", replace(PAGE, words=60, shared=0.7, before=replace(BEFORE, title_kept=1.0, text_kept=0.2))),
        ("page", replace(PAGE, words=60, before=replace(BEFORE, title_kept=1.0, text_kept=0.2))),
        ("empty", replace(PAGE, words=3, before=replace(BEFORE, title_kept=1.0))),
        ("missing", replace(OTHER, words=150, asked_in_title=None, asked_in_text=None, before=BEFORE)),
        ("page", replace(OTHER, words=390, asked_in_title=None, asked_in_text=None, before=BEFORE)),
    ],
)
def test_each_kind_of_evidence_and_what_speaks_against_it(kind: str, evidence: Evidence) -> None:
    verdict = judge(evidence)
    assert verdict.kind == kind and bool(verdict.why) == (kind != "page")
    if kind != "page":
        assert all(explain_kind(kind))


def test_an_address_that_leads_to_a_front_page_or_back() -> None:
    assert has_lost_path("https://a.example/x", "https://a.example/ko-kr/")
    assert has_lost_path("https://a.example/?p=7", "https://a.example/index.php")
    assert not has_lost_path("https://a.example/x", "https://a.example/?p=7")
    assert not has_lost_path("https://a.example/", "https://a.example/en")
    assert carries("https://b.example/go?next=/x/y", "https://a.example/x/y")
    assert not carries("https://a.example/x/y?from=feed", "https://a.example/x/y")
    assert not carries("https://b.example/?to=/", "https://a.example/")


def facts(body: bytes, asked: str = "Sheets of nerve cells", content_type: str = "text/html") -> PageFacts:
    known = load_signs()
    return find_facts(
        body, url="https://a.example/1", content_type=content_type, asked=asked, marks=known["challenge"]["marks"],
        phrases=known["phrases"],
    )  # fmt: skip


def test_facts_of_a_page() -> None:
    found = facts(story("nerve"))
    assert (found.form, found.title, found.asked_in_title) == ("html", "Sheets of nerve cells", 1.0)
    assert found.words > 75 and len(found.lines) == 4
    assert {line for line, _ in found.lines} == {line for line, _ in facts(story("nerve")).lines}
    menu = b"<nav><a href=/a>Seven words that lead to another page</a></nav></body>"
    assert facts(story("nerve").replace(b"</body>", menu)).words == found.words
    assert facts(SIGN_IN).signs == ("login", "title:login")
    assert facts(markup("X", head="<meta name=robots content='noindex, follow'>")).signs == ("noindex",)
    blank = b"<html><body><noscript>Please switch on what runs scripts in your browser now.</noscript></body></html>"
    assert (facts(blank).words, facts(blank).signs) == (0, ("noscript",))
    assert [facts(body, content_type=kind).form for body, kind in (
        (b" \n", "text/html"), (b"%PDF-1.4 x", "application/octet-stream"), (b"PK\x03\x04", "application/x-hwp"),
    )] == ["empty", "pdf", "file"]  # fmt: skip


def test_titles_are_compared_in_every_script() -> None:
    assert share_of("", "anything") is None
    assert share_of("줄기세포 은행의 새 규정", "새 규정 - 줄기세포 은행의 소식") == 1.0
    assert share_of("細胞移植の新しい規則", "細胞移植の新しい規則が決まる") == 1.0
    assert share_of("細胞移植の新しい規則", "お探しのページは見つかりません") < 0.3  # type: ignore[operator]


NAMES = ("nerve", "heart", "liver", "gland", "muscle", "blood")


def tell(runner: NightRunner) -> None:
    """What follows a night: the stages up to documents, and the issue."""
    with runner.stores() as (work, _):
        run: Run = new_run(work, "test")
        for stage in (works, inspect_page, judge_page, extract):
            run_stage(stage.stage(runner.config()), work, run)
        judge_page.tell_of_worse(work, run, 3)


def worse(wire: Wire) -> dict[str, Reply]:
    return {
        "nerve": Reply(202, markup("One moment"), HTML | {"x-amzn-waf-action": "challenge"}),
        "heart": Reply(200, NOTHING_HERE, HTML),
        "liver": Reply(302, b"", {"location": wire.url("/")}),
        "gland": Reply(302, b"", {"location": wire.url(f"/gate?to={wire.url('/gland')}")}),
        "muscle": Reply(200, b"", HTML),
        "blood": Reply(200, markup("Back at six", "Our pages are being painted tonight and will hang again."), HTML),
    }


def test_six_worse_answers_leave_six_good_documents_and_one_issue(runner: NightRunner, wire: Wire) -> None:
    items = [(name, wire.url(f"/{name}"), f"Sheets of {name} cells") for name in NAMES]
    wire.route("/feed", Reply(200, rss(*items), {"content-type": "text/xml"}))
    wire.route("/", Reply(200, FRONT, HTML))
    wire.route(f"/gate?to={wire.url('/gland')}", Reply(200, SIGN_IN, HTML))
    again = story("blood").replace(b"eleven", b"twelve")
    for name, bad in worse(wire).items():
        wire.route(
            f"/{name}", Reply(200, story(name), HTML), bad, Reply(200, again if name == "blood" else story(name), HTML)
        )
    runner.crawl = {"revisit_hours": 0.0}
    source = a_source("eastmere", feed=wire.url("/feed"))
    runner.night([source])
    tell(runner)
    shown = "SELECT id, title, text, hash, capture, basis, first_seen FROM document ORDER BY id"
    first = runner.rows(shown)
    assert [row["id"] for row in first] == sorted(wire.url(f"/{name}") for name in NAMES)
    assert not runner.issues("eastmere")
    runner.night([source])
    tell(runner)
    assert runner.rows(shown) == first
    assert {row["kind"] for row in runner.rows("SELECT kind FROM page_verdict")} == {
        "challenge", "missing", "home", "login", "empty"
    }  # fmt: skip
    assert [*runner.issues("eastmere")] == ["not_the_page"]
    assert "6 of 6 answers are not the pages asked for" in runner.issues("eastmere")["not_the_page"]
    assert len(runner.rows("SELECT id FROM raw.capture WHERE role = 'page'")) > 9, "what came is kept"
    runner.night([source], at="2026-11-26T03:00:00Z")
    tell(runner)
    assert not runner.issues("eastmere") and [*runner.issues("eastmere", resolved=True)] == ["not_the_page"]
    third = runner.rows(shown)
    assert [row["id"] for row in third] == [row["id"] for row in first]
    changed = [new["id"] for new, old in zip(third, first, strict=True) if new["text"] != old["text"]]
    assert changed == [wire.url("/blood")], "what is a page again is read again"


def test_on_a_first_visit_the_list_makes_the_documents(runner: NightRunner, wire: Wire) -> None:
    items = [(name, wire.url(f"/{name}"), f"Sheets of {name} cells") for name in NAMES]
    wire.route("/feed", Reply(200, rss(*items), {"content-type": "text/xml"}))
    wire.route("/", Reply(200, FRONT, HTML))
    wire.route(f"/gate?to={wire.url('/gland')}", Reply(200, SIGN_IN, HTML))
    for name, bad in worse(wire).items():
        wire.route(f"/{name}", bad, Reply(200, story(name), HTML))
    runner.crawl = {"revisit_hours": 0.0}
    source = a_source("eastmere", feed=wire.url("/feed"))
    runner.night([source])
    tell(runner)
    shown = "SELECT id, title, text, basis FROM document ORDER BY id"
    first = runner.rows(shown)
    assert {row["basis"] for row in first} == {"feed"} and len(first) == 6
    assert all(row["text"] == f"About {row['title']}." for row in first)
    assert [*runner.issues("eastmere")] == ["not_the_page"]
    runner.night([source])
    tell(runner)
    second = runner.rows(shown)
    assert [row["id"] for row in second] == [row["id"] for row in first]
    assert {row["basis"] for row in second} == {"page"} and not runner.issues("eastmere")


def test_a_part_of_a_page_or_of_a_list_is_none(runner: NightRunner, wire: Wire) -> None:
    feed = rss(("nerve", wire.url("/nerve"), "Sheets of nerve cells"))
    part = {"content-range": f"bytes 0-199/{len(feed)}", "content-type": "text/xml"}
    whole = {"content-range": f"bytes 0-{len(feed) - 1}/{len(feed)}", "content-type": "text/xml"}
    wire.route("/feed", Reply(206, feed, whole), Reply(206, feed[:200], part))
    wire.route("/nerve", Reply(200, story("nerve"), HTML), Reply(206, story("nerve")[:300], HTML))
    runner.crawl = {"revisit_hours": 0.0}
    source = a_source("eastmere", feed=wire.url("/feed"))
    assert not runner.night([source]).failed
    tell(runner)
    before = runner.rows("SELECT * FROM document")
    assert "206 Partial Content: 200 bytes came, bytes 0-199/" in runner.night([source]).failed["eastmere"]
    tell(runner)
    assert runner.rows("SELECT * FROM document") == before and len(before) == 1
    assert clock.parse(runner.rows("SELECT last_visit FROM page")[0]["last_visit"]).day == 23
