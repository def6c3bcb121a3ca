"""A real Chromium that looks at pages: what is wrong with them, what they weigh, where words are.

`Watcher` notes what a browser says while it looks: violations of the policy, errors of scripts, requests to elsewhere,
and whatever a hostile text managed to run. `judge` asks axe-core about a page at each width, light and dark. Only
colours differ between light and dark, so in the dark only the rules on colours are asked.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

CHROMIUM = Path("/usr/bin/chromium")
WIDTHS = (1280, 320)
HEIGHT = 900
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RULES = {
    "light": {"runOnly": TAGS, "resultTypes": ["violations"]},
    "dark": {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}},
}
WIDTH = "document.documentElement.scrollWidth"
NODES = "document.querySelectorAll('*').length"
PLACES = """(words) => {
  const plain = (text) => (text || "").replace(/\\s+/g, " ");
  return words.map((word) => {
    let best = null;
    for (const one of document.querySelectorAll("main *, body > :not(header, footer, script) *")) {
      if (!(one instanceof HTMLElement) || !one.checkVisibility() || !plain(one.innerText).includes(word)) continue;
      if ([...one.children].some((part) => part instanceof HTMLElement && part.checkVisibility()
          && plain(part.innerText).includes(word))) continue;
      let top = one.getBoundingClientRect().top;
      for (const node of one.childNodes) {
        const at = node.nodeType === Node.TEXT_NODE ? node.data.indexOf(word) : -1;
        if (at < 0) continue;
        const range = document.createRange();
        range.setStart(node, at);
        range.setEnd(node, at + word.length);
        top = range.getBoundingClientRect().top;
      }
      const place = Math.round(top + window.scrollY);
      if (best === null || place < best) best = place;
    }
    return best;
  });
}"""


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


def why_not() -> str:
    """Why there is no browser here; empty where there is one."""
    if importlib.util.find_spec("playwright") is None:
        return "playwright is not installed"
    return "" if CHROMIUM.exists() else f"{CHROMIUM} is not there (on Debian: apt install chromium)"


@cache
def axe_source() -> str:
    """The script of axe-core."""
    import axe_playwright_python

    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")


@dataclass  # without slots: playwright notes something on the object whose methods it calls
class Watcher:
    """What a browser said while it looked at the pages of one site."""

    site: str
    violations: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    executed: list[str] = field(default_factory=list)

    def watch(self, page: Any) -> None:
        """Note what happens on a page from now on."""
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.errors.append(f"{page.url}: {error}"))
        page.on("request", self._see)
        page.on("dialog", self._end)

    def _hear(self, message: Any) -> None:
        if "Content Security Policy" in message.text:
            self.violations.append(message.text)
        elif message.type == "error" and "status of" not in message.text:
            self.errors.append(message.text)

    def _see(self, request: Any) -> None:
        if not request.url.startswith((self.site, "data:", "about:")):
            self.foreign.append(request.url)

    def _end(self, dialog: Any) -> None:
        self.executed.append(f"{dialog.type}: {dialog.message}")
        dialog.dismiss()


def judge(page: Any, address: str, widths: Sequence[int] = WIDTHS) -> Iterator[str]:
    """A line for each thing that is wrong with a page, in every view. The page must be opened without its policy."""
    page.goto(address)
    page.evaluate(axe_source())
    for width in widths:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        if (wide := page.evaluate(WIDTH)) > width:
            yield f"{width}: is {wide} pixels wide"
        for scheme, options in RULES.items():
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # a colour on its way is no colour
            for found in find_violations(page, options):
                yield f"{width} {scheme}: {found}"


def find_violations(page: Any, options: object) -> Iterator[str]:
    """Rules that a page breaks, each with up to three places. axe-core is in the page."""
    asked = "(options) => axe.run(options).then((found) => found.violations)"
    for one in page.evaluate(asked, options):
        for node in one["nodes"][:3]:
            yield f"{one['id']}: {' '.join(node['html'].split())[:140]}"


def places_of(page: Any, words: Sequence[str]) -> list[int | None]:
    """How far below the top of the page each text begins that a reader sees; None: nowhere."""
    found: list[int | None] = page.evaluate(PLACES, list(words))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """What it takes to show a page for the first time."""

    packed: int  # bytes on the wire
    requests: int
    nodes: int


def weigh(browser: Any, address: str) -> Weight:
    """The weight of a page in a browser that has nothing of it yet."""
    context = browser.new_context(viewport={"width": 1280, "height": HEIGHT})
    page = context.new_page()
    wire = context.new_cdp_session(page)
    sizes: list[int] = []
    wire.send("Network.enable")
    wire.on("Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"])))
    page.goto(address, wait_until="networkidle")
    found = Weight(packed=sum(sizes), requests=len(sizes), nodes=int(page.evaluate(NODES)))
    context.close()
    return found
