"""Four tools for assistants (MCP) at /-/mcp, next to the SQL of datasette-mcp: search, story, explain, series.

Each gives the JSON that the page of the same thing gives (`docs/how-to/use-with-an-assistant.md`). In order:
1. `search` asks the same search as the site, so an assistant finds what a reader finds, and gets how it was read;
2. `story`, `explain` and `series` ask the site itself for the address with `.json`;
3. what is wrong with a request is one line, as on the pages.
No state is kept between requests. SQL goes through the guard of all readers' SQL (`sql_guard.py`), every request
through its lane (`access_policy.py`).
"""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations

from publish.pages.datasette_parts import Application
from publish.pages.page import Request
from publish.pages.search_results import find_results
from publish.pages.views import CurrentEdition
from publish.search.query import QueryError

MOST = 50  # hits of one search
READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
KEY = re.compile(r"(?:.*-)?([0-9a-f]{12})(?:\.json)?")
Said = dict[str, Any]


def add_tools(site: Application, server: MCPServer[Any]) -> None:
    """Register the tools."""

    @server.tool(annotations=READS)
    async def search(query: str, limit: int = 10) -> Said:
        """Search stem-cell news, press releases, papers and trials, as the site does.

        `query` takes words, "exact phrases", AND, OR, NOT, -word, and filters such as kind:paper, country:KR,
        disease:"Parkinson disease", evidence:animal, since:2026-01-01. The answer says how it was read, how many
        documents match all of it, and lists those that match all, then some of it, each with its key and why.
        """
        asked = Request(params=[("q", query)])
        try:
            found = await find_results(CurrentEdition(site), asked, limit=max(1, min(limit, MOST)))
        except QueryError as error:
            raise ToolError(error.what) from None
        return asdict(found)

    @server.tool(annotations=READS)
    async def story(key: str) -> Said:
        """One story: what happened, who tells it and how, what it rests on. `key`: as `search` gives it."""
        return await ask(site, f"/story/x-{read_key(key)}.json")

    @server.tool(annotations=READS)
    async def explain(key: str) -> Said:
        """All that is known of one document: its labels with the sentences they rest on, its papers, trials, figures
        and people, and what may be shown of its text. `key`: as `search` gives it."""
        return await ask(site, f"/document/x-{read_key(key)}.json")

    @server.tool(annotations=READS)
    async def series(key: str = "") -> Said:
        """Figures of one thing over time, with who gave them. Without `key`: every series there is, with its key."""
        return await ask(site, f"/series/{read_key(key)}.json" if key else "/series.json")


def read_key(given: str) -> str:
    """The twelve digits of a key, also from a whole address. Raises ToolError."""
    found = KEY.fullmatch(given.strip().rstrip("/").rpartition("/")[2])
    if found is None:
        raise ToolError("A key has twelve digits 0 to f, such as 0edf557d52f8; `search` gives them.")
    return found[1]


async def ask(site: Application, address: str) -> Said:
    """The JSON at an address of the site. Raises ToolError."""
    answer = await site.client.get(address, follow_redirects=True)
    if answer.status_code != 200:
        raise ToolError(f"{address}: answered with {answer.status_code}; there is nothing of that name, or no more.")
    said: Said = answer.json()
    return said


def keep_no_state(server: MCPServer[Any]) -> None:
    """Let every request stand for itself: what is not kept cannot fill the memory."""
    server.session_manager.stateless = True
