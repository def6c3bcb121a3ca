"""OpenSearch: how a browser adds this site to its search field."""

from __future__ import annotations

from publish.pages.page import Context, Page, Request
from publish.pages.rows import OpenEdition


async def show(edition: OpenEdition, request: Request) -> Context:
    return {}


PAGES = (
    Page(
        route=r"/opensearch\.xml",
        template="opensearch.xml",
        show=show,
        content_type="application/opensearchdescription+xml; charset=utf-8",
    ),
)
