"""The child process of a night: Scrapy, one spider, and a pipe to the parent, which writes.

It reads the stores and writes to none. When the parent exits, it ends at once, with the processes that read feeds for
it (they share its process group). The parent ends it the same way when the night's time is over.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import traceback
from multiprocessing.connection import Connection

from scrapy import signals
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response
from twisted.python.failure import Failure

from core.workers import Child
from crawlers.fetch.history import History
from crawlers.fetch.messages import Job, SourceProblem
from crawlers.fetch.recorded import load_recording
from crawlers.fetch.settings import scrapy_settings
from crawlers.fetch.spiders import NightSpider
from crawlers.lists.model import ListResult
from crawlers.lists.reader import Reader, limits_of
from crawlers.lists.source_rules import get_hosts


def run_child(pipe: Connection, job: Job) -> None:
    """What the child process runs."""
    os.setpgid(0, 0)  # ending this process group ends its helpers, too
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    threading.Thread(target=_end_with_parent, args=(pipe,), daemon=True).start()
    for name in ("scrapy", "twisted", "py.warnings"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # events are reported through the pipe

    private = frozenset(host for source in job.sources if source.allow_private for host in get_hosts(source))
    settings = scrapy_settings(job.config.crawl, recorded=job.recorded is not None, private_hosts=private)
    process = AsyncCrawlerProcess(settings)
    crawler = process.create_crawler(NightSpider)

    def on_spider_error(failure: Failure, response: Response | None, spider: NightSpider) -> None:
        request = getattr(response, "request", None) or getattr(failure, "request", None)
        source = request.meta["source"] if request is not None else job.sources[0].id
        pipe.send(SourceProblem(source=source, kind="crashed", text=_describe(failure), fatal=True))

    crawler.signals.connect(on_spider_error, signals.spider_error)
    with Child[ListResult](limits_of(job.config.extract)) as child:
        process.crawl(
            crawler,
            job=job,
            history=History(job.raw, job.work, job.run.id),
            recording=load_recording(job.recorded) if job.recorded else None,
            send=pipe.send,
            read=Reader(child),
        )
        process.start(install_signal_handlers=False)
    pipe.close()


def _describe(failure: Failure) -> str:
    """An unexpected error, with the line of our code that raised it."""
    ours = [frame for frame in traceback.extract_tb(failure.getTracebackObject()) if "crawlers" in frame.filename]
    where = f" (at {ours[-1].name}, line {ours[-1].lineno})" if ours else ""
    return f"{failure.type.__name__}: {failure.value}{where}"


def _end_with_parent(pipe: Connection) -> None:
    """The parent never sends anything, so the end of the pipe means that the parent has exited."""
    try:
        pipe.recv()
    except (EOFError, OSError):
        os.killpg(0, signal.SIGKILL)
