"""The errors of the project: one line that states what is wrong, where, and what to do.

    StemwireError            exit 1
    ├── ConfigError          exit 2   a configuration or data file is invalid
    ├── UsageError           exit 2   a command was given something that does not exist
    ├── AlreadyRunning       exit 75  another night holds the lock
    ├── StoreError           exit 1   a database is full, locked, damaged or of another version
    ├── StageError           exit 1   a step broke the rules of stages: continuing would write wrong data
    └── PublishError         exit 1   an edition failed its checks and was not published

Packages add their own subclasses (`crawlers.lists.feeds.FeedError`, `crawlers.pages.PageError`, …). Those are errors of
one row: its outcome is `failed`, and the night goes on.
"""

from __future__ import annotations


class StemwireError(Exception):
    """`what` is wrong, `where` (file, address, table), and a `hint` on what to do."""

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
        """Errors are pickled between processes; keyword-only arguments need this."""
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
