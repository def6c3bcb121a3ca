-- The status of a trial in its registry is a fact of its own: until now a withdrawn trial counted as a withdrawn work.
-- The stage retractions takes those rows back, because it no longer gives them.
CREATE TABLE trial_status (
    document TEXT NOT NULL, trial TEXT NOT NULL, status TEXT NOT NULL, day TEXT, reason TEXT NOT NULL,
    text TEXT NOT NULL, first_seen TEXT NOT NULL, PRIMARY KEY (document, trial)
) STRICT, WITHOUT ROWID;
