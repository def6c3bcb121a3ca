"""Pages: bytes of HTML to a title, a text, people, dates and an address. Pure: no network, no clock, no store."""

from crawlers.page.dates import Candidate
from crawlers.page.given import read_file
from crawlers.page.read import PageText, read_page
from crawlers.page.rules import PageRules
from crawlers.page.source import NoPage, PageError

__all__ = ["Candidate", "NoPage", "PageError", "PageRules", "PageText", "read_file", "read_page"]
