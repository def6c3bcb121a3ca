"""Signing up at the desk: the form, the request, the message, the button. Nobody learns who is subscribed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.night import hold_lock
from core.store import open_store
from publish.letters.desk.own_lists import read_own
from publish.letters.wanted import MAX_OWNED
from tests.publish.desk_client import Reader, forms_of, link_in, visible, wait_for_mail
from tests.publish.rig import Doc, Relay, Sink, make_config, make_edition, rows

DOCS = [
    Doc(key="aaaa", title="Organoids grow blood vessels", published="2026-11-18"),
    Doc(key="bbbb", title="Mice walk again", text="Cells were given to mice.", published="2026-11-19"),
    Doc(key="cccc", title="Trial of organoid patches", text="A first patch of organoid cells.", published="2026-11-20"),
]
ADDRESS = "reader@example.org"


@pytest.fixture
def relay() -> Relay:
    return Relay()


@pytest.fixture
def reader(tmp_path: Path, relay: Relay, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reader]:
    monkeypatch.delenv("STEMWIRE_LETTERS_KEY", raising=False)
    with Sink(relay) as port:
        config = make_config(tmp_path, port, local=True)
        make_edition(config, DOCS)
        with open_store(config.data("work.db"), "work"):
            yield Reader(config)


def ask_for(reader: Reader, address: str = ADDRESS, query: str = "organoid", *more: tuple[str, str]) -> str:
    """Fill in the form and send it. Returns what the answer says."""
    answer = reader.press("/follow", ("q", query), ("address", address), ("every", "daily"), ("most", "20"), *more)
    assert answer.status_code == 200, visible(answer.text)
    return visible(answer.text)


def test_the_whole_way(reader: Reader, relay: Relay) -> None:
    page = reader.get("/follow?" + urlencode({"q": "organoid"})).text
    assert "organoid" in visible(page) and "<script" not in page
    assert "Please look into your mail" in ask_for(reader, ADDRESS, "organoid", ("name", "Mini organs"))
    assert rows(reader.config, "SELECT * FROM subscriber") == []
    (text,) = wait_for_mail(relay, 1)
    assert relay.recipients == [ADDRESS]
    link = link_in(text, "confirm")
    for _ in range(3):
        assert "organoid" in visible(reader.get(link).text)
    assert rows(reader.config, "SELECT * FROM subscriber") == []
    begun = reader.press(link)
    assert begun.status_code == 200 and "Mini organs" in visible(begun.text)
    assert "on its way" in visible(begun.text)
    first = wait_for_mail(relay, 2)[1]
    assert "*Organoids* grow blood vessels" in first and "Mice walk again" not in first
    (one,) = rows(reader.config, "SELECT query, name, every, most FROM subscription")
    assert one == {"query": "organoid", "name": "Mini organs", "every": "daily", "most": 20}
    assert reader.get(link_in(begun.text, "m")).status_code == 200
    assert reader.press(link).status_code == 410
    assert reader.get(link).content == reader.get("/confirm/x").content


def test_a_first_letter_waits_for_the_night_that_is_running(reader: Reader, relay: Relay) -> None:
    ask_for(reader)
    link = link_in(wait_for_mail(relay, 1)[0], "confirm")
    with hold_lock(reader.config):
        assert "a night is running" in visible(reader.press(link).text)
        assert len(relay.accepted) == 1
    assert "*Organoids* grow blood vessels" in wait_for_mail(relay, 2)[1]


def test_nothing_leaves_for_real_people_from_a_desk_that_they_cannot_reach(tmp_path: Path, relay: Relay) -> None:
    with Sink(relay) as port:
        config = make_config(tmp_path, port)
        make_edition(config, DOCS)
        answer = Reader(config).press("/follow", ("q", "organoid"), ("address", "reader@university.edu"))
    assert answer.status_code == 503 and relay.accepted == []
    assert not config.data("letters.db").exists()


def test_known_and_unknown_addresses_get_the_same_answer(reader: Reader, relay: Relay) -> None:
    first = ask_for(reader)
    reader.press(link_in(wait_for_mail(relay, 1)[0], "confirm"))
    assert {ask_for(reader), ask_for(reader, "other@example.org"), ask_for(reader, "OTHER@example.org")} == {first}


def test_one_confirmation_a_day_and_a_limit_per_network(reader: Reader, relay: Relay) -> None:
    for _ in range(4):
        ask_for(reader)
    ask_for(reader, "second@example.org")
    wait_for_mail(relay, 2)
    assert sorted(relay.recipients) == [ADDRESS, "second@example.org"]
    answers = {
        reader.press("/follow", ("q", "organoid"), ("address", f"r{number}@example.org")).status_code
        for number in range(60)
    }
    assert answers == {200, 429}


WRONG: list[tuple[str, str, str]] = [
    ("address", "nobody", "f-address-wrong"), ("q", "status:retractd", "f-q-wrong"),
    ("every", "hourly", "f-every-wrong"),
    ("q", "", "f-q-wrong"), ("weekday", "9", "f-weekday-wrong"), ("most", "0", "f-most-wrong"),
    ("most", "²", "f-most-wrong"), ("stage", "phase 9", "f-stage-wrong"), ("name", "x" * 81, "f-name-wrong"),
    ("q", 'disease:"Blorbitis of the knee"', "f-q-wrong"),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value", "mark"), WRONG)
def test_what_is_wrong_is_said_next_to_its_field(reader: Reader, field: str, value: str, mark: str) -> None:
    good = {"q": "organoid", "address": ADDRESS, "every": "weekly", "weekday": "", "most": "20", "name": "N"}
    answer = reader.press("/follow", *(good | {field: value}).items())
    assert answer.status_code == 422
    assert f'id="{mark}"' in answer.text and re.search(f'aria-describedby="[^"]*{mark}"', answer.text)
    assert rows(reader.config, "SELECT * FROM request") == []
    sent = dict(forms_of(answer.text)[1])
    assert all(sent.get(name) == text for name, text in good.items() if name not in (field, "weekday"))


def test_a_form_of_another_site_is_refused(reader: Reader) -> None:
    fields = [("q", "organoid"), ("address", ADDRESS)]
    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://other.example"}):
        assert reader.ask("POST", "/follow", fields, headers=headers).status_code == 403
    assert rows(reader.config, "SELECT * FROM request") == []


def test_the_preview_stores_and_sends_nothing(reader: Reader) -> None:
    answer = reader.press("/follow", ("q", "organoid"), ("address", ADDRESS), ("look", "1"))
    assert answer.status_code == 200 and ADDRESS in answer.text
    assert not reader.config.data("letters.db").exists()


def test_a_desk_without_sign_up_only_ends_letters(tmp_path: Path) -> None:
    reader = Reader(make_config(tmp_path, sign_up=False))
    for path in ("/follow", "/own"):
        assert reader.get(path).status_code == reader.press(path, ("q", "x")).status_code == 404
    assert "/follow" not in reader.get("/stop/x").text


@pytest.mark.parametrize("field", ["q", "name", "address", "every", "weekday", "most", "stage", "own", "story", "look"])
def test_any_text_in_any_field_is_answered(reader: Reader, field: str) -> None:
    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.text(max_size=300) | st.text("\0\r\n<>\"'&{}%:()*-", max_size=60))
    def check(value: str) -> None:
        good = {"q": "organoid", "address": ADDRESS, "every": "weekly", "most": "20"}
        value = value.encode("utf-8", "replace").decode()
        for answer in (
            reader.press("/follow", *(good | {field: value}).items()),
            reader.get("/follow?" + urlencode({"q": "organoid", field: value})),
        ):
            assert answer.status_code in (200, 422, 429)
            assert "<script" not in answer.text and "Traceback" not in answer.text
            assert "location" not in answer.headers

    check()


KINDS = ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "multipart/form-data", "x", ""]


def test_any_bytes_are_answered(reader: Reader) -> None:
    """A body that is no form gets a page, never a mistake of the desk."""

    @settings(max_examples=30, deadline=None)
    @given(st.binary(max_size=400) | st.binary(max_size=80).map(lambda body: b"--x\r\n" + body), st.sampled_from(KINDS))
    def check(body: bytes, kind: str) -> None:
        for path in ("/own", "/follow", "/m/x", "/confirm/x"):
            answer = reader.ask("POST", path, content=body, headers={"content-type": kind})
            assert answer.status_code in (200, 400, 404, 410, 422), (path, answer.text)

    check()


# --- lists ------------------------------------------------------------------------------------------------------------

BIB = """@article{one, title={A}, doi={10.5555/one}}
@book{two, title={No number}}
@article{three, pmid = {31234567}}
"""
CSV = 'Title,DOI,PMID\n"A, with a comma",10.5555/a,\nB,,31234568\nC,,\n'
MIXED = ["doi:10.5555/one", "pmid:31234567"]
LISTS = {
    "plain": ("10.5555/one\nPMID 31234567\nNCT09087765\nwhat is this\n", [*MIXED, "nct:NCT09087765"], 1),
    "bibtex": (BIB, MIXED, 1),
    "ris": ("TY  - JOUR\nTI  - A\nDO  - 10.5555/ris\nER  - \n", ["doi:10.5555/ris"], 0),
    "csv": (CSV, ["doi:10.5555/a", "pmid:31234568"], 1),
    "semicolons": ("Name;NCT Number\nA;NCT09087765\nB;\n", ["nct:NCT09087765"], 1),
    "prose": ("As we wrote in doi:10.5555/one and many other things " + "word " * 60, ["doi:10.5555/one"], 0),
    "nothing": ("nothing at all\n", [], 1),
}  # fmt: skip


@pytest.mark.parametrize("name", list(LISTS))
def test_lists_are_read(name: str) -> None:
    text, found, unknown = LISTS[name]
    own = read_own(text)
    assert (list(own.identifiers), len(own.unknown)) == (found, unknown)


@settings(max_examples=150, deadline=None)
@given(
    st.text(max_size=400)
    | st.lists(st.sampled_from(["10.5555/a", "PMID", ",", ";", "\t", "\n", '"', "NCT09087765"])).map("".join)
)
def test_any_list_can_be_read(text: str) -> None:
    own = read_own(text)
    assert all(one.partition(":")[0] in ("doi", "pmid", "nct") for one in own.identifiers)


def test_a_list_is_shown_before_the_address_is_asked(reader: Reader, relay: Relay) -> None:
    answer = reader.ask("POST", "/own", files={"file": ("mine.csv", CSV.encode())})
    said = visible(answer.text)
    assert "1 DOI, 1 PubMed number" in said and "1 line was not understood" in said and "C" in said
    sent = [field for field in forms_of(answer.text)[1] if field[0] != "address"]
    done = reader.press("/follow", *sent, ("address", ADDRESS))
    assert done.status_code == 200
    reader.press(link_in(wait_for_mail(relay, 1)[0], "confirm"))
    assert {row["identifier"] for row in rows(reader.config, "SELECT identifier FROM owned")} == {
        "doi:10.5555/a", "pmid:31234568",
    }  # fmt: skip


def test_a_list_has_a_limit(reader: Reader) -> None:
    most = "\n".join(f"10.5555/a{number}" for number in range(MAX_OWNED))
    answer = reader.ask("POST", "/own", [("text", most)])
    assert answer.status_code == 200 and f"{MAX_OWNED:,} DOIs" in visible(answer.text)
    sent = [field for field in forms_of(answer.text)[1] if field[0] != "address"]
    assert reader.press("/follow", *sent, ("address", ADDRESS)).status_code == 200
    (request,) = rows(reader.config, "SELECT wanted FROM request")
    assert len(json.loads(request["wanted"])["identifiers"]) == MAX_OWNED
    more = reader.ask("POST", "/own", [("text", f"{most}\n10.5555/b")])
    assert more.status_code == 422 and "5,000" in visible(more.text)


def test_identifiers_come_by_address_from_the_site(reader: Reader) -> None:
    page = reader.get("/follow?own=doi:10.5555/one,two&own=nct:NCT09087765").text
    assert ("own", "doi:10.5555/one,two\nnct:NCT09087765") in forms_of(page)[1]
    assert "1 DOI, 1 trial" in visible(page)


def test_no_address_reaches_a_log_or_the_web(reader: Reader, relay: Relay, capfd: pytest.CaptureFixture[str]) -> None:
    relay.by_recipient[ADDRESS] = "550 no such user"
    page = reader.get("/follow?" + urlencode({"q": "organoid", "address": ADDRESS}))
    assert page.status_code == 200
    ask_for(reader)
    ask_for(reader, "second@example.org")
    wait_for_mail(relay, 1)
    assert ADDRESS not in "".join(capfd.readouterr())
