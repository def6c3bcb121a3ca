"""Pages: bytes of HTML to a title, a text, people, dates and an address. Pure: no network, no clock, no store."""

from crawlers.pages.dates import Candidate
from crawlers.pages.given import read_file
from crawlers.pages.read import PageText, read_page
from crawlers.pages.rules import PageRules
from crawlers.pages.source import NoPage, PageError

__all__ = ["Candidate", "NoPage", "PageError", "PageRules", "PageText", "read_file", "read_page"]
