"""Log lines of key=value on stderr. Callers bind run, source and document.

`log.bind(run=…)` holds until the block ends, and every line inside carries it:
`2026-11-22T04:51:00Z warning feed_failed run=20261122T045100Z source=example reason="404 Not Found"`.
"""

from __future__ import annotations

import logging
import sys
from typing import Any, cast

import structlog

bind = structlog.contextvars.bound_contextvars


def configure(level: str = "info") -> None:
    """Send the project's lines, and those of libraries from WARNING on, to stderr."""
    chain: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="%Y-%m-%dT%H:%M:%SZ", utc=True),
        structlog.processors.format_exc_info,
    ]
    render = structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"], drop_missing=True)
    structlog.configure(
        processors=[*chain, render],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(
        level=logging.WARNING,
        stream=sys.stderr,
        format="level=%(levelname)s event=%(message)r logger=%(name)s",
    )


def get_log(name: str) -> structlog.typing.FilteringBoundLogger:
    """A logger that names its module."""
    return cast("structlog.typing.FilteringBoundLogger", structlog.get_logger(module=name))
