"""Builds an edition from the tables of work.db: an immutable database that the site serves."""
