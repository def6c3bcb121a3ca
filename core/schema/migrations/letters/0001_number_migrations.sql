-- The number of the newest migration is kept in PRAGMA user_version, no longer in this table.
DROP TABLE IF EXISTS _sqlite_migrations;
