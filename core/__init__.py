"""The base that every package uses: records, store, stage driver, config, errors, clock. Imports no other package."""
