"""What a document counts, whom it quotes and what it promises.

`stage.py` runs the three readers over each document: `figures.py` (with `subjects.py` and `series.py`),
`quotations.py` and `promises.py`. Each reader takes a `Page` (`nlp.classify.page`) and yields its records.
"""
