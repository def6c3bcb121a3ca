"""The channel `mail`: renders a letter as a mail and hands it to a mail relay.

An address is exactly one `local@domain` in ASCII. Anything that a mail server could read as two recipients, a control
character or an encoded word is refused before it is written into a header.

`render` is pure. It makes a multipart message (text and HTML of the same content). Of all that its headers hold, only
the site's name and the names that the person gave the searches are free text; nothing comes from a feed. They lose
their control characters and every `=?`, because some versions of Python decode such a word inside a value, and it could
then begin a new header. Text that is not ASCII is written as RFC 2047 words of at most 75 characters. The finished
bytes are parsed again, and a message is returned only if its headers are exactly the intended ones.

Apart from the usual headers, a letter has List-Unsubscribe with its one-click form (RFC 8058), List-Id (RFC 2919),
which is the same for all letters of a site, Precedence and Auto-Submitted (so that no out-of-office reply comes back),
Feedback-ID with the rhythm only, and, where it tells more of what an earlier letter held, In-Reply-To and References:
mail programs then show both as one thread.

`deliver` hands one message to the relay on a connection of its own, so that a broken connection affects no other
letter. Its result is one of:
* `sent`         the relay accepted the message (250 after the text);
* `deferred`     a temporary refusal of this recipient (4xx): nothing was accepted, try again later;
* `refused`      a permanent refusal of this recipient (5xx);
* `withdrawn`    `claim` returned False just before the text would have left: nothing was sent;
* `unreachable`  no connection, or the relay refused before a recipient was named;
* `uncertain`    the connection broke or timed out after the text began to leave: the message may have been accepted and
                 must not be sent again.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from base64 import b64encode
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.utils import format_datetime

from pydantic import Field

from core.config import Secret, Strict
from core.errors import StemwireError, UsageError
from core.text import one_line
from publish.letters.bodies import confirmation_of, html_of, text_of
from publish.letters.channels import Receipt
from publish.letters.letter import Letter
from publish.letters.rendering import clip, subject_of, tidy_letter

MAX_HEADER = 200
MAX_ADDRESS = 254
MAX_REFERENCES = 10
MAX_WORD = 45  # bytes of UTF-8 in one RFC 2047 word: 60 characters of base64, 72 with its frame
SUFFIX = ".eml"
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
_IDENT = re.compile(r"[A-Za-z0-9_-]{1,64}")
_ENCODED_WORD = re.compile(r"=\?|\?=")


class MailError(StemwireError):
    """A letter that must not be sent: its headers are not the intended ones."""


class Settings(Strict):
    """`[letters.mail]`: the relay that accepts the mail, and the sender. `timeout` in seconds."""

    host: str = "127.0.0.1"
    port: int = Field(default=25, ge=1, le=65535)
    starttls: bool = False
    user: str | None = None
    password: Secret | None = None
    sender: str = Field(default="stemwire@localhost", pattern=r"^[^@\s]+@[^@\s]+$")
    timeout: float = Field(default=30, gt=0)


def check_address(text: str) -> str:
    """`text` as one address with its domain in lower case. Raises UsageError."""
    address = text.strip(" ")
    local, _, domain = address.rpartition("@")
    good = (
        len(address) <= MAX_ADDRESS
        and len(local) <= 64
        and _ADDRESS.fullmatch(address)
        and "=?" not in address  # the start of an RFC 2047 word: some versions of Python would decode it in a header
        and ".." not in domain
    )
    if not good:
        raise UsageError(
            f"{address[:80]!r} is not one plain mail address",
            hint="name@example.org, ASCII, at most 254 characters; an international domain in its xn-- form",
        )
    return f"{local}@{domain.lower()}"


def render(letter: Letter, *, ident: str, to: str, settings: Settings, moment: datetime) -> bytes:
    """The bytes of the message. `ident` makes the Message-ID, which is the same for every try.

    Raises MailError when the letter has no address that ends it, or the headers read back are not the intended ones.
    """
    letter = tidy_letter(letter)
    if not letter.stop:
        raise MailError("a letter without an address that ends it is not sent", hint="see [letters] desk in the config")
    domain = settings.sender.rpartition("@")[2]
    headers = _usual(letter.site, header_text(subject_of(letter)), ident, to, settings, moment) | {
        "List-Id": f"<letters.{domain}>",
        "List-Unsubscribe": f"<{letter.stop}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Precedence": "list",
        "Feedback-ID": f"{letter.every.replace(' ', '-')}:letters:stemwire",
    }
    before = [f"<{one}@{domain}>" for one in letter.replies_to if _IDENT.fullmatch(one)][-MAX_REFERENCES:]
    if before:
        headers |= {"In-Reply-To": before[-1], "References": " ".join(before)}
    return _message(headers, ident, text_of(letter), html_of(letter))


def render_confirmation(
    site: str,
    home: str,
    name: str,
    query: str,
    link: str,
    *,
    ident: str,
    to: str,
    settings: Settings,
    moment: datetime,
) -> bytes:
    """The bytes of the message that asks whether letters are wanted. Nothing of `name` and `query` is in a header.

    Raises MailError when the headers read back are not the intended ones.
    """
    name_of_site = header_text(site)
    subject = f"Please confirm: letters from {name_of_site}" if name_of_site else "Please confirm your letters"
    headers = _usual(site, subject, ident, to, settings, moment)
    return _message(headers, ident, *confirmation_of(site, home, name, query, link))


def _usual(site: str, subject: str, ident: str, to: str, settings: Settings, moment: datetime) -> dict[str, str]:
    """The headers that every message has."""
    if not _IDENT.fullmatch(ident):
        raise MailError(f"{ident[:40]!r} cannot name a message")
    domain = settings.sender.rpartition("@")[2]
    return {
        "From": str(Address(display_name=sender_name(site), addr_spec=settings.sender)),
        "To": to,
        "Subject": subject,
        "Date": format_datetime(moment),
        "Message-ID": f"<{ident}@{domain}>",
        "Auto-Submitted": "auto-generated",
    }


def _message(headers: Mapping[str, str], ident: str, text: str, html: str) -> bytes:
    message = EmailMessage(policy=policy.SMTP)
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    message.set_boundary(f"=_{ident}")
    head = "".join(f"{name}: {encode_header(value)}\r\n" for name, value in headers.items())
    wire = head.encode("ascii") + message.as_bytes(policy=policy.SMTP)
    check_headers(wire, headers)
    return wire


def header_text(text: str) -> str:
    """`text` made safe for a header: one line, bounded, no part of an RFC 2047 word."""
    return clip(" ".join(_ENCODED_WORD.sub(" ", one_line(text)).split()), MAX_HEADER)


def sender_name(site: str) -> str:
    """The name before the sender's address. If it is not ASCII, what fits one RFC 2047 word: Python's own parser, for
    one, puts a space between two of them there.
    """
    name = header_text(site)
    return name if name.isascii() else name.encode()[:MAX_WORD].decode("utf-8", "ignore").rstrip()


def encode_header(value: str) -> str:
    """A header's value in ASCII: as it is, or as RFC 2047 words, an address in angle brackets at its end left as it is.

    >>> encode_header("Retina: 1 new"), encode_header("세포 <a@b.example>")
    ('Retina: 1 new', '=?utf-8?b?7IS47Y+s?= <a@b.example>')
    """
    if value.isascii():
        return value
    words, _, address = value.rpartition(" <") if value.endswith(">") else (value, "", "")
    plain = words[1:-1].replace('\\"', '"').replace("\\\\", "\\") if words.startswith('"') and address else words
    pieces: list[str] = [""]
    for char in plain:
        if len((pieces[-1] + char).encode()) > MAX_WORD:
            pieces.append("")
        pieces[-1] += char
    coded = "\r\n ".join(f"=?utf-8?b?{b64encode(piece.encode()).decode()}?=" for piece in pieces)
    return f"{coded} <{address}" if address else coded


def check_headers(wire: bytes, intended: Mapping[str, str]) -> None:
    """Raises MailError unless the message has the intended headers, those of MIME, and no others."""
    head = wire.partition(b"\r\n\r\n")[0].decode("ascii", "replace")
    lines = re.split(r"\r\n|\r|\n", head)
    names = [line.partition(":")[0] for line in lines if not line.startswith((" ", "\t"))]
    mime = {"MIME-Version", "Content-Type"}
    if [name for name in names if name not in mime] != list(intended) or len(names) != len(intended) + len(mime):
        raise MailError(f"headers {', '.join(names)} are not the intended ones")
    parsed = BytesHeaderParser(policy=policy.default).parsebytes(wire)
    for name, value in intended.items():
        if str(parsed[name]) != value:
            raise MailError(f"{name} reads back as {str(parsed[name])[:80]!r}, not as intended")


def deliver(message: bytes, settings: Settings, *, to: str, secret: str, claim: Callable[[], bool]) -> Receipt:
    """Hand one message to the relay. Every answer, and every missing answer, becomes a Receipt, not an error.

    `claim` is called after the relay accepts the recipient and before the text leaves. It records that the message is
    on its way and returns whether it may still be sent.

    Raises ConfigError when the password's variable is not set.
    """
    password = settings.password.get() if settings.password else None
    domain = settings.sender.rpartition("@")[2]
    relay = smtplib.SMTP(timeout=settings.timeout, local_hostname=domain)
    try:
        early = _open(relay, settings, password)
        return early or _hand_over(relay, message, to, claim)
    finally:
        relay.close()


def _open(relay: smtplib.SMTP, settings: Settings, password: str | None) -> Receipt | None:
    """Connect and name the sender. A failure here concerns the relay, not the recipient."""
    try:
        code, text = relay.connect(settings.host, settings.port)
        if code != 220:
            return Receipt(state="unreachable", reply=_reply(code, text))
        relay.ehlo_or_helo_if_needed()
        if settings.starttls:
            relay.starttls(context=ssl.create_default_context())
            relay.ehlo_or_helo_if_needed()
        if settings.user:
            relay.login(settings.user, password or "")
        code, text = relay.mail(settings.sender)
    except smtplib.SMTPResponseException as error:
        return Receipt(state="unreachable", reply=_reply(error.smtp_code, error.smtp_error))
    except (smtplib.SMTPException, OSError) as error:
        return Receipt(state="unreachable", reply=_named(error))
    return None if code == 250 else Receipt(state="unreachable", reply=_reply(code, text))


def _hand_over(relay: smtplib.SMTP, message: bytes, to: str, claim: Callable[[], bool]) -> Receipt:
    try:
        code, text = relay.rcpt(to)
    except (smtplib.SMTPException, OSError) as error:
        return Receipt(state="unreachable", reply=_named(error))
    if code not in (250, 251):
        return _answer(code, text)
    if not claim():
        return Receipt(state="withdrawn", reply="")
    try:
        code, text = relay.data(message)
    except smtplib.SMTPDataError as error:  # DATA itself was refused: no text has left
        return _answer(error.smtp_code, error.smtp_error)
    except (smtplib.SMTPException, OSError) as error:
        return Receipt(state="uncertain", reply=_named(error))
    with suppress(smtplib.SMTPException, OSError):  # the relay has accepted the letter: a failed QUIT changes nothing
        relay.quit()
    return Receipt(state="sent", reply=_reply(code, text)) if code == 250 else _answer(code, text)


def _answer(code: int, text: bytes | str) -> Receipt:
    reply = _reply(code, text)
    if code == 421:  # "closing the channel" concerns the relay, not the recipient
        return Receipt(state="unreachable", reply=reply)
    if 400 <= code < 500:
        return Receipt(state="deferred", reply=reply)
    if 500 <= code < 600:
        return Receipt(state="refused", reply=reply)
    return Receipt(state="uncertain", reply=reply)


def _reply(code: int, text: bytes | str) -> str:
    answer = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return one_line(f"{code} {answer}")[:300]


def _named(error: Exception) -> str:
    return one_line(f"{type(error).__name__}: {error}")[:300]
