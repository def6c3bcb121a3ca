"""JSON of uncertain shape: a part that is missing, or of another type than documented, reads as empty."""

from __future__ import annotations

import re
from typing import Any

from core.text import one_line
from crawlers.lists.apis.answers import drop_repeats

_SURROGATES = re.compile("[\ud800-\udfff]")


class JsonObject:
    """A JSON object (`data`). Every accessor gives an empty value for what is missing or has another type."""

    __slots__ = ("data",)

    def __init__(self, value: object) -> None:
        self.data: dict[str, Any] = value if isinstance(value, dict) else {}

    def __bool__(self) -> bool:
        return bool(self.data)

    def has(self, name: str) -> bool:
        return name in self.data

    def value(self, name: str) -> Any:  # noqa: ANN401  JSON
        return self.data.get(name)

    def part(self, name: str) -> JsonObject:
        return JsonObject(self.data.get(name))

    def text(self, name: str) -> str:
        """A text or number as text; the first of a list; else empty. Lone surrogates are dropped."""
        value = self.data.get(name)
        if isinstance(value, list):
            value = value[0] if value else None
        if isinstance(value, str):
            return value if value.isascii() else _SURROGATES.sub("", value)
        return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""

    def line(self, name: str) -> str:
        return one_line(self.text(name))

    def items(self, name: str) -> list[Any]:
        value = self.data.get(name)
        return value if isinstance(value, list) else []

    def parts(self, name: str) -> list[JsonObject]:
        return [JsonObject(item) for item in self.items(name) if isinstance(item, dict)]

    def lines(self, name: str) -> list[str]:
        """The texts of a list, each on one line, none empty, none twice."""
        return drop_repeats(one_line(item) for item in self.items(name) if isinstance(item, str))

    def number(self, name: str) -> int | None:
        value = self.data.get(name)
        if isinstance(value, list):
            value = value[0] if value else None
        if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
            return int(value)
        return value if isinstance(value, int) and not isinstance(value, bool) else None
