"""The channel `webhook`: posts a letter as JSON to an address of the subscriber.

The body is one object: `type` (`letter` or `confirmation`), `id` (the same for every try: drop what you already have),
`made` (UTC), `subject`, and `letter`, the content as `publish.letters.letter.Letter` describes it. A confirmation has
`site`, `query` and `link` instead: open the link and press its button.

Two headers prove who sent it. `Stemwire-Timestamp` is the time of sending in seconds since 1970. `Stemwire-Signature`
is `v1=` and the HMAC-SHA256, in hexadecimal, of the timestamp, a full stop and the body, keyed with the secret that the
signed page shows. Compute it over the bytes as they came, compare in constant time, and refuse a timestamp that is more
than five minutes old. A confirmation is not signed: there is no secret yet.

What protects us and others, in order:
1. only https; http only for an address of this machine, and only where `[letters] local` is set;
2. the name is looked up once, and the connection goes to the address that was checked (`core.public_addresses`), so
   that a second lookup cannot lead elsewhere; the certificate and the Host header are those of the name;
3. a redirect is followed only where it keeps method and body (307, 308), at most MAX_HOPS times, each checked anew;
4. no proxy, no cookie; the answer's body is not read; all of it takes at most `timeout` seconds.

Each receiver has a server of its own: one that cannot be reached puts off its own letter and stops no other.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import socket
import ssl
from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
from pydantic import Field

from core import clock
from core.config import Strict
from core.errors import StemwireError, UsageError
from core.public_addresses import find_refusal
from core.text import one_line
from publish.letters.channels import Receipt
from publish.letters.letter import Letter
from publish.letters.rendering import harmless, subject_of, tidy_letter, to_json, web_address

SUFFIX = ".json"
MAX_ADDRESS = 500
MAX_HOPS = 3
LATER = {408, 425, 429}  # and every 5xx
GONE = 410
KEEPS_BODY = {307, 308}
_LOOPBACK = "loopback"


class RefusedError(StemwireError):
    """An address that must not be contacted."""


class WithdrawnError(StemwireError):
    """`claim` said no."""


class Settings(Strict):
    """`[letters.webhook]`: `timeout` in seconds, of a whole delivery. `local` opens this machine's own addresses."""

    timeout: float = Field(default=15, gt=0, le=120)
    local: bool = False


def check_address(text: str) -> str:
    """An https address; http only where it leads to this machine. Raises UsageError."""
    address = text.strip()
    parts = urlsplit(address) if web_address(address) else None
    host = (parts.hostname or "") if parts else ""
    good = (
        parts is not None
        and len(address) <= MAX_ADDRESS
        and address.isascii()
        and "@" not in parts.netloc
        and not parts.fragment
        and _has_port(address)
        and (parts.scheme == "https" or host == "localhost" or find_refusal(host) == _LOOPBACK)
    )
    if not good:
        raise UsageError(
            f"{address[:80]!r} is not the address of a webhook", hint="https://example.org/hook, without a password"
        )
    return address


def _has_port(address: str) -> bool:
    try:
        return urlsplit(address).port != 0
    except ValueError:  # not a number, or above 65535
        return False


def render(letter: Letter, *, ident: str, to: str, settings: Settings, moment: datetime) -> bytes:
    """The letter as JSON."""
    letter = tidy_letter(letter)
    return _body("letter", ident, moment, {"subject": subject_of(letter), "letter": json.loads(to_json(letter))})


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
    """The question whether letters are wanted, as JSON."""
    told = {"site": one_line(site), "query": harmless(query), "link": web_address(link) or ""}
    return _body("confirmation", ident, moment, told)


def _body(kind: str, ident: str, moment: datetime, told: Mapping[str, Any]) -> bytes:
    return json.dumps(
        {"type": kind, "id": ident, "made": clock.stamp(moment), **told}, ensure_ascii=False, separators=(",", ":")
    ).encode()


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """The value of `Stemwire-Signature`."""
    return "v1=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, sha256).hexdigest()


def deliver(message: bytes, settings: Settings, *, to: str, secret: str, claim: Callable[[], bool]) -> Receipt:
    """Post one message. Every answer, and every missing answer, becomes a Receipt, not an error.

    `claim` is called once the connection is there and before the first byte of the request leaves.
    """
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "Stemwire letters"}
    if secret:
        timestamp = str(int(clock.now().timestamp()))
        headers |= {"Stemwire-Timestamp": timestamp, "Stemwire-Signature": sign(secret, timestamp, message)}
    post = _Post(message, headers, settings, claim)
    try:
        return asyncio.run(post.send(to))
    except WithdrawnError:
        return Receipt(state="withdrawn", reply="")
    except RefusedError as error:
        return Receipt(state="refused", reply=str(error))
    except (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError) as error:
        reply = one_line(f"{type(error).__name__}: {error}")[:300]
        return Receipt(state="uncertain" if post.left else "deferred", reply=reply)


class _Post:
    """One delivery. `left`: the request has begun to leave, and no answer has come to it."""

    def __init__(
        self, message: bytes, headers: Mapping[str, str], settings: Settings, claim: Callable[[], bool]
    ) -> None:
        self._message, self._headers, self._settings, self._claim = message, headers, settings, claim
        self._context = ssl.create_default_context()
        self._claimed = self.left = False

    async def send(self, address: str) -> Receipt:
        async with asyncio.timeout(self._settings.timeout):
            for _ in range(MAX_HOPS + 1):
                answer = await self._ask(address)
                if answer.status_code not in KEEPS_BODY:
                    return _receipt(answer)
                address = urljoin(address, answer.headers.get("location", ""))
        return Receipt(state="refused", reply=f"more than {MAX_HOPS} redirects")

    async def _ask(self, address: str) -> httpx.Response:
        url = httpx.URL(address)
        where = await self._checked(url)
        problem: httpx.HTTPError | None = None
        for ip in where:
            asked = url.copy_with(host=ip)
            async with httpx.AsyncClient(
                verify=self._context, trust_env=False, timeout=self._settings.timeout
            ) as client:
                try:
                    async with client.stream(
                        "POST", asked, content=self._message,
                        headers={**self._headers, "Host": url.netloc.decode("ascii")},
                        extensions={"sni_hostname": url.raw_host.decode("ascii"), "trace": self._trace},
                    ) as answer:  # fmt: skip
                        self.left = False
                        return answer
                except (httpx.ConnectError, httpx.ConnectTimeout) as error:  # the next address of the name, if any
                    problem = error
        raise problem or httpx.ConnectError(f"{url.host} has no address")

    async def _checked(self, url: httpx.URL) -> list[str]:
        """The addresses of a name that may be contacted. Raises RefusedError if it has only others."""
        if url.scheme not in ("http", "https") or not url.host:
            raise RefusedError(f"{url.scheme or 'no scheme'}: only https is posted to")
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(
            url.host, url.port or (443 if url.scheme == "https" else 80), type=socket.SOCK_STREAM
        )
        kept, refused = [], ""
        for ip in dict.fromkeys(str(one[4][0]) for one in found):
            why = find_refusal(ip)
            if why == _LOOPBACK and self._settings.local:
                kept.append(ip)
            elif why:
                refused = f"{url.host} must not be contacted: {ip} is {why}"
            elif url.scheme != "https":
                refused = f"{url.host} must not be contacted without https"
            else:
                kept.append(ip)
        if not kept and refused:
            raise RefusedError(refused)
        return kept

    async def _trace(self, event: str, info: Mapping[str, Any]) -> None:
        """httpx tells each step of a request; this one is the last at which nothing has left."""
        if event.endswith("send_request_headers.started"):
            if not self._claimed and not self._claim():
                raise WithdrawnError("no longer to be sent")
            self._claimed = self.left = True


def _receipt(answer: httpx.Response) -> Receipt:
    code = answer.status_code
    reply = one_line(f"{code} {answer.reason_phrase}")[:300]
    if 200 <= code < 300:
        return Receipt(state="sent", reply=reply)
    if code in LATER or code >= 500:
        return Receipt(state="deferred", reply=reply)
    return Receipt(state="refused", reply=reply, final=code == GONE)
