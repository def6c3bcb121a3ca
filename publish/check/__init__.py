"""Check a text against the current edition: `pipeline.py check-text`, and a paste box served with the letters desk."""
