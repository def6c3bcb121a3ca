"""What a source lists: feeds, sitemaps, listings and APIs become entries."""
