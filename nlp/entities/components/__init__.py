"""The pipeline's components, one module each.

A module has `STEP` (its place in the order), `ALWAYS` (False: only when a TOML names it) and `make(tools)`.
"""
