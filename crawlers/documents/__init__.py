"""An entry and its page become a document."""
