"""The words of what a figure counts or measures, folded alike in the edition and in what a reader types."""

from __future__ import annotations

from publish.search.fold import fold_words

MOST = 12  # words of a subject, and of a question


def find_subject_words(text: str) -> list[str]:
    """Folded words without the plural, each once, in their order.

    >>> find_subject_words("Treated hearts of the mice")
    ['treated', 'heart', 'of', 'the', 'mouse']
    """
    words = (
        word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
        for word in fold_words(text).split()
    )
    return list(dict.fromkeys(words))[:MOST]
