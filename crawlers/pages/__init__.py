"""Pages: bytes of HTML or PDF to title, text, authors, dates and address. Pure: no network, no clock, no store."""

from crawlers.pages.dates import Candidate
from crawlers.pages.local_file import read_file
from crawlers.pages.page_rules import PageRules
from crawlers.pages.page_text import PageText
from crawlers.pages.parsed_page import NotAPage, PageError
from crawlers.pages.pdf import read_pdf
from crawlers.pages.read import read_page

__all__ = ["Candidate", "NotAPage", "PageError", "PageRules", "PageText", "read_file", "read_page", "read_pdf"]
