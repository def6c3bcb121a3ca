"""Labels: what a document is about and what it rests on, each with the sentence that says so."""
