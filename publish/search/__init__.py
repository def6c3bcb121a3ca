"""The query language, and the SQL that answers a query from the index of an edition."""
