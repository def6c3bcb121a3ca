"""A digest as a mail: its headers are what was meant whatever the feeds say, and both parts say the same."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from email import policy
from email.errors import MessageError
from email.message import EmailMessage
from email.parser import BytesParser
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.config import ROOT, Config, Crawl, Letters, load_config
from core.errors import ConfigError, UsageError
from publish.letters.channels import check_sections, find_channel, list_channels, mail, settings_of
from publish.letters.channels.mail import MailError, Settings, check_headers, deliver, header_text, render
from publish.letters.digest import Digest, Found, Group
from tests.present import present
from tests.publish.rig import Relay, Sink, free_port

SETTINGS = Settings(sender="letters@stemwire.example")
MOMENT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
STOP = "https://letters.stemwire.example/unsubscribe/MQ.Ij23Dh-xJGCrc-RJu-RUeWPyacg"
HEADERS = [
    "From", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post", "Auto-Submitted",
    "MIME-Version", "Content-Type",
]  # fmt: skip
INJECTIONS = (
    "=?utf-8?q?x=0D=0ABcc:_victim=40example.org?=",
    "=?utf-8?b?eA0KQmNjOiB2aWN0aW1AZXhhbXBsZS5vcmc=?=",
    "x\r\nBcc: victim@example.org",
    "x\nBcc: victim@example.org\n\nA body of my own",
    "==??utf-8?q?x=0A?=?=",
    "=\u200b?utf-8?q?x=0A?=",
    "x\u2028Bcc: victim@example.org\x85\x0b\x0c",
)


def digest(text: str = "Organoids grow vessels", *, site: str = "Stemwire", stop: str = STOP) -> Digest:
    hit = Found(
        document="a", title=text, page="https://stemwire.example/document/a-title-a", url="https://daily.example/a?b=1&c=2",
        source=text, kind="news", published="2026-11-20", summary=text, why=(f"“{text}” in its title",),
        flags=("paper retracted", text),
    )  # fmt: skip
    return Digest(
        site=site, home="https://stemwire.example", query=text, every="weekly", day="2026-11-22",
        search="https://stemwire.example/search?q=organoid&kind=paper", stop=stop,
        groups=(Group(heading="News", items=(hit,)),), new=1, more=3, before=(hit,), found_before=9,
    )  # fmt: skip


def rendered(one: Digest) -> bytes:
    return render(one, ident="1abc", to="reader@example.org", settings=SETTINGS, moment=MOMENT)


def part_of(message: EmailMessage, kind: str) -> str:
    """`kind` is plain or html."""
    return str(present(message.get_body((kind,))).get_content())


def parsed(wire: bytes) -> EmailMessage:
    return BytesParser(policy=policy.default).parsebytes(wire)


def test_the_headers() -> None:
    message = parsed(rendered(digest()))
    assert message.keys() == HEADERS
    assert message["From"] == "Stemwire <letters@stemwire.example>"
    assert message["To"] == "reader@example.org"
    assert message["Subject"] == "Stemwire: 1 new for your search"
    assert message["Date"] == "Sun, 22 Nov 2026 03:00:00 +0000"
    assert message["Message-ID"] == "<1abc@stemwire.example>"
    assert message["List-Unsubscribe"] == f"<{STOP}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message.defects == []


def test_a_long_unsubscribe_link_stays_one_plain_address() -> None:
    stop = "https://letters.stemwire.example/" + "very/" * 60 + "unsubscribe/MQ.x"
    wire = rendered(digest(stop=stop))
    assert f"List-Unsubscribe: <{stop}>\r\n".encode() in wire


def test_the_same_letter_is_the_same_bytes() -> None:
    assert rendered(digest()) == rendered(digest())


def test_lines_are_short_and_end_as_they_should() -> None:
    wire = rendered(digest("줄기세포 " * 200))
    assert max(len(line) for line in wire.split(b"\r\n")) <= 998
    assert b"\n" not in wire.replace(b"\r\n", b"")
    assert wire.isascii()


@pytest.mark.parametrize("text", INJECTIONS)
def test_an_injection_stays_text(text: str) -> None:
    message = parsed(rendered(digest(text, site=text)))
    assert message.keys() == HEADERS
    assert message["To"] == "reader@example.org"
    assert message["Subject"].endswith(": 1 new for your search")


@pytest.mark.parametrize("text", INJECTIONS[:2])
def test_the_second_fence_holds_where_the_first_is_gone(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Some versions of Python write the injected header, others refuse to write at all; none may give us a message."""
    monkeypatch.setattr(mail, "header_text", lambda value: value if value.endswith("your search") else "Stemwire")
    with pytest.raises((MailError, MessageError)):
        rendered(digest(site=text))


@given(st.text(max_size=120), st.sampled_from(["", *INJECTIONS]), st.text(max_size=40))
@settings(max_examples=200, deadline=None)
def test_no_text_changes_the_headers(before: str, injection: str, after: str) -> None:
    text = before + injection + after
    message = parsed(rendered(digest(header_text(text) and text, site=text)))
    assert message.keys() == HEADERS
    assert message["To"] == "reader@example.org"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


@given(st.text(alphabet="=?utf-8qQbB_0123456789ABCDEF \r\n:\x00Bcc@x.", max_size=80))
@settings(max_examples=200, deadline=None)
def test_no_name_of_a_site_makes_a_word_that_python_would_decode(text: str) -> None:
    assert "=?" not in header_text(text)
    assert parsed(rendered(digest(site=text))).keys() == HEADERS


@pytest.mark.parametrize(
    "broken",
    [
        lambda wire: wire.replace(b"Date:", b"Bcc: victim@example.org\r\nDate:", 1),
        lambda wire: wire.replace(b"Date:", b"Bcc: victim@example.org\nDate:", 1),
        lambda wire: wire.replace(b"reader@example.org", b"victim@example.org", 1),
        lambda wire: wire.replace(b"Auto-Submitted: auto-generated\r\n", b"", 1),
        lambda wire: wire.replace(b"Subject:", b"\r\nSubject:", 1),
    ],
)
def test_a_message_that_is_not_what_was_meant_is_seen(broken: Callable[[bytes], bytes]) -> None:
    wire = rendered(digest())
    intended = {name: parsed(wire)[name] for name in HEADERS[:-2]}
    check_headers(wire, intended)
    with pytest.raises(MailError):
        check_headers(broken(wire), intended)


class Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.hrefs: list[str] = []
        self.tags: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
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
    page.feed(part_of(parsed(rendered(digest(attack))), "html"))
    assert attack in page.text
    assert not page.tags & {"script", "img", "style"}
    assert all(href.startswith("https://") for href in page.hrefs)


def test_both_parts_say_the_same() -> None:
    message = parsed(rendered(digest("Neural crest & “cells” <in mice>")))
    plain = part_of(message, "plain")
    page = Links()
    page.feed(part_of(message, "html"))
    said = (
        "Neural crest & “cells” <in mice>", "1 new", "3 more", "the newest 1 of 9", "20 November 2026",
        "Sent because: “Neural crest & “cells” <in mice>” in its title",
    )  # fmt: skip
    for text in said:
        assert text.casefold() in " ".join(plain.split()).casefold(), text
        assert text.casefold() in " ".join(page.text.split()).casefold(), text
    for address in ("https://stemwire.example/document/a-title-a", "https://daily.example/a?b=1&c=2", STOP):
        assert address in plain
        assert address in page.hrefs


def test_plain_text_is_readable() -> None:
    plain = part_of(parsed(rendered(digest())), "plain")
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
        receipt = deliver(rendered(digest()), settings_, to="reader@example.org", claim=lambda: True)
    assert receipt.state == state, receipt


def test_no_relay_is_a_receipt_too() -> None:
    settings_ = Settings(host="127.0.0.1", port=free_port(), sender="letters@stemwire.example", timeout=1.0)
    assert deliver(b"", settings_, to="reader@example.org", claim=lambda: True).state == "unreachable"


def test_a_relay_without_tls_is_not_given_the_letter() -> None:
    relay = Relay()
    with Sink(relay) as port:
        settings_ = Settings(host="127.0.0.1", port=port, starttls=True, sender="letters@stemwire.example", timeout=1.0)
        assert (
            deliver(rendered(digest()), settings_, to="reader@example.org", claim=lambda: True).state == "unreachable"
        )
    assert relay.accepted == []


def test_what_was_rendered_is_what_arrives() -> None:
    relay = Relay()
    wire = rendered(digest("줄기세포\n.\nleading dot"))
    with Sink(relay) as port:
        settings_ = Settings(host="127.0.0.1", port=port, sender="letters@stemwire.example", timeout=5.0)
        assert deliver(wire, settings_, to="reader@example.org", claim=lambda: True).state == "sent"
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
        deliver(rendered(digest()), settings_, to="reader@example.org", claim=claim)
    assert claims == [0] * asked


def test_a_letter_that_is_no_longer_to_go_does_not() -> None:
    relay = Relay()
    with Sink(relay) as port:
        settings_ = Settings(host="127.0.0.1", port=port, sender="letters@stemwire.example", timeout=1.0)
        receipt = deliver(rendered(digest()), settings_, to="reader@example.org", claim=lambda: False)
    assert receipt.state == "withdrawn"
    assert relay.wire == []


def test_how_a_paper_stands_is_said_in_both_forms() -> None:
    message = parsed(rendered(digest("<b>animal</b>")))
    assert "  [paper retracted] [<b>animal</b>]" in part_of(message, "plain")
    assert "paper retracted &middot; &lt;b&gt;animal&lt;/b&gt;" in part_of(message, "html")
