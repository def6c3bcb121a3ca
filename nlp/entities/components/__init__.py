"""The pipeline's components, one module each: `STEP` (order), `ALWAYS` (or only when a TOML names it), `make(tools)`."""
