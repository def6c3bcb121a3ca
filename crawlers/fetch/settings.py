"""Scrapy's settings as data: everything that is unsafe or impolite by default is set here, with the reason.

Politeness: one request at a time per host, `crawl.delay` seconds between two (none for a recording), an honest user
agent with a contact. Safety: limits of size, time and memory on everything, http and https only, the address guard as
the resolver, and none of Scrapy's own consoles.
"""

from __future__ import annotations

from typing import Any

from core.config import Crawl

ROBOTS_MAX = 500 * 1024  # bytes of robots.txt that RFC 9309 asks for, and as much as the parser gets
REDIRECTS = 5
PRODUCT = "Stemwire"  # our name in robots.txt
MEMORY_MB = 1024
SHORTEST_DELAY = 0.02  # seconds


def user_agent(crawl: Crawl) -> str:
    """Who asks, and where to complain."""
    return f"{PRODUCT}/1.0 (+{crawl.contact})"


def scrapy_settings(crawl: Crawl, *, recorded: bool, private_hosts: frozenset[str]) -> dict[str, Any]:
    """All settings that differ from Scrapy's own. `private_hosts` may resolve to addresses that are not public."""
    handler = "crawlers.fetch.recorded.RecordedHandler" if recorded else "crawlers.fetch.guards.GuardedHandler"
    return {
        "USER_AGENT": user_agent(crawl),
        "ROBOTSTXT_OBEY": True,  # our middleware (below) does it; Scrapy's own takes "unreachable" for "allowed"
        "DOWNLOAD_MAXSIZE": crawl.max_size,  # before and after decompression, against decompression bombs
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_TIMEOUT": crawl.timeout,  # for the whole answer, not between bytes
        # without any delay Scrapy 2.19 starts a host's whole queue at once, whatever the limit below says
        "DOWNLOAD_DELAY": 0 if recorded else max(crawl.delay, SHORTEST_DELAY),
        "DOWNLOAD_DELAY_JITTER": 0,  # the delay is a minimum, not an average
        "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
        "CONCURRENT_REQUESTS": 0,  # every host has its own queue; a slow one must not hold up the others
        # Scrapy's own is last in, first out: the plan's newest pages would come last, and a night cut short lose them
        "SCHEDULER_MEMORY_QUEUE": "scrapy.squeues.FifoMemoryQueue",
        "RETRY_TIMES": 0 if recorded else crawl.retries,
        "RETRY_EXCEPTIONS": [  # not timeouts: three times twenty seconds for a dead page; it is asked again next night
            "scrapy.exceptions.CannotResolveHostError",
            "scrapy.exceptions.DownloadConnectionRefusedError",
            "scrapy.exceptions.DownloadFailedError",
            "scrapy.exceptions.ResponseDataLossError",
        ],
        "RETRY_HTTP_CODES": [500, 502, 503, 504],
        "REDIRECT_MAX_TIMES": REDIRECTS,
        "METAREFRESH_ENABLED": False,
        "COOKIES_ENABLED": False,
        "REFERRER_POLICY": "no-referrer",
        "HTTPERROR_ALLOW_ALL": True,  # every status is an answer that ends as a visit
        "HTTPPROXY_ENABLED": False,  # a proxy would bypass the address guard
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "DOWNLOAD_HANDLERS": {
            "http": handler,
            "https": handler,
            "file": None,
            "data": None,
            "ftp": None,
            "s3": None,
        },
        "TWISTED_DNS_RESOLVER": "crawlers.fetch.guards.GuardedResolver",
        "STEMWIRE_PRIVATE_HOSTS": sorted(private_hosts),
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "MEMUSAGE_LIMIT_MB": MEMORY_MB,
        "MEMUSAGE_CHECK_INTERVAL_SECONDS": 2,
        "CLOSESPIDER_TIMEOUT": crawl.max_seconds,
        "DUPEFILTER_CLASS": "scrapy.dupefilters.BaseDupeFilter",  # what is due is decided from the store
        "DOWNLOADER_MIDDLEWARES": {
            "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
            "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
            "crawlers.fetch.robots.Robots": 100,
            "crawlers.fetch.politeness.RetryAfter": 560,  # sees an answer before Scrapy's retries (550) do
        },
        "SPIDER_MIDDLEWARES": {"scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None},
        "EXTENSIONS": {
            "scrapy.extensions.logstats.LogStats": None,
            "scrapy.extensions.feedexport.FeedExporter": None,
            "scrapy.extensions.memusage.MemoryUsage": None,
            "crawlers.fetch.memory.OwnMemory": 0,
        },
        "DEFAULT_REQUEST_HEADERS": {
            "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "Accept-Language": "en,ko;q=0.8,*;q=0.5",
        },
        "LOG_INSTALL_ROOT_HANDLER": False,
        "LOG_ENABLED": False,  # visits and issues report what happened
        "STATS_DUMP": False,
    }
