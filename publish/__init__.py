"""Meaning becomes pages and letters: editions of the site's database, searches, digests and their channels."""
