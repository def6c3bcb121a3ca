"""Delivery reports: which letter came back, for good or for now, and who gets no more letters because of it.

The reports are written here, in the format of RFC 3464.
"""

from __future__ import annotations

from collections.abc import Iterator
from email.utils import format_datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from core import clock
from core.config import Config
from core.errors import UsageError
from core.store import Store
from pipeline import main
from publish.letters.bounces import Counted, count_bounces, read_report
from publish.letters.people import add_subscriber, get_subscriber
from tests.publish.rig import add_row, letters_of, make_config

READER = "reader-1c@example.org"
DAY = "2026-11-20"
UNKNOWN_USER = "550 5.1.1 user unknown"


def report(
    *,
    letter: str = "",
    recipient: str = READER,
    action: str = "failed",
    status: str = "5.1.1",
    day: str = DAY,
    headers_only: bool = False,
    original: str = "",
) -> bytes:
    """A delivery report of a mail server on one recipient, which quotes the letter of this id or no Message-ID."""
    lines = [
        "From: MAILER-DAEMON@mx.example.net", "To: letters@stemwire.example", "Subject: Returned mail",
        f"Date: {format_datetime(clock.parse(f'{day}T09:00:00Z'))}", "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="edge"', "", "--edge",
        "Content-Type: text/plain; charset=us-ascii", "", f"Your message to {recipient} could not be delivered.", "",
        "--edge", "Content-Type: message/delivery-status", "", "Reporting-MTA: dns; mx.example.net",
        "Arrival-Date: Fri, 20 Nov 2026 08:59:00 +0000", "",
        *([f"Original-Recipient: rfc822;{original}"] if original else []),
        f"Final-Recipient: rfc822; {recipient}", f"Action: {action}", f"Status: {status}",
        f"Diagnostic-Code: smtp; {UNKNOWN_USER}", "", "--edge",
        f"Content-Type: {'text/rfc822-headers' if headers_only else 'message/rfc822'}", "",
        "From: Stemwire <letters@stemwire.example>", f"To: {recipient}",
        *([f"Message-ID: <{letter}@stemwire.example>"] if letter else []), "Subject: Retina cells: 1 new story", "",
        *([] if headers_only else ["Words of the letter.", ""]), "--edge--", "",
    ]  # fmt: skip
    return "\r\n".join(lines).encode()


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.setenv("STEMWIRE_NOW", "2026-11-25T04:00:00Z")
    return make_config(tmp_path)


@pytest.fixture
def letters(config: Config) -> Iterator[Store]:
    """One person with five letters, on the 18th to the 22nd; each brought a document and a change."""
    with letters_of(config) as store:
        with store.writing():
            person = add_subscriber(store, "mail", READER)
            for number in range(1, 6):
                add_row(store, "night", number=number, day=f"2026-11-{17 + number}", run="r")
                add_letter(store, person.id, number)
        yield store


def add_letter(letters: Store, person: int, number: int, state: str = "sent") -> None:
    ident = f"letter{person}x{number}"
    add_row(
        letters, "letter", id=ident, subscriber=person, number=number, every="daily", night=number, state=state, run="r"
    )
    add_row(letters, "delivery", subscriber=person, item=number, document=f"d{number}", fact="new", letter=ident)
    add_row(letters, "notice", subscriber=person, subject="work:x", number=number, letter=ident)


def states(letters: Store) -> str:
    """The first letter of the state of each letter, in their order."""
    return "".join(row["state"][0] for row in letters.rows("SELECT state FROM letter ORDER BY subscriber, number"))


def count(letters: Store, folder: Path, *reports: bytes) -> Counted:
    folder = folder / "returned"
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    for number, raw in enumerate(reports):
        (folder / f"{number}.eml").write_bytes(raw)
    return count_bounces(letters, folder)


def test_a_letter_that_came_back_for_good_is_refused_and_comes_again(letters: Store, tmp_path: Path) -> None:
    done = count(letters, tmp_path, report(letter="letter1x3"))
    assert done == Counted(mails=1, reports=1, hard=1, soft=0, unknown=0, stopped=())
    assert states(letters) == "ssrss"
    assert [row["item"] for row in letters.rows("SELECT item FROM delivery ORDER BY 1")] == [1, 2, 4, 5]
    assert [row["number"] for row in letters.rows("SELECT number FROM notice ORDER BY 1")] == [1, 2, 4, 5]
    person = get_subscriber(letters, 1)
    assert person is not None and (person.bounces, person.state) == (1, "active")
    (reply,) = letters.rows("SELECT reply FROM letter WHERE state = 'refused'")
    assert reply["reply"] == "came back as undeliverable: 5.1.1"


@pytest.mark.parametrize(
    ("raw", "outcome"),
    [
        (report(letter="letter1x5", headers_only=True), "hard"),
        (report(letter="letter1x5", recipient="moved-on@elsewhere.example"), "hard"),
        (report(letter="letter1x5", status="5.0.0 (unknown)"), "hard"),
        (report(letter="letter1x5", action="FAILED"), "hard"),
        (report(), "hard"),
        (report(recipient="mailbox-7@inner.example", original=READER), "hard"),
        (report(letter="letter1x5", status="5.2.2"), "soft"),
        (report(letter="letter1x5", status="4.4.7"), "soft"),
        (report(letter="letter1x5", action="delayed", status="4.0.0"), "soft"),
        (report(letter="letter1x5", status=""), "soft"),
        (report(letter="letter9x9"), "unknown"),
        (report(recipient="stranger@example.org"), "unknown"),
        (report(day="2026-11-17"), "unknown"),
        (report(letter="letter1x5", action="delivered", status="2.0.0"), ""),
        (report(letter="letter1x5", action="relayed", status="2.0.0"), ""),
    ],
)
def test_what_counts(letters: Store, tmp_path: Path, raw: bytes, outcome: str) -> None:
    done = count(letters, tmp_path, raw)
    assert (done.hard, done.soft, done.unknown) == tuple(int(outcome == name) for name in ("hard", "soft", "unknown"))
    assert (states(letters) != "sssss") == (outcome == "hard")


def test_without_a_message_id_it_is_the_newest_letter_before_the_report(letters: Store, tmp_path: Path) -> None:
    raw = report(recipient=READER.upper(), day="2026-11-20")
    assert count(letters, tmp_path, raw).hard == 1
    assert states(letters) == "ssrss"
    assert count(letters, tmp_path, raw).hard == 0, "the same report again"
    assert states(letters) == "ssrss"


def test_three_in_a_row_stop_the_letters_and_others_go_on(letters: Store, tmp_path: Path) -> None:
    with letters.writing():
        other = add_subscriber(letters, "mail", "other-9d@example.org")
        add_letter(letters, other.id, 1)
    first = count(letters, tmp_path, report(letter="letter1x1"), report(letter="letter1x2"), report(letter="letter2x1"))
    assert first.hard == 3 and first.stopped == ()
    then = count(letters, tmp_path, report(letter="letter1x4"))
    assert then.stopped == (), "the third came, so it was not three in a row"
    last = count(letters, tmp_path, report(letter="letter1x1"), report(letter="letter1x5"), report(letter="letter1x3"))
    assert (last.hard, last.stopped) == (2, (1,))
    people = {row["id"]: (row["state"], row["bounces"]) for row in letters.rows("SELECT * FROM subscriber")}
    assert people == {1: ("refused", 5), other.id: ("active", 1)}
    with letters.writing():
        assert add_subscriber(letters, "mail", READER).state == "active"


def test_accepted_letters_between_reports_do_not_hide_that_all_came_back(letters: Store, tmp_path: Path) -> None:
    """A relay that accepts every letter sets the count of refusals to 0 each time; the reports come later."""
    stopped: list[int] = []
    for number in (1, 2, 3):
        with letters.writing():
            letters.execute("UPDATE subscriber SET bounces = 0")
        stopped += count(letters, tmp_path, report(letter=f"letter1x{number}")).stopped
    assert stopped == [1]


def test_other_mails_are_no_reports(letters: Store, tmp_path: Path) -> None:
    vacation = b"From: a@b.example\r\nSubject: Away\r\nAuto-Submitted: auto-replied\r\n\r\nletter1x1@stemwire.example"
    bare = b"Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\nnothing in it"
    read = b"Content-Type: multipart/report; report-type=disposition-notification; boundary=x\r\n\r\n--x\r\n\r\n--x--"
    done = count(letters, tmp_path, vacation, bare, read, b"", b"\xff\xfe\x00")
    assert done == Counted(mails=5, reports=0, hard=0, soft=0, unknown=0, stopped=())


def test_a_maildir_is_read_without_what_is_still_being_written(letters: Store, tmp_path: Path) -> None:
    for part, number in (("new", 1), ("cur", 2), ("tmp", 3)):
        (tmp_path / "Maildir" / part).mkdir(parents=True)
        (tmp_path / "Maildir" / part / "1700.host:2,S").write_bytes(report(letter=f"letter1x{number}"))
    assert count_bounces(letters, tmp_path / "Maildir").hard == 2
    assert states(letters) == "rrsss"
    with pytest.raises(UsageError, match="no such folder"):
        count_bounces(letters, tmp_path / "nowhere")


@given(st.binary(max_size=200), st.integers(min_value=0))
def test_no_mail_stops_the_reading(noise: bytes, place: int) -> None:
    whole = report(letter="letter1x1")
    at = place % len(whole)
    for raw in (noise, whole[:at], whole[:at] + noise + whole[at:]):
        assert all(bounce.status[:1] in ("", "2", "4", "5") for bounce in read_report(raw))


def test_the_command_names_people_by_number(tmp_path: Path, letters: Store) -> None:
    (tmp_path / "config.toml").write_text(
        f'[crawl]\ncontact = "mailto:desk@stemwire.example"\n[paths]\ndata = "{tmp_path}/data"\n', "utf-8"
    )
    folder = tmp_path / "returned"
    folder.mkdir()
    for number in (3, 4, 5):
        (folder / f"{number}.eml").write_bytes(report(letter=f"letter1x{number}"))
    done = CliRunner().invoke(main, ["--config", str(tmp_path / "config.toml"), "bounces", str(folder)])
    assert done.exit_code == 0 and "@" not in done.output
    assert done.output == (
        "3 mails, 3 of them delivery reports: 3 letters came back for good, 0 for now, 0 are not ours\n"
        "person 1 gets no more letters until they subscribe again\n"
    )
    again = CliRunner().invoke(main, ["--config", str(tmp_path / "config.toml"), "bounces", str(folder), "--json"])
    assert again.output == '{"mails": 3, "reports": 3, "hard": 0, "soft": 0, "unknown": 0, "stopped": []}\n'
