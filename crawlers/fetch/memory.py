"""The memory guard of the crawl, which counts the crawl alone.

Scrapy's guard reads `ru_maxrss`. On Linux that begins with the memory of the process that started this one, so a large
parent would end the crawl at once. `VmHWM` is the most that this program itself has held.
"""

from __future__ import annotations

from pathlib import Path

from scrapy.extensions.memusage import MemoryUsage

STATUS = Path("/proc/self/status")


class OwnMemory(MemoryUsage):  # type: ignore[misc]  # Scrapy ships no types
    """As Scrapy's MemoryUsage, where there is a /proc to read; elsewhere the same."""

    def get_virtual_size(self) -> int:
        """Bytes that this program has held at most."""
        if not STATUS.exists():
            return int(super().get_virtual_size())
        lines = STATUS.read_text("ascii").splitlines()
        return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM:"))
