"""Documents to each other: works, links to papers and trials, near-duplicates, stories, retractions, checks."""
