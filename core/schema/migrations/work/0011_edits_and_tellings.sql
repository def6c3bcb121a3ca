-- What edits changed, which numbers an outlet gives otherwise than its source, and what it repeats, leaves out and adds.
CREATE TABLE edit (
    document TEXT NOT NULL, replaced TEXT NOT NULL, place INTEGER NOT NULL, part TEXT NOT NULL, kind TEXT NOT NULL,
    before TEXT NOT NULL, after TEXT NOT NULL, silent INTEGER NOT NULL, why TEXT NOT NULL,
    PRIMARY KEY (document, replaced, place)
) STRICT, WITHOUT ROWID;
CREATE TABLE changed_number (
    document TEXT NOT NULL, other TEXT NOT NULL, place INTEGER NOT NULL, part TEXT NOT NULL, start INTEGER NOT NULL,
    was_part TEXT NOT NULL, was_start INTEGER NOT NULL, subject TEXT NOT NULL, unit TEXT NOT NULL, period TEXT,
    value REAL NOT NULL, high REAL, was REAL NOT NULL, was_high REAL, sentence TEXT NOT NULL,
    was_sentence TEXT NOT NULL, why TEXT NOT NULL, PRIMARY KEY (document, other, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX changed_number_other ON changed_number (other);
CREATE TABLE telling (
    document TEXT NOT NULL, other TEXT NOT NULL, what TEXT NOT NULL, place INTEGER NOT NULL, kind TEXT NOT NULL,
    text TEXT NOT NULL, why TEXT NOT NULL, PRIMARY KEY (document, other, what, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX telling_other ON telling (other, what);
