-- The addresses that entries claim for their documents, and the ids that documents had before.
CREATE TABLE claim (entry TEXT NOT NULL, "key" TEXT NOT NULL, PRIMARY KEY (entry, "key")) STRICT, WITHOUT ROWID;
CREATE INDEX claim_key ON claim ("key");
CREATE TABLE former_id (id TEXT PRIMARY KEY, document TEXT NOT NULL, first INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX former_id_document ON former_id (document);
