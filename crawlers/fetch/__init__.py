"""The nightly crawl: requests, politeness, guards, recordings, and the parent that stores every answer."""
