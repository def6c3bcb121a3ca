"""Errors say what, where and what to do, in one line.

    StemwireError            exit 1
    ├── ConfigError          exit 2   a file of ours says something we cannot use
    ├── UsageError           exit 2   a command was asked for something that is not there
    ├── AlreadyRunning       exit 75  another night holds the lock
    ├── StoreError           exit 1   a database is full, locked, damaged or of another version
    ├── StageError           exit 1   a step broke the stage contract: going on would write wrong data
    └── PublishError         exit 1   an edition failed its checks and was not switched on

Rooms add their own leaves (`crawlers.lists.feeds.FeedError`, `crawlers.pages.PageError`, …): those are errors of one
row and end as a failed outcome, not as the end of a night.
"""

from __future__ import annotations


class StemwireError(Exception):
    """`what` went wrong, `where` (file, address, table), and a `hint` at what to do."""

    exit_code = 1

    def __init__(self, what: str, *, where: str | None = None, hint: str | None = None) -> None:
        super().__init__(what)
        self.what, self.where, self.hint = what, where, hint

    def __str__(self) -> str:
        line = f"{self.where}: {self.what}" if self.where else self.what
        if self.hint:
            line += f" ({self.hint})"
        if self.__cause__ is not None:
            line += f" [{type(self.__cause__).__name__}: {self.__cause__}]"
        return " ".join(line.split())

    def __reduce__(self) -> tuple[object, ...]:
        """Errors cross process borders; keyword-only arguments need saying so."""
        return (_rebuild, (type(self), self.what, self.where, self.hint))


def _rebuild(kind: type[StemwireError], what: str, where: str | None, hint: str | None) -> StemwireError:
    return kind(what, where=where, hint=hint)


class ConfigError(StemwireError):
    exit_code = 2


class UsageError(StemwireError):
    exit_code = 2


class AlreadyRunning(StemwireError):
    exit_code = 75


class StoreError(StemwireError):
    pass


class StageError(StemwireError):
    pass


class PublishError(StemwireError):
    pass
