"""What an assistant gets at /-/mcp: asked by a real client over HTTP on loopback."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest
from mcp import Client

from tests.publish.loopback import Loopback


def call(place: Loopback, tool: str, **arguments: object) -> tuple[bool, Any]:
    """Whether it went wrong, and what was said."""

    async def ask() -> tuple[bool, Any]:
        async with Client(f"http://{place.host}:{place.port}/-/mcp") as client:
            said = await client.call_tool(tool, arguments)
            text = said.content[0].text  # type: ignore[union-attr]
            return bool(said.is_error), text if said.is_error else json.loads(text)

    return asyncio.run(ask())


def test_the_tools_are_listed_with_what_they_do(place: Loopback) -> None:
    async def ask() -> dict[str, str]:
        async with Client(f"http://{place.host}:{place.port}/-/mcp") as client:
            return {tool.name: tool.description or "" for tool in (await client.list_tools()).tools}

    tools = asyncio.run(ask())
    assert {"search", "story", "explain", "series", "list_databases", "get_database_schema", "execute_sql"} <= set(
        tools
    )
    assert all(len(tools[name]) > 60 for name in ("search", "story", "explain", "series"))


def test_search_story_and_explain_lead_on(place: Loopback) -> None:
    wrong, found = call(place, "search", query="neural crest", limit=5)
    assert not wrong and found["count"] > 0
    hit = found["groups"][0]["hits"][0]
    assert hit["title"] and hit["why"] and len(hit["key"]) == 12
    wrong, known = call(place, "explain", key=hit["key"])
    assert not wrong and hit["title"] in json.dumps(known, ensure_ascii=False)
    told = next(one for group in found["groups"] for one in group["hits"] if one["story"])
    wrong, story = call(place, "story", key=told["story"])
    assert not wrong and story["version"] == 1


def test_series_are_listed_and_shown(place: Loopback) -> None:
    wrong, every = call(place, "series")
    assert not wrong and every["count"] >= 0


def test_sql_goes_through_the_guard(place: Loopback) -> None:
    wrong, answer = call(place, "execute_sql", database="stemwire", sql="select count(*) as n from document")
    assert not wrong and answer["rows"] == [{"n": 34}]
    for sql in (
        "select * from pragma_database_list",
        "select zeroblob(400000000)",
        "delete from meta",
        "attach 'x' as y",
    ):
        wrong, said = call(place, "execute_sql", database="stemwire", sql=sql)
        assert wrong and said.strip(), sql
    wrong, names = call(place, "list_databases")
    assert not wrong and names == {"databases": ["stemwire"]}


@pytest.mark.parametrize(
    ("tool", "arguments", "line"),
    [
        ("search", {"query": "contry:KR"}, "contry"),
        ("explain", {"key": "nothing"}, "twelve digits"),
        ("story", {"key": "000000000000"}, "404"),
        ("series", {"key": "../../-/versions"}, "twelve digits"),
    ],
)
def test_what_is_wrong_is_one_line(place: Loopback, tool: str, arguments: dict[str, str], line: str) -> None:
    wrong, said = call(place, tool, **arguments)
    assert wrong and line in said and "\n" not in said.strip()


def test_only_post_is_taken(place: Loopback) -> None:
    for method in ("GET", "DELETE", "PUT"):
        answer = httpx.request(method, f"http://{place.host}:{place.port}/-/mcp")
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
