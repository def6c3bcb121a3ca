"""The check of a text, with the real reader, in real workers, against the edition of the newsroom of these tests."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.config import ROOT, Config
from core.errors import UsageError
from core.records import Json
from core.stage import Address
from pipeline import check_parts
from publish.check.checking import WAITING, Busy, Checker, NotChecked
from publish.check.describing import describe
from publish.check.pages import MOST_BODY, CheckPages
from publish.check.terminal import make_json, make_lines
from publish.letters.desk import Desk
from publish.pages.site_map import navigation
from tests.publish.reader import Newsroom
from tests.wire import Reply, Wire

RELEASE = """Lab-grown crest cells mend nerves

A group reports in Cell Fates & Repair (doi:10.5555/cfr.2026.008) that cells grown on a plate follow a graded signal.

The cells were given to mice. The mice walked again after eight weeks, and no tumour was seen in any of the mice.

“We were surprised by how sharp the borders are,” said Petra Sørensen of Northlake University, who was not involved in
the study.

The trial is registered as NCT05550001. The sentence with the zanzibar word is only here.
"""
MICE = (
    "Cells from teeth mend torn nerves\n\nStem cells from teeth were put on the torn nerves of 48 mice. The nerves of"
    " the mice grew back faster than in untreated animals.\n"
)
COPY = """Small parcels that cells shed can stand in for the cells themselves. That is what a group at Konkuk University
reports after two years of work with mice whose sciatic nerve had been crushed.

Eight weeks after the injection the treated animals spread their toes almost as widely as healthy ones, while the
untreated dragged the foot."""


@pytest.fixture(scope="module")
def checker(newsroom: Newsroom) -> Iterator[Checker]:
    config = newsroom[0]
    parts = check_parts(config)
    opened = Address(
        module=parts.read_given.module, function=parts.read_given.function,
        settings={**parts.read_given.settings, "opened": ("127.0.0.1",)},
    )  # fmt: skip
    with Checker(config, replace(parts, read_given=opened)) as made:
        yield made


@pytest.fixture(scope="module")
def release(checker: Checker) -> Json:
    return checker.check(body=RELEASE.encode())


def lines_of(result: Json, title: str) -> list[str]:
    return [
        f"{one.label} {one.link} {one.text}" for part in describe(result) if part.title == title for one in part.lines
    ]


def test_papers_and_trials_that_are_named_are_found_with_what_became_of_them(release: Json) -> None:
    paper, trial = release["rests_on"]
    assert (paper["relation"], paper["identifier"], paper["here"]) == ("paper", "doi:10.5555/cfr.2026.008", True)
    assert paper["status"]["status"] == "retracted"
    assert (trial["relation"], trial["identifier"]) == ("trial", "nct:NCT05550001")
    assert any("was retracted on 20 November 2026" in line for line in lines_of(release, "In short"))
    basis = " ".join(lines_of(release, "What it rests on"))
    assert "Retracted by its journal: unreliable results." in basis
    assert "the text names doi:10.5555/cfr.2026.008 in paragraph" in basis


def test_what_was_done_has_its_sentence(checker: Checker) -> None:
    result = checker.check(body=RELEASE.partition("The trial is")[0].encode())
    done = next(part for part in describe(result) if part.title == "What was done")
    stage = next(line for line in done.lines if line.label == "Stage of the work")
    assert "mice" in stage.quote
    assert stage.text.startswith("animal")


def test_the_step_is_that_of_stories(checker: Checker) -> None:
    result = checker.check(body=MICE.encode())
    assert (result["step"]["number"], result["step"]["name"]) == (2, "animals")
    assert "animals, 2 of 5" in " ".join(lines_of(result, "What was done"))


def test_what_rests_on_a_retracted_paper_gets_no_step(release: Json) -> None:
    assert release["step"]["number"] is None


def test_speakers(release: Json) -> None:
    (speaker,) = release["speakers"]
    assert (speaker["name"], speaker["independent"]) == ("Petra Sørensen", "yes")


def test_who_else_tells_it_is_found_in_texts_that_are_not_shown(checker: Checker) -> None:
    result = checker.check(body=COPY.encode())
    first = result["others"][0]
    assert first["title"] == "Vesicles from neural crest cells help crushed nerves of mice regrow"
    assert first["share"] > 0.5
    assert "marigold" not in json.dumps(result)  # that text may not be shown, and is not


def test_another_text_shares_nothing(checker: Checker) -> None:
    result = checker.check(body=b"The bus to the harbour leaves at nine, and the driver knows every passenger by name.")
    assert result["others"] == []
    assert result["rests_on"] == []
    assert not any(line.alert for part in describe(result) for line in part.lines)
    assert "No paper and no trial could be identified" in " ".join(lines_of(result, "What it rests on"))


def test_a_list_says_what_is_known_and_what_is_not(checker: Checker) -> None:
    bib = b"""@article{one, title={A graded signal}, pmid={39990008}}
    @article{two, doi={10.5555/op.2026.11.1}}
    @article{three, doi={10.5555/never.seen}}
    @article{four, title={A graded signal orders the fate of human neural crest cells in a dish}}"""
    result = checker.check(body=bib)
    found = {one["name"]: one["record"] for one in result["references"]}
    assert found["one"]["status"]["status"] == "retracted"
    assert (found["two"]["here"], found["two"]["kind"]) == (True, "preprint")
    assert (found["three"]["here"], found["three"]["status"]) == (False, None)
    assert found["four"]["identifier"] == "doi:10.5555/cfr.2026.008"
    assert "4 references: 2 retracted" in lines_of(result, "In short")[0]
    assert "three" in lines_of(result, "Unknown here")[0] or "never.seen" in lines_of(result, "Unknown here")[0]


def test_an_address_of_an_identifier_is_not_fetched(checker: Checker) -> None:
    result = checker.check(url="https://doi.org/10.5555/cfr.2026.008")
    assert result["references"][0]["record"]["status"]["status"] == "retracted"


def test_an_address_is_fetched(checker: Checker, wire: Wire) -> None:
    page = f"<html><body><article><h1>Mend</h1><p>{RELEASE.replace(chr(10) * 2, '</p><p>')}</p></article></body></html>"
    wire.route("/a", Reply(body=page.encode(), headers={"Content-Type": "text/html; charset=utf-8"}))
    result = checker.check(url=wire.url("/a"))
    assert result["rests_on"][0]["status"]["status"] == "retracted"
    with pytest.raises(NotChecked, match="its address is loopback"):
        checker.check(url="http://127.0.0.2/a")


HOSTILE = {
    "nothing": b"", "binary": bytes(range(256)) * 50, "zero": b"mice \x00 cells", "image": b"\x89PNG\r\n\x1a\n\x00",
    "deep": b"<html><body>" + b"<div>" * 200_000, "direction": "\u202e\u2066\u200b".encode(), "damaged": b"%PDF-1.7 x",
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_input_gives_one_clear_line(checker: Checker, name: str) -> None:
    with pytest.raises(NotChecked) as caught:
        checker.check(body=HOSTILE[name])
    assert "\n" not in str(caught.value)
    assert "Traceback" not in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [b"mice " * 40_000, b"(" * 100_000, b"a.b@c-" * 20_000, "줄기세포".encode() * 20_000, b'"' * 90_000 + b" mice"],
    ids=["words", "brackets", "signs", "korean", "quotes"],
)
def test_long_texts_end(checker: Checker, body: bytes) -> None:
    try:
        result = checker.check(body=body)
    except NotChecked as problem:
        assert "\n" not in str(problem)
    else:
        assert result["rests_on"] == []


def test_the_next_one_is_served_after_all_that(checker: Checker, release: Json) -> None:
    assert checker.check(body=RELEASE.encode())["rests_on"] == release["rests_on"]


def test_nothing_of_a_text_is_kept(checker: Checker, newsroom: Newsroom, capfd: pytest.CaptureFixture[str]) -> None:
    folder = newsroom[0].editions.parent
    checker.check(body=RELEASE.encode())
    with pytest.raises(NotChecked):
        checker.check(body=b"zanzibar \x00")
    said = capfd.readouterr()
    assert "zanzibar" not in said.out + said.err
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if b"zanzibar" in path.read_bytes()]


def test_others_have_to_wait(newsroom: Newsroom) -> None:
    config = newsroom[0]
    with Checker(config, check_parts(config)) as checker, checker._turn:
        waiting = [threading.Thread(target=lambda: _ignore(checker)) for _ in range(WAITING + 1)]
        for thread in waiting:
            thread.start()
        while checker._waiting <= WAITING:
            pass
        with pytest.raises(Busy):
            checker.check(body=b"mice")
        checker._find_place = _no_edition  # type: ignore[method-assign]  # those who wait need not be served
    for thread in waiting:
        thread.join()


def _ignore(checker: Checker) -> None:
    with pytest.raises(UsageError):
        checker.check(body=b"mice")


def _no_edition() -> Any:  # noqa: ANN401
    raise UsageError("there is no edition yet")


def test_terminal_and_json_say_the_same(release: Json) -> None:
    text = " ".join(" ".join(make_lines(release)).split())
    told = json.loads(make_json(release))
    for section in told["sections"]:
        assert section["title"] in text
        for line in section["lines"]:
            assert " ".join(line["text"].split()) in text


def test_without_an_edition_one_line_says_so(tmp_path: Path, config: Config) -> None:
    with Checker(config, check_parts(config)) as checker, pytest.raises(UsageError, match="no edition"):
        checker.check(body=b"mice")


def ask(
    newsroom: Newsroom, checker: Checker, method: str, path: str = "/check", *, text: str | None = None,
    headers: dict[str, str] | None = None, content: bytes | None = None,
) -> httpx.Response:  # fmt: skip
    app = Desk(newsroom[0], {"/check": CheckPages(newsroom[0], checker)})

    async def one() -> httpx.Response:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://desk.example", timeout=120) as client:
            data = None if text is None else {"text": text}
            return await client.request(method, path, data=data, headers=headers, content=content)

    return asyncio.run(one())


def test_the_box_is_a_form_and_its_answer_has_the_sections(newsroom: Newsroom, checker: Checker) -> None:
    box = ask(newsroom, checker, "GET")
    assert box.status_code == 200
    assert '<form class="paste" action="/check" method="post">' in box.text
    answer = ask(newsroom, checker, "POST", text=RELEASE)
    assert answer.status_code == 200
    assert "was retracted on 20 November 2026" in answer.text
    assert 'href="https://desk.example/document/' in answer.text


def test_headers_are_strict_on_every_answer(newsroom: Newsroom, checker: Checker) -> None:
    for method, path, text in (
        ("GET", "/check", None), ("POST", "/check", ""), ("GET", "/check/nothing", None), ("PUT", "/check", None),
        ("POST", "/check", "10.5555/cfr.2026.008"),
    ):  # fmt: skip
        headers = ask(newsroom, checker, method, path, text=text).headers
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'")
        assert "frame-ancestors 'none'" in policy
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
        assert "set-cookie" not in headers
        assert headers["x-robots-tag"] == "noindex"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403), ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://evil.example"}, 403), ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://desk.example"}, 200), ({}, 200),
    ],
)  # fmt: skip
def test_forms_of_other_sites_are_refused(
    newsroom: Newsroom, checker: Checker, headers: dict[str, str], status: int
) -> None:
    assert ask(newsroom, checker, "POST", text="10.5555/never.seen", headers=headers).status_code == status


def test_sizes_methods_and_empty_boxes(newsroom: Newsroom, checker: Checker) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert ask(newsroom, checker, "POST", content=b"text=" + b"a" * MOST_BODY, headers=form).status_code == 413
    assert ask(newsroom, checker, "POST", content=b"text=" + b"a" * 300_000, headers=form).status_code == 413
    assert ask(newsroom, checker, "POST", content=b"a=1&b=2&c=3&d=4&e=5", headers=form).status_code == 400
    assert ask(newsroom, checker, "POST", text="  ").status_code == 400
    assert ask(newsroom, checker, "POST", text="\x00\x01").status_code == 422
    assert ask(newsroom, checker, "POST", text="http://127.0.0.3/").status_code == 422
    assert ask(newsroom, checker, "DELETE").status_code == 405
    assert ask(newsroom, checker, "GET", "/check/site.css").headers["content-type"] == "text/css; charset=utf-8"
    assert len(ask(newsroom, checker, "HEAD").content) == 0


def test_what_is_pasted_is_shown_as_text(newsroom: Newsroom, checker: Checker) -> None:
    page = ask(newsroom, checker, "POST", text=f'<script>alert(1)</script> & "mice"\n\n{RELEASE}')
    assert page.status_code == 200
    assert "<script" not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text


def test_the_letters_desk_goes_on(newsroom: Newsroom, checker: Checker) -> None:
    assert ask(newsroom, checker, "GET", "/unsubscribe/x").status_code == 200
    assert ask(newsroom, checker, "GET", "/").status_code == 404
    assert ask(newsroom, checker, "GET", "/checking").status_code == 404


def test_the_box_has_the_four_places_of_the_site_in_its_head() -> None:
    page = (ROOT / "datasette" / "templates" / "desk_frame.html").read_text("utf-8")
    for one in navigation().places:
        assert f'href="{{{{ home }}}}{one.link.address}"' in page and f">{one.link.title}</a>" in page
