"""Pages: bytes of HTML to title, text, authors, dates and address. Pure: no network, no clock, no store."""

from crawlers.pages.dates import Candidate
from crawlers.pages.local_file import read_file
from crawlers.pages.page_rules import PageRules
from crawlers.pages.parsed_page import NotAPage, PageError
from crawlers.pages.read import PageText, read_page

__all__ = ["Candidate", "NotAPage", "PageError", "PageRules", "PageText", "read_file", "read_page"]
