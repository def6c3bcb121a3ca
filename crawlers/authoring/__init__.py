"""What a person needs who writes a source or mends a wrong value: recordings, cases for tests, drafts of sources.

Nothing here runs at night. What is saved of other people's pages goes to folders that git ignores.
"""
