"""What a person holds: the documents that a letter showed them, or that were there when they began to follow a story.

`HELD` is the rest of a SELECT on letters.db. A document is held under each key that it ever had (`arrival.item`); what
was only counted, or went with a letter that was refused or dropped, is not held.
"""

DAY = "coalesce(n.day, substr(s.created, 1, 10), '')"  # of the letter; of the subscription where there was no letter
HELD = """
FROM arrival a JOIN arrival t ON t.item = a.item JOIN delivery d ON d.document = t.document
    LEFT JOIN letter l ON l.id = d.letter LEFT JOIN night n ON n.number = l.night
    LEFT JOIN subscription s ON s.id = d.subscription
WHERE d.fact IN ('new', 'before', 'elsewhere') AND coalesce(l.state, '') NOT IN ('refused', 'dropped')"""
