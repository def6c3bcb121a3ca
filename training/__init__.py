"""Recipes that make the models and lexicons the nightly run uses. Nothing that runs at night imports them."""
