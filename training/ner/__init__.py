"""Recipes of the trained tagger. Never imported by a stage; torch is needed here and only here.

prepare -> vectors -> (teacher -> silver) -> student -> package; `recipe.train(name, …)` runs them in order.
"""
