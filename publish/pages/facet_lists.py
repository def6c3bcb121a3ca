"""Which facets and types the pages show, and their order."""

from __future__ import annotations

FACETS = (
    "kind", "status", "evidence", "work", "system", "disease", "cell", "institution", "journal", "animal", "cells",
    "therapy", "type", "month", "country", "source", "lang",
)  # fmt: skip
TOP = ("disease", "cell_type", "institution", "journal")
SYSTEMS = (
    "nervous", "cardiovascular", "immune", "blood", "endocrine", "musculoskeletal", "respiratory", "liver/digestive",
    "skin", "urogenital", "eye", "cancer", "other",
)  # fmt: skip
SHOWN = (
    "evidence", "species", "headline", "therapy", "cell_product", "tissue", "donor", "system", "country", "indication",
    "source_kind", "translated",
)  # fmt: skip
NAMES = {
    "evidence": "Evidence", "species": "Species", "headline": "Headline", "therapy": "Therapy",
    "cell_product": "Cell product", "tissue": "Tissue source", "donor": "Donor", "system": "Body system",
    "indication": "Indication", "country": "Country of the work", "source_kind": "Kind of text",
    "translated": "Translated", "marketing": "Marketing cues found",
}  # fmt: skip
VALUES = {("headline", "only in animals"): "does not say that this is only in animals"}
