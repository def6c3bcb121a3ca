"""The channel `mail`: renders a digest as a mail and hands it to a mail relay.

An address is exactly one `local@domain` in ASCII. Anything that a mail server could read as two recipients, a control
character or an encoded word is refused before it is written into a header.

`render` is pure. It makes a multipart message (text and HTML of the same content). Its headers contain no text from
outside: the subject is the site's name and a number. Header values lose their control characters and every `=?`,
because some versions of Python decode such a word inside a value, and it could then begin a new header. The finished
bytes are parsed again, and a message is returned only if its headers are exactly the intended ones.

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
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.utils import format_datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import Field

from core.config import Secret, Strict
from core.errors import StemwireError, UsageError
from core.text import one_line
from publish.letters.channels import Receipt
from publish.letters.digest import Digest

TEMPLATES = Path(__file__).parents[1] / "templates"
MAX_HEADER = 200
MAX_ADDRESS = 254
SUFFIX = ".eml"
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
# Long addresses in List-Unsubscribe must not be folded: Python would make encoded words of them.
_WIRE = policy.SMTP.clone(max_line_length=990)
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


def render(digest: Digest, *, ident: str, to: str, settings: Settings, moment: datetime) -> bytes:
    """The bytes of the message. `ident` makes the Message-ID, which is the same for every try.

    Raises MailError when the headers read back are not the intended ones.
    """
    name = header_text(digest.site)
    domain = settings.sender.rpartition("@")[2]
    intended = {
        "From": str(Address(display_name=name, addr_spec=settings.sender)),
        "To": to,
        "Subject": header_text(digest.subject),
        "Date": format_datetime(moment),
        "Message-ID": f"<{ident}@{domain}>",
        "List-Unsubscribe": f"<{digest.stop}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
    }
    message = EmailMessage(policy=policy.SMTP)
    for header, value in intended.items():
        message[header] = value
    message.set_content(_template("digest.txt", digest), cte="quoted-printable")
    message.add_alternative(_template("digest.html", digest), subtype="html", cte="quoted-printable")
    message.set_boundary(f"=_{ident}")
    wire = message.as_bytes(policy=_WIRE)
    check_headers(wire, intended)
    return wire


def header_text(text: str) -> str:
    """`text` made safe for a header: one line, bounded, no part of an RFC 2047 word."""
    return " ".join(_ENCODED_WORD.sub(" ", one_line(text)).split())[:MAX_HEADER]


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


def deliver(message: bytes, settings: Settings, *, to: str, claim: Callable[[], bool]) -> Receipt:
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


def _template(name: str, digest: Digest) -> str:
    return _environment().get_template(name).render(digest=digest)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=lambda name: name is not None and name.endswith(".html"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["day"] = day_of
    return environment


def day_of(day: str | None) -> str:
    """`2026-11-22` in English words, whatever the locale; anything else unchanged.

    >>> day_of("2026-11-02"), day_of("2026"), day_of(None)
    ('2 November 2026', '2026', 'no date given')
    """
    whole = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])-(\d\d)", day or "")
    return f"{int(whole[3])} {MONTHS[int(whole[2]) - 1]} {whole[1]}" if whole else day or "no date given"
