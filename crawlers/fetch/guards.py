"""Which addresses may be contacted, and the two places where that is enforced.

`find_refusal` (core/public_addresses.py) is the policy: only public unicast addresses. `GuardedResolver` applies it to
every answer of the resolver, so the address that was checked is the one that is contacted: a second lookup with another
result (DNS rebinding) has no effect. Twisted also asks the resolver for literal addresses, in any spelling (`127.1`,
`2130706433`, `[::ffff:127.0.0.1]`); a test makes sure of that.

A source with `allow_private = true` opens the hosts of its own rules, and only those: a link or a redirect from there
to another internal host is refused. `GuardedHandler` adds what the resolver cannot know: which source asks. A host that
one source opened is not open to another, unless that one names it too. The handler also refuses everything but http(s),
limits header lines, and checks whether the host may be asked now (`crawlers.fetch.politeness`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.core.downloader.handlers.http11 import (
    HTTP11DownloadHandler,
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
    _LenientHTTPClientParser,
)
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from scrapy.resolver import CachingHostnameResolver
from twisted.internet.error import ConnectError, ConnectionClosed
from twisted.internet.interfaces import IHostResolution, IResolutionReceiver
from twisted.web._newclient import ParseError
from zope.interface import implementer  # type: ignore[import-untyped]

from core import clock
from core.public_addresses import find_refusal
from crawlers.addresses import host_of, is_askable, origin_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scrapy.crawler import Crawler
    from scrapy.http import Request, Response
    from twisted.internet.base import ReactorBase
    from twisted.internet.defer import Deferred
    from twisted.internet.interfaces import IAddress
    from twisted.web._newclient import Request as ClientRequest
    from twisted.web._newclient import Response as ClientResponse

UNANSWERED = (  # what a download raises when there is no answer
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    ConnectError,
)
DOWNLOAD_ERRORS = (
    *UNANSWERED,
    ConnectionClosed,
    DownloadCancelledError,
    DownloadFailedError,
    IgnoreRequest,
    ResponseDataLossError,
)

HEADER_LINES = 400
HEADER_BYTES = 128 * 1024


class Refused(IgnoreRequest):  # type: ignore[misc]
    """One of our guards stopped the request; the text gives the reason. It is not retried in the same night."""


@implementer(IResolutionReceiver)
class _PublicOnly:
    """Passes on only addresses that may be contacted; remembers why the others may not."""

    def __init__(self, receiver: IResolutionReceiver, host: str, refused: dict[str, str]) -> None:
        self.receiver, self.host, self.refused = receiver, host, refused

    def resolutionBegan(self, resolution: IHostResolution) -> None:
        self.receiver.resolutionBegan(resolution)

    def addressResolved(self, address: IAddress) -> None:
        why = find_refusal(address.host)
        if why is None:
            self.receiver.addressResolved(address)
        else:
            self.refused[self.host] = f"{address.host} is {why}"

    def resolutionComplete(self) -> None:
        self.receiver.resolutionComplete()


refused_hosts: dict[str, str] = {}
"""Host -> why its address was refused, for the message; one crawl per process."""


class GuardedResolver(CachingHostnameResolver):  # type: ignore[misc]
    """The resolver of the crawl; set by `TWISTED_DNS_RESOLVER`."""

    def __init__(self, reactor: ReactorBase, cache_size: int, private_hosts: frozenset[str]) -> None:
        super().__init__(reactor, cache_size)
        self.private_hosts = private_hosts

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> GuardedResolver:
        hosts = frozenset(crawler.settings.getlist("STEMWIRE_PRIVATE_HOSTS"))
        return cls(reactor, crawler.settings.getint("DNSCACHE_SIZE"), hosts)

    def resolveHostName(
        self,
        resolutionReceiver: IResolutionReceiver,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Sequence[type[IAddress]] | None = None,
        transportSemantics: str = "TCP",
    ) -> IHostResolution:
        host = hostName.lower().rstrip(".")
        receiver = resolutionReceiver
        if host not in self.private_hosts:
            receiver = _PublicOnly(resolutionReceiver, host, refused_hosts)
        return super().resolveHostName(receiver, hostName, portNumber, addressTypes, transportSemantics)


class _BoundedParser(_LenientHTTPClientParser):  # type: ignore[misc]
    """Scrapy limits the length of a header line, but not their number: an endless list would fill the memory."""

    lines = 0
    taken = 0

    def lineReceived(self, line: bytes) -> None:
        self.lines += 1
        self.taken += len(line)
        if self.lines > HEADER_LINES or self.taken > HEADER_BYTES:
            raise ParseError(f"more than {HEADER_LINES} header lines or {HEADER_BYTES} bytes of them", line[:80])
        super().lineReceived(line)


class _BoundedProtocol(_LenientHTTP11ClientProtocol):  # type: ignore[misc]
    def request(self, request: ClientRequest) -> Deferred[ClientResponse]:
        answer = super().request(request)
        if self._parser is not None:
            self._parser.__class__ = _BoundedParser  # Twisted names its parser in the middle of this method
        return answer


class _BoundedFactory(_LenientHTTP11ClientFactory):  # type: ignore[misc]
    def buildProtocol(self, addr: IAddress) -> _BoundedProtocol:
        return _BoundedProtocol(self._quiescentCallback)


class GuardedHandler(HTTP11DownloadHandler):  # type: ignore[misc]
    """Downloads over http and https, and refuses at the last moment what must not be requested."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._pool._factory = _BoundedFactory

    async def download_request(self, request: Request) -> Response:
        spider = self._crawler.spider
        host = host_of(request.url)
        if not is_askable(request.url):
            raise Refused("only http and https are fetched")
        opened = frozenset(self._crawler.settings.getlist("STEMWIRE_PRIVATE_HOSTS"))
        if host in opened and host not in spider.own_hosts(request.meta["source"]):
            raise Refused(f"{host} is open to another source only")
        origin = origin_of(request.url)
        spider.hosts.check(origin)
        refused_hosts.pop(host, None)
        request.meta["began"] = clock.seconds()
        try:
            response = await super().download_request(request)
        except UNANSWERED as error:
            if host in refused_hosts and isinstance(error, CannotResolveHostError):
                raise Refused(f"{host} may not be dialled: {refused_hosts[host]}") from error
            spider.hosts.missed(origin)
            raise
        spider.hosts.answered(origin)
        return response
