"""Fetch one page that a person names, outside of the nightly crawl and without keeping anything of it.

It is for `check-text`. The guards are those of the crawl: only public addresses (`find_refusal`), robots.txt, limits of
size and time, an honest name. In order, for the address and for each that it redirects to (at most `REDIRECTS`):

1. only http and https, no user name in it, and the usual ports;
2. the host is resolved once, each of its addresses is checked, and the connection goes to the address that was checked,
   so that a second lookup with another result has no effect. No proxy is used, because it would look up by itself;
3. robots.txt of the host must allow it, and be readable (`crawlers.fetch.robots`);
4. the answer is read up to `max_size` bytes, before and after unpacking.

It is called in a process that may be killed (`core.workers`), which ends a server that sends a byte now and then.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import zlib
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from scrapy.exceptions import IgnoreRequest

from core import clock
from core.errors import StemwireError
from core.public_addresses import find_refusal
from crawlers.addresses import is_askable
from crawlers.fetch.robots import interpret_answer
from crawlers.fetch.settings import PRODUCT, REDIRECTS, ROBOTS_MAX

PORTS = {"http": 80, "https": 443}
LONGEST = 2000  # characters of an address
PIECE = 1 << 16
MOVED = (301, 302, 303, 307, 308)


class NotFetched(StemwireError):
    """The page was not fetched; the text says why, for the person who named it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A page as it came, unpacked. `url` is where the redirects led."""

    url: str
    content_type: str | None
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How a page is asked for. `opened`: hosts that may be on this machine (only tests name any)."""

    contact: str
    timeout: float = 20.0  # seconds for everything together
    max_size: int = 8 * 2**20  # bytes
    opened: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    location: str | None
    content_type: str | None
    body: bytes


def fetch_page(url: str, terms: Terms) -> Fetched:
    """The page at an address. Raises NotFetched."""
    deadline = clock.seconds() + terms.timeout
    allowed: set[str] = set()  # origins whose robots.txt was read, with the address that it was read for
    for _ in range(REDIRECTS + 1):
        url = _check_address(url, terms)
        _ask_robots(url, terms, deadline, allowed)
        answer = _ask(url, terms, deadline, terms.max_size)
        if answer.status in MOVED and answer.location:
            url = urljoin(url, answer.location)
            continue
        if answer.status != 200:
            raise NotFetched(f"the server answered {answer.status}", where=_name(url))
        return Fetched(url=url, content_type=answer.content_type, body=answer.body)
    raise NotFetched(f"it redirects more than {REDIRECTS} times", where=_name(url))


def _check_address(url: str, terms: Terms) -> str:
    url = url.split("#", 1)[0]
    if len(url) > LONGEST or not is_askable(url) or not url.isprintable() or " " in url:
        raise NotFetched("this is not an address of the web", where=_name(url), hint="http:// or https:// and a host")
    parts = urlsplit(url)
    if parts.username is not None or parts.password is not None:
        raise NotFetched("an address with a user name is not fetched", where=_name(url))
    if parts.port not in (None, PORTS[parts.scheme]) and parts.hostname not in terms.opened:
        raise NotFetched(f"port {parts.port} is not asked", where=_name(url))
    return url


def _ask_robots(url: str, terms: Terms, deadline: float, allowed: set[str]) -> None:
    """Raises NotFetched where robots.txt does not allow the address, or cannot be read."""
    parts = urlsplit(url)
    origin = f"{parts.scheme}://{parts.netloc}"
    if url in allowed:
        return
    asked, status, body, why = f"{origin}/robots.txt", None, None, "no answer"
    try:
        for _ in range(REDIRECTS + 1):
            answer = _ask(_check_address(asked, terms), terms, deadline, ROBOTS_MAX, cut=True)
            if answer.status in MOVED and answer.location:
                asked = urljoin(asked, answer.location)
                continue
            status, body, why = answer.status, answer.body, f"status {answer.status}"
            break
    except NotFetched as error:
        why = error.what
        if _is_refusal(error):
            raise
    try:
        interpret_answer(parts.netloc, status, body, why).check(url)
    except IgnoreRequest as error:
        raise NotFetched(str(error), where=_name(url)) from None
    allowed.add(url)


def _is_refusal(error: NotFetched) -> bool:
    """Whether the host itself may not be asked, or is not there: robots.txt is not the reason then."""
    return error.hint in (_PRIVATE, _UNKNOWN)


_PRIVATE = "only public addresses are fetched"
_UNKNOWN = "is it spelled right?"


def _ask(url: str, terms: Terms, deadline: float, most: int, *, cut: bool = False) -> _Answer:
    """One request. Raises NotFetched."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or PORTS[parts.scheme]
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = http.client.HTTPConnection(host, port)
    try:
        connection.sock = _connect(host, port, terms, deadline)
        if parts.scheme == "https":
            connection.sock = ssl.create_default_context().wrap_socket(connection.sock, server_hostname=host)
        connection.putrequest("GET", _ascii(target), skip_accept_encoding=True)
        connection.putheader("User-Agent", f"{PRODUCT}/1.0 (+{terms.contact})")
        connection.putheader(
            "Accept", "text/html,application/xhtml+xml,application/pdf;q=0.9,text/plain;q=0.9,*/*;q=0.5"
        )
        connection.putheader("Accept-Encoding", "gzip")
        connection.putheader("Connection", "close")
        connection.endheaders()
        response = connection.getresponse()
        body = b""
        if response.status == 200:
            body = _read(response, deadline, most, cut, url)
        return _Answer(response.status, response.getheader("Location"), response.getheader("Content-Type"), body)
    except ssl.SSLError as error:
        raise NotFetched("its certificate cannot be checked", where=_name(url)) from error
    except TimeoutError:
        raise NotFetched(f"no answer in {terms.timeout:g} seconds", where=_name(url)) from None
    except (OSError, http.client.HTTPException, ValueError):
        raise NotFetched("the server cannot be reached, or does not speak HTTP", where=_name(url)) from None
    finally:
        connection.close()


def _connect(host: str, port: int, terms: Terms, deadline: float) -> socket.socket:
    """A connection to the first address of the host that may be contacted. Raises NotFetched if one may not be."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotFetched("its address cannot be found from here", where=host[:100], hint=_UNKNOWN) from None
    addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
    if host not in terms.opened:
        for address in addresses:
            if why := find_refusal(address):
                raise NotFetched(f"its address is {why}", where=host[:100], hint=_PRIVATE)
    problem: OSError | None = None
    for address in addresses[:4]:
        try:
            connection = socket.create_connection((address, port), timeout=_left(deadline))
        except OSError as error:
            problem = error
            continue
        connection.settimeout(_left(deadline))
        return connection
    raise problem or TimeoutError


def _read(response: http.client.HTTPResponse, deadline: float, most: int, cut: bool, url: str) -> bytes:
    """The body, unpacked. `cut`: of one that is too long the beginning."""
    packed = (response.getheader("Content-Encoding") or "identity").strip().lower()
    if packed not in ("identity", "gzip", "x-gzip"):
        raise NotFetched(f"it is packed in a way that was not asked for ({packed[:20]})", where=_name(url))
    unpack = zlib.decompressobj(wbits=31) if packed != "identity" else None
    whole, taken = bytearray(), 0
    while piece := response.read1(PIECE):
        taken += len(piece)
        try:
            whole += unpack.decompress(piece, most + 1 - len(whole)) if unpack else piece
        except zlib.error:
            raise NotFetched("it is packed, and damaged", where=_name(url)) from None
        if len(whole) > most or taken > most:
            if cut:
                break
            raise NotFetched(f"it is larger than {most // 2**20} MiB", where=_name(url))
        _left(deadline)
    return bytes(whole[:most])


def _left(deadline: float) -> float:
    """Seconds that are left. Raises TimeoutError when there are none."""
    left = deadline - clock.seconds()
    if left <= 0:
        raise TimeoutError
    return left


def _ascii(target: str) -> str:
    """A path as it is sent: what is not ASCII is escaped."""
    return "".join(char if char.isascii() else "".join(f"%{byte:02X}" for byte in char.encode()) for char in target)


def _name(url: str) -> str:
    """An address as a message shows it."""
    return url[:100] if url.isprintable() else "the address"
