"""Registers our tools for assistants with the plugin datasette-mcp."""

from typing import Any

from mcp.server.mcpserver import MCPServer
from pluggy import HookimplMarker

from publish.pages.assistants import add_tools, keep_no_state
from publish.pages.datasette_parts import Application

hookimpl = HookimplMarker("datasette")  # `datasette.hookimpl`, with types
servers: list[tuple[Application, MCPServer[Any]]] = []  # made, and not started yet


@hookimpl
def register_mcp_tools(datasette: Application, mcp: MCPServer[Any]) -> None:
    add_tools(datasette, mcp)
    servers.append((datasette, mcp))


@hookimpl
def startup(datasette: Application) -> None:
    for made in [made for made in servers if made[0] is datasette]:
        keep_no_state(made[1])
        servers.remove(made)
