"""The floor: records, store, stage driver, config, errors, clock. Imports nothing of ours."""
