"""RECORDS -> MEANING: what a document names and says. Sole owner of spacy, scikit-learn and numpy."""
