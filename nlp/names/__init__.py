"""Every name by which a concept goes, and what is wider than it: the names that a search understands."""
