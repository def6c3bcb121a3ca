-- What a document was made of, and the full text that a list gave, for where its page cannot be had.
ALTER TABLE entry ADD COLUMN content TEXT NOT NULL DEFAULT '';
ALTER TABLE document ADD COLUMN basis TEXT NOT NULL DEFAULT 'page';
