"""XML children by their local names, whatever their namespaces: repositories forget to declare them."""

from __future__ import annotations

from lxml import etree

from core.text import one_line
from crawlers.lists.apis.answers import drop_repeats


def find_child(node: etree._Element | None, *path: str) -> etree._Element | None:
    """The descendant at this path of local names (the first child at each step), or None."""
    for name in path:
        if node is None:
            return None
        node = next((below for below in node if isinstance(below.tag, str) and local_name(below) == name), None)
    return node


def find_children(node: etree._Element | None, *path: str) -> list[etree._Element]:
    above = find_child(node, *path[:-1])
    if above is None:
        return []
    return [below for below in above if isinstance(below.tag, str) and local_name(below) == path[-1]]


def local_name(node: etree._Element) -> str:
    return str(node.tag).rpartition("}")[2]


def child_text(node: etree._Element | None, *path: str) -> str:
    """All text of a descendant on one line, inline markup flattened; empty where there is none."""
    found = find_child(node, *path)
    return "" if found is None else one_line("".join(found.itertext()))


def child_texts(node: etree._Element | None, *path: str) -> list[str]:
    """The texts of all children of that name, each once."""
    return drop_repeats(one_line("".join(found.itertext())) for found in find_children(node, *path))
