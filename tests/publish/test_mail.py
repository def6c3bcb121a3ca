"""A letter as a mail: its headers are what was meant whatever the feeds say, and both parts say the same."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from email import policy
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.parser import BytesParser
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.made_letters import INJECTIONS, RETRACTED, SAMPLE, letters, texts
from core.config import ROOT, Config, Crawl, Letters, load_config
from core.errors import ConfigError, UsageError
from publish.letters.channels import check_sections, find_channel, list_channels, mail, settings_of
from publish.letters.channels.mail import (
    MailError,
    Settings,
    check_headers,
    deliver,
    header_text,
    render,
    render_confirmation,
)
from publish.letters.letter import Chip, Letter, Marked
from publish.letters.rendering import subject_of, tidy_letter
from tests.present import present
from tests.publish.rig import Relay, Sink, free_port

SETTINGS = Settings(sender="letters@stemwire.example")
MOMENT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
HEADERS = [
    "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "List-Id", "List-Unsubscribe",
    "List-Unsubscribe-Post", "Precedence", "Feedback-ID", "In-Reply-To", "References", "MIME-Version", "Content-Type",
]  # fmt: skip
ALONE = [name for name in HEADERS if name not in ("In-Reply-To", "References")]


def letter(text: str = "Organoids grow vessels", *, site: str = "Stemwire", stop: str = SAMPLE.stop) -> Letter:
    """The sample, with one text wherever a person or a feed can put one."""
    line = replace(
        SAMPLE.parts[0].lines[0], title=Marked(text=text), source=text, sentence=Marked(text=text), why=(text,),
        chips=(Chip(text="paper retracted", grave=True), Chip(text=text)),
    )  # fmt: skip
    part = replace(SAMPLE.parts[0], name=text, query=text, lines=(line,))
    return replace(SAMPLE, site=site, stop=stop, about=(replace(RETRACTED, because=text),), parts=(part,))


def rendered(one: Letter) -> bytes:
    return render(one, ident="1abc", to="reader@example.org", settings=SETTINGS, moment=MOMENT)


def part_of(message: EmailMessage, kind: str) -> str:
    """`kind` is plain or html."""
    return str(present(message.get_body((kind,))).get_content())


def parsed(wire: bytes) -> EmailMessage:
    return BytesParser(policy=policy.default).parsebytes(wire)


def test_the_headers() -> None:
    message = parsed(rendered(SAMPLE))
    assert message.keys() == HEADERS
    assert {name: str(message[name]) for name in HEADERS[:-2]} == {
        "From": "Stemwire <letters@stemwire.example>",
        "To": "reader@example.org",
        "Subject": "Retina cells and 1 more: 1 retraction, 1 correction, 13 new stories",
        "Date": "Sun, 22 Nov 2026 03:00:00 +0000",
        "Message-ID": "<1abc@stemwire.example>",
        "Auto-Submitted": "auto-generated",
        "List-Id": "<letters.stemwire.example>",
        "List-Unsubscribe": f"<{SAMPLE.stop}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Precedence": "list",
        "Feedback-ID": "daily:letters:stemwire",
        "In-Reply-To": "<1def@stemwire.example>",
        "References": "<1abc@stemwire.example> <1def@stemwire.example>",
    }
    assert message.defects == []


def test_a_letter_that_follows_no_other_begins_a_thread() -> None:
    assert parsed(rendered(replace(SAMPLE, replies_to=()))).keys() == ALONE


def test_ids_that_cannot_name_a_message_are_left_out() -> None:
    message = parsed(rendered(replace(SAMPLE, replies_to=("1abc", "x> <y", "a b", "é", "", *INJECTIONS))))
    assert message["References"] == message["In-Reply-To"] == "<1abc@stemwire.example>"


def test_a_thread_names_its_last_letters_only() -> None:
    message = parsed(rendered(replace(SAMPLE, replies_to=tuple(f"n{number}" for number in range(50)))))
    assert message["References"].split()[0] == "<n40@stemwire.example>" and len(message["References"].split()) == 10


@pytest.mark.parametrize("ident", ["", "a b", "x>\r\nBcc: v@example.org", "ü", "x" * 65])
def test_a_name_of_a_message_is_plain(ident: str) -> None:
    with pytest.raises(MailError, match="cannot name a message"):
        render(SAMPLE, ident=ident, to="reader@example.org", settings=SETTINGS, moment=MOMENT)


@pytest.mark.parametrize(
    "stop", ["", "javascript:1", "https://x.example/\r\nBcc: v@example.org", "https://x.example/>,<x"]
)
def test_a_letter_that_cannot_be_ended_is_not_sent(stop: str) -> None:
    with pytest.raises(MailError, match="an address that ends it"):
        rendered(letter(stop=stop))


def test_a_long_unsubscribe_link_stays_one_plain_address() -> None:
    stop = "https://letters.stemwire.example/" + "very/" * 60 + "stop/MQ.x"
    wire = rendered(letter(stop=stop))
    assert f"List-Unsubscribe: <{stop}>\r\n".encode() in wire


@pytest.mark.parametrize(
    "name",
    [
        "망막 세포", "Zellen für die Netzhaut", "視網膜色素上皮" * 6, "a " * 60, "é" * 60, "👩\u200d🔬 cells",
        'x, "y" <z>; (w) \\ é', "Plain (and simple), here",
    ],
)  # fmt: skip
def test_names_of_all_languages_are_encoded_and_read_back(name: str) -> None:
    wire = rendered(letter(name, site=name))
    message = parsed(wire)
    subject = message["Subject"]
    assert subject.startswith(name[:40]) and subject.endswith(": 1 retraction, 1 correction, 13 new stories")
    sender = message["From"].addresses[0].display_name
    assert header_text(name).startswith(sender) and len(sender.encode()) > 10
    assert message["From"].addresses[0].addr_spec == "letters@stemwire.example"
    words = re.findall(rb"=\?utf-8\?b\?[^?]+\?=", wire.partition(b"\r\n\r\n")[0])
    assert all(len(word) <= 75 for word in words) and bool(words) == (not subject.isascii() or not sender.isascii())
    oldest = BytesParser(policy=policy.compat32).parsebytes(wire)
    assert str(make_header(decode_header(oldest["Subject"]))) == message["Subject"]


def test_the_same_letter_is_the_same_bytes() -> None:
    assert rendered(letter()) == rendered(letter())


def test_lines_are_short_and_end_as_they_should() -> None:
    wire = rendered(letter("줄기세포 " * 200))
    assert max(len(line) for line in wire.split(b"\r\n")) <= 998
    assert b"\n" not in wire.replace(b"\r\n", b"")
    assert wire.isascii()


@pytest.mark.parametrize("text", INJECTIONS)
def test_an_injection_stays_text(text: str) -> None:
    message = parsed(rendered(letter(text, site=text)))
    assert message.keys() == HEADERS
    assert message["To"] == "reader@example.org"
    assert message["Subject"].endswith("1 retraction, 1 correction, 13 new stories")
    assert [one.addr_spec for one in message["From"].addresses] == ["letters@stemwire.example"]


@pytest.mark.parametrize("text", INJECTIONS[:2])
def test_the_second_fence_holds_where_the_first_is_gone(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Some versions of Python write the injected header, others refuse to write at all; none may give us a message."""
    monkeypatch.setattr(mail, "header_text", lambda value: value)
    with pytest.raises((MailError, MessageError, ValueError)):
        rendered(letter(site=text))


@given(texts(), texts())
@settings(max_examples=150, deadline=None)
def test_no_text_changes_the_headers(text: str, site: str) -> None:
    message = parsed(rendered(letter(text, site=site)))
    assert message.keys() == HEADERS
    assert message["To"] == "reader@example.org" and len(message["From"].addresses) == 1
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


@given(letters())
@settings(max_examples=60, deadline=None)
def test_no_letter_changes_the_headers(one: Letter) -> None:
    message = parsed(rendered(one))
    assert message.keys() in (HEADERS, ALONE)
    assert message["Subject"] == header_text(subject_of(tidy_letter(one)))


@given(texts(), texts())
@settings(max_examples=100, deadline=None)
def test_a_confirmation_has_nothing_of_the_search_in_its_headers(name: str, query: str) -> None:
    message = parsed(confirmation("Stemwire", name, query))
    assert message.keys() == [*HEADERS[:6], *HEADERS[-2:]]
    assert message["Subject"] == "Please confirm: letters from Stemwire"


@pytest.mark.parametrize("site", ["", "망막 소식", *INJECTIONS])
def test_a_confirmation_is_from_the_site(site: str) -> None:
    message = parsed(confirmation(site, "Retina cells", "retina*"))
    known = f"Please confirm: letters from {header_text(site)}"
    assert message["Subject"] == (known if header_text(site) else "Please confirm your letters")
    assert "https://d.example/confirm/x" in part_of(message, "plain") and "retina*" in part_of(message, "html")


def confirmation(site: str, name: str, query: str) -> bytes:
    return render_confirmation(
        site, "https://stemwire.example", name, query, "https://d.example/confirm/x", ident="1abc",
        to="reader@example.org", settings=SETTINGS, moment=MOMENT,
    )  # fmt: skip


@given(st.text(alphabet="=?utf-8qQbB_0123456789ABCDEF \r\n:\x00Bcc@x.", max_size=80))
@settings(max_examples=200, deadline=None)
def test_no_name_of_a_site_makes_a_word_that_python_would_decode(text: str) -> None:
    assert "=?" not in header_text(text)
    assert parsed(rendered(letter(text, site=text))).keys() == HEADERS


@pytest.mark.parametrize(
    "broken",
    [
        lambda wire: wire.replace(b"Date:", b"Bcc: victim@example.org\r\nDate:", 1),
        lambda wire: wire.replace(b"Date:", b"Bcc: victim@example.org\nDate:", 1),
        lambda wire: wire.replace(b"reader@example.org", b"victim@example.org", 1),
        lambda wire: wire.replace(b"Auto-Submitted: auto-generated\r\n", b"", 1),
        lambda wire: wire.replace(b"<1def@", b"<1xyz@", 1),
        lambda wire: wire.replace(b"Subject:", b"\r\nSubject:", 1),
    ],
)
def test_a_message_that_is_not_what_was_meant_is_seen(broken: Callable[[bytes], bytes]) -> None:
    wire = rendered(SAMPLE)
    intended = {name: parsed(wire)[name] for name in HEADERS[:-2]}
    check_headers(wire, intended)
    with pytest.raises(MailError):
        check_headers(broken(wire), intended)


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.hrefs: list[str] = []
        self.tags: set[str] = set()
        self.styles = 0
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.styles += tag == "style"
        assert not any(name.startswith("on") for name, _ in attrs)
        self.hrefs += [value for name, value in attrs if name == "href" and value]

    def handle_data(self, data: str) -> None:
        self.text += data


ATTACKS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</title><style>*{display:none}</style>",
    "{{7*7}}",
)


@pytest.mark.parametrize("attack", ATTACKS)
def test_markup_in_a_title_stays_text(attack: str) -> None:
    page = Links()
    page.feed(part_of(parsed(rendered(letter(attack))), "html"))
    assert attack in page.text
    assert not page.tags & {"script", "img"} and page.styles == 1
    assert all(href.startswith("https://") for href in page.hrefs)


def test_plain_text_is_readable() -> None:
    plain = part_of(parsed(rendered(letter())), "plain")
    assert not re.search(r"\n{3,}", plain)
    assert not re.search(r"<[a-z]|&[a-z]+;", plain)


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ("250 OK", "sent"), ("451 later", "deferred"), ("550 no", "refused"), ("data 452 full", "deferred"),
        ("data 554 spam", "refused"), ("421 closing", "unreachable"), ("drop", "uncertain"), ("slow", "uncertain"),
    ],
)  # fmt: skip
def test_each_answer_of_a_relay_is_a_receipt(answer: str, state: str) -> None:
    relay = Relay(plan=[answer])
    with Sink(relay) as port:
        settings_ = Settings(host="127.0.0.1", port=port, sender="letters@stemwire.example", timeout=1.0)
        receipt = deliver(rendered(letter()), settings_, to="reader@example.org", secret="", claim=lambda: True)
    assert receipt.state == state, receipt


def test_no_relay_is_a_receipt_too() -> None:
    settings_ = Settings(host="127.0.0.1", port=free_port(), sender="letters@stemwire.example", timeout=1.0)
    assert deliver(b"", settings_, to="reader@example.org", secret="", claim=lambda: True).state == "unreachable"


def test_a_relay_without_tls_is_not_given_the_letter() -> None:
    relay = Relay()
    with Sink(relay) as port:
        settings_ = Settings(host="127.0.0.1", port=port, starttls=True, sender="letters@stemwire.example", timeout=1.0)
        assert (
            deliver(rendered(letter()), settings_, to="reader@example.org", secret="", claim=lambda: True).state
            == "unreachable"
        )
    assert relay.accepted == []


def test_what_was_rendered_is_what_arrives() -> None:
    relay = Relay()
    wire = rendered(letter("줄기세포\n.\nleading dot"))
    with Sink(relay) as port:
        settings_ = Settings(host="127.0.0.1", port=port, sender="letters@stemwire.example", timeout=5.0)
        assert deliver(wire, settings_, to="reader@example.org", secret="", claim=lambda: True).state == "sent"
    assert relay.wire[0].rstrip() == wire.rstrip()


def test_a_channel_is_found_by_the_name_of_its_file() -> None:
    found: object = find_channel("mail")
    assert found is mail
    with pytest.raises(UsageError, match="no channel 'pigeon'"):
        find_channel("pigeon")


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ({"mail": {"hots": 1}}, r"config \[letters.mail\]: hots: unknown key \(known: host"),
        ({"mial": {}}, "letters.mial: no such channel .*known: .*mail"),
    ],
)
def test_a_wrong_section_of_a_channel_is_one_line(section: dict[str, dict[str, int]], told: str) -> None:
    wrong = Config(crawl=Crawl(contact="mailto:desk@stemwire.example"), letters=Letters.model_validate(section))
    with pytest.raises(ConfigError, match=told):
        check_sections(wrong)


def test_a_channel_works_without_a_table_and_config_toml_says_every_setting_of_those_it_has() -> None:
    text = (ROOT / "config.toml").read_text("utf-8")
    config = load_config(ROOT / "config.toml")
    check_sections(config)
    assert "[letters.mail]" in text
    for name in list_channels():
        settings_of(config, name)
        for key in find_channel(name).Settings.model_fields if f"[letters.{name}]" in text else ():
            assert re.search(rf"^(?:# )?{key} = ", text, re.M), f"config.toml does not mention letters.{name}.{key}"


@pytest.mark.parametrize(("answer", "asked"), [("250 OK", 1), ("451 later", 0), ("data 554 spam", 1)])
def test_a_letter_is_claimed_after_the_recipient_and_before_the_text(answer: str, asked: int) -> None:
    relay, claims = Relay(plan=[answer]), []

    def claim() -> bool:
        claims.append(len(relay.wire))
        return True

    with Sink(relay) as port:
        settings_ = Settings(host="127.0.0.1", port=port, sender="letters@stemwire.example", timeout=1.0)
        deliver(rendered(letter()), settings_, to="reader@example.org", secret="", claim=claim)
    assert claims == [0] * asked


def test_a_letter_that_is_no_longer_to_go_does_not() -> None:
    relay = Relay()
    with Sink(relay) as port:
        settings_ = Settings(host="127.0.0.1", port=port, sender="letters@stemwire.example", timeout=1.0)
        receipt = deliver(rendered(letter()), settings_, to="reader@example.org", secret="", claim=lambda: False)
    assert receipt.state == "withdrawn"
    assert relay.wire == []


def test_how_a_paper_stands_is_said_in_both_forms() -> None:
    message = parsed(rendered(letter("<b>animal</b>")))
    assert "paper retracted · <b>animal</b>" in part_of(message, "plain")
    assert "&lt;b&gt;animal&lt;/b&gt;" in part_of(message, "html")
