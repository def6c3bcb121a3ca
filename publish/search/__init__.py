"""The query language, and how a query is answered by the index of an edition."""
