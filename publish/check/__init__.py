"""Check one text against the current edition: `pipeline.py check-text`, and the paste box beside the letters desk."""
