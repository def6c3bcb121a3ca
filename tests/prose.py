"""The prose of a file: whole pages of documentation; of code the docstrings, comments and messages, line by line."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

_SENTENCE = re.compile(r"\w+[^\w\n]+\w+[^\w\n]+\w+")
_CODE = re.compile(r"\b(?:SELECT|INSERT|UPDATE|DELETE|CREATE|WHERE|FROM)\b|\\[bdswW]|\(\?")  # SQL, regular expressions
_MARKS = {".sql": "--", ".toml": "#", ".sh": "#"}


def read_prose(path: Path) -> Iterator[tuple[int, str]]:
    """(line, text) of all that a person reads in a file.

    Of Python: comments, and strings of three words or more that are neither SQL nor a regular expression. Of SQL, TOML
    and shell scripts: comments. Of any other file: every line.
    """
    text = path.read_text("utf-8")
    if path.suffix == ".py":
        yield from _read_comments(text)
        yield from _read_strings(text)
        return
    mark = _MARKS.get(path.suffix, "")
    for number, line in enumerate(text.splitlines(), 1):
        if mark in line:
            yield number, line.partition(mark)[2] if mark else line


def _read_comments(source: str) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def _read_strings(source: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(source)):
        text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
        if isinstance(node, ast.Constant) and _SENTENCE.search(text) and not _CODE.search(text):
            for offset, line in enumerate(text.splitlines()):
                yield node.lineno + offset, line
