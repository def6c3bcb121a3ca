"""The trained tagger: tokens, features, a small convolutional network in numpy, and its decoding.

`load_tagger(folder)` gives a `Tagger`; `Tagger.tag(text, hits)` gives spans. Nothing here trains: see
`training/ner`. The component that puts it into the pipeline is `nlp/entities/components/ner_model.py`.
"""
