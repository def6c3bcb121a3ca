"""The page of a person: all that they follow can be changed there, by them alone."""

from __future__ import annotations

import json
import queue
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.records import Json
from publish.letters.people import find_subscriber
from publish.letters.records import Every
from publish.letters.subscriptions import subscribe
from publish.letters.tokens import make_token, manage_address, signing_keys
from publish.letters.wanted import Wanted
from tests.present import present
from tests.publish.desk_client import Reader, forms_of, link_in, visible
from tests.publish.rig import Doc, letters_of, make_config, make_edition, rows

FOLLOWED: tuple[tuple[str, str, Every], ...] = (
    ("reader@example.org", "organoid", "daily"), ("reader@example.org", "mouse", "weekly"),
    ("other@example.org", "patch", "daily"),
)  # fmt: skip


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reader:
    monkeypatch.delenv("STEMWIRE_LETTERS_KEY", raising=False)
    config = make_config(tmp_path, local=True)
    make_edition(config, [Doc(key="aaaa"), Doc(key="bbbb", title="Mice walk", text="Of a mouse and a patch.")])
    with letters_of(config) as letters:
        for address, query, every in FOLLOWED:
            subscribe(config, letters, "mail", address, Wanted(query=query, every=every))
    return Reader(config)


def page_of(reader: Reader, address: str = "reader@example.org") -> str:
    with letters_of(reader.config) as letters:
        person = present(find_subscriber(letters, "mail", address))
        return "/m/" + manage_address(reader.config, signing_keys(reader.config), person).rpartition("/")[2]


def do(reader: Reader, page: str, what: str, *fields: tuple[str, str]) -> str:
    """Press a button; gives what the page then says."""
    answer = reader.press(page, ("do", what), *fields)
    assert answer.status_code == 303, visible(answer.text)
    after = reader.get(answer.headers["location"])
    assert after.status_code == 200
    return visible(after.text)


def state(reader: Reader) -> list[tuple[int, str, str, str]]:
    found = rows(reader.config, "SELECT id, query, every, state FROM subscription ORDER BY id")
    return [(row["id"], row["query"], row["every"], row["state"]) for row in found]


ALL = [(1, "organoid", "daily", "active"), (2, "mouse", "weekly", "active"), (3, "patch", "daily", "active")]


def test_it_shows_what_is_followed_and_looking_changes_nothing(reader: Reader) -> None:
    page = page_of(reader)
    before = rows(reader.config, "SELECT * FROM subscriber") + rows(reader.config, "SELECT * FROM subscription")
    for method in ("GET", "HEAD", "GET"):
        answer = reader.ask(method, page)
        assert answer.status_code == 200
    said = visible(reader.get(page).text)
    assert "organoid" in said and "mouse" in said and "patch" not in said and "<script" not in answer.text
    assert rows(reader.config, "SELECT * FROM subscriber") + rows(reader.config, "SELECT * FROM subscription") == before
    assert reader.ask("PUT", page).status_code == 405


def test_each_button(reader: Reader) -> None:
    page = page_of(reader)
    assert "paused" in do(reader, page, "pause", ("id", "1"))
    assert state(reader)[0] == (1, "organoid", "daily", "paused")
    do(reader, page, "resume", ("id", "1"))
    assert state(reader) == ALL
    do(reader, page, "pause-all")
    assert rows(reader.config, "SELECT state FROM subscriber") == [{"state": "paused"}, {"state": "active"}]
    do(reader, page, "resume-all")
    assert "has ended" in do(reader, page, "stop", ("id", "2"))
    assert state(reader) == [ALL[0], ALL[2]]
    last = reader.press(page, ("do", "stop"), ("id", "1"))
    assert (last.status_code, state(reader)) == (200, [ALL[2]])
    assert reader.get(page).status_code == 404
    assert rows(reader.config, "SELECT address FROM subscriber") == [{"address": "other@example.org"}]


def test_the_form_changes_what_it_shows_and_nothing_else(reader: Reader) -> None:
    page = page_of(reader)
    (form,) = [f for f in forms_of(reader.get(page).text) if ("q", "organoid") in f]
    sent = [(name, value) for name, value in form if name not in ("name", "every")]
    do(
        reader,
        page,
        "change",
        *sent,
        ("name", "Mini organs"),
        ("every", "weekly"),
        ("weekday", "3"),
        ("stage", "animal"),
    )
    (one, *_) = rows(reader.config, "SELECT * FROM subscription ORDER BY id")
    assert (one["name"], one["every"], one["weekday"], one["stages"]) == ("Mini organs", "weekly", 3, '["animal"]')
    assert [row[1] for row in state(reader)] == ["organoid", "mouse", "patch"]
    same = reader.press(page, ("do", "change"), ("id", "1"), ("q", "mouse"), ("every", "daily"), ("most", "9"))
    assert same.status_code == 422 and 'id="c1-q-wrong"' in same.text
    wrong = reader.press(
        page, ("do", "change"), ("id", "1"), ("q", "status:retractd"), ("every", "daily"), ("most", "9")
    )
    assert wrong.status_code == 422 and 'value="status:retractd"' in wrong.text


def test_more_is_added_without_another_confirmation(reader: Reader) -> None:
    page = page_of(reader)
    do(reader, page, "add", ("q", "patch"), ("every", "at once"), ("most", "5"))
    do(reader, page, "add", ("own", "10.5555/one\nNCT09087765"), ("every", "daily"), ("most", "5"))
    assert rows(reader.config, "SELECT identifier FROM owned ORDER BY 1") == [
        {"identifier": "doi:10.5555/one"}, {"identifier": "nct:NCT09087765"},
    ]  # fmt: skip
    twice = reader.press(page, ("do", "add"), ("q", "patch"), ("every", "daily"), ("most", "5"))
    assert twice.status_code == 422 and 'id="a-q-wrong"' in twice.text


@pytest.mark.parametrize("what", ["pause", "resume", "stop", "change"])
@pytest.mark.parametrize("number", ["3", "99", "", "-1", "1e3", "²", "9" * 40, "1 OR 1=1"])
def test_what_others_follow_is_out_of_reach(reader: Reader, what: str, number: str) -> None:
    answer = reader.press(page_of(reader), ("do", what), ("id", number), ("q", "x"), ("every", "daily"), ("most", "5"))
    assert (answer.status_code, state(reader)) == (404, ALL)


def test_only_the_signed_page_opens(reader: Reader) -> None:
    keys, page = signing_keys(reader.config), page_of(reader)
    at = page.rindex(".") + 1  # of the signature; its last sign holds bits that nobody reads
    forged = page[:at] + ("A" if page[at] != "A" else "B") + page[at + 1 :]
    others = [make_token(keys, "manage", 1, 2), make_token(keys, "stop", 1, "daily"), make_token(keys, "manage", 77, 1)]
    answers = [reader.get(one) for one in (forged, "/m/x", *(f"/m/{token}" for token in others))]
    answers += [reader.press(one, ("do", "delete"), ("sure", "yes")) for one in (forged, "/m/x")]
    assert {(answer.status_code, answer.content) for answer in answers} == {(404, answers[0].content)}
    assert reader.ask("POST", page, [("do", "pause-all")], headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert reader.press(page, ("do", "everything")).status_code == 400
    assert state(reader) == ALL


def test_new_addresses_end_those_before(reader: Reader) -> None:
    page = page_of(reader)
    answer = reader.press(page, ("do", "renew"))
    after = answer.headers["location"]
    assert reader.get(page).status_code == 404 and reader.get(after).status_code == 200
    assert link_in(after, "m") != page


def test_all_that_is_stored_can_be_taken_along(reader: Reader) -> None:
    answer = reader.press(page_of(reader), ("do", "export"))
    data = answer.json()
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["cache-control"] == "no-store"
    said = json.dumps(data)
    assert "reader@example.org" in said and "organoid" in said and "other@example.org" not in said


def test_to_delete_takes_two_steps_and_leaves_nothing(reader: Reader) -> None:
    page = page_of(reader)
    first = reader.press(page, ("do", "delete"))
    assert first.status_code == 200 and "cannot be undone" in visible(first.text)
    assert state(reader) == ALL
    second = reader.press(page, ("do", "delete"), ("sure", "yes"))
    assert second.status_code == 200 and state(reader) == [ALL[2]]
    assert b"reader@example.org" not in b"".join(
        path.read_bytes() for path in reader.config.data("letters.db").parent.glob("letters.db*")
    )
    assert reader.get(page).status_code == 404


@pytest.mark.parametrize(
    "field", ["q", "name", "every", "weekday", "most", "stage", "own", "id", "do", "done", "address"]
)
def test_any_text_in_any_field_is_answered(reader: Reader, field: str) -> None:
    page = page_of(reader)

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        st.text(max_size=200) | st.text("\0\r\n<>\"'&{}%:()*-²", max_size=40),
        st.sampled_from(["change", "add", "webhook"]),
    )
    def check(value: str, what: str) -> None:
        value = value.encode("utf-8", "replace").decode()
        good = {"do": what, "id": "1", "q": "organoid", "every": "daily", "most": "5"}
        answer = reader.press(page, *(good | {field: value}).items())
        assert answer.status_code in (200, 303, 400, 404, 422)
        shown = reader.get(page)
        assert shown.status_code == 200 and "<script" not in shown.text

    check()


class Hook(BaseHTTPRequestHandler):
    """A program that takes letters: notes what is posted to it."""

    taken: queue.Queue[Json]

    def do_POST(self) -> None:
        self.taken.put(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


def test_a_program_gets_letters_once_it_confirms(reader: Reader) -> None:
    class Mine(Hook):
        taken = queue.Queue()

    with ThreadingHTTPServer(("127.0.0.1", 0), Mine) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/hook"
        page = page_of(reader)
        fields = [("q", "organoid"), ("every", "daily"), ("most", "5")]
        wrong = reader.press(page, ("do", "webhook"), ("address", "ftp://x"), *fields)
        assert wrong.status_code == 422 and 'id="h-address-wrong"' in wrong.text
        assert reader.press(page, ("do", "webhook"), ("address", url), *fields).status_code == 200
        asked = Mine.taken.get(timeout=20)
        server.shutdown()
    assert asked["type"] == "confirmation"
    assert rows(reader.config, "SELECT 1 FROM subscriber WHERE channel = 'webhook'") == []
    begun = reader.press(link_in(asked["link"], "confirm"))
    (program,) = rows(reader.config, "SELECT address, secret FROM subscriber WHERE channel = 'webhook'")
    assert program["address"] == url and program["secret"] in reader.get(link_in(begun.text, "m")).text
