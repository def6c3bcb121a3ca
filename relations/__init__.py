"""Relations between documents: works, links to papers and trials, near-duplicates, stories, retractions, checks."""
