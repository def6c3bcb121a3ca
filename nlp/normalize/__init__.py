"""Which thing a name means: candidates from the lexicon, then a choice with its reason in words."""
