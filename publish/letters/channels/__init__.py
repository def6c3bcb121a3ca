"""Ways for a digest to travel: each module has `render` (a Digest becomes bytes) and `deliver` (bytes leave)."""
