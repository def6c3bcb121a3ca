"""Tables of work.db become an edition: an immutable database that the site serves."""
