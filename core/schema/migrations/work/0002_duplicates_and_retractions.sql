-- Stage kin is now duplicates, stage standing is retractions. Their tables, reports, ledger rows and issues keep all
-- that they hold, so that nothing is done or announced again. An issue's id is a fingerprint of its source, kind and subject.
ALTER TABLE kin RENAME TO near_duplicate;
DROP INDEX kin_other;
CREATE INDEX near_duplicate_other ON near_duplicate (other);
ALTER TABLE standing RENAME TO work_status;
UPDATE outcome SET stage = 'duplicates' WHERE stage = 'kin';
UPDATE outcome SET stage = 'retractions' WHERE stage = 'standing';
UPDATE report SET stage = 'duplicates' WHERE stage = 'kin';
UPDATE report SET stage = 'retractions' WHERE stage = 'standing';
UPDATE issue SET kind = 'duplicates_failed', subject = 'duplicates' || substr(subject, length('kin') + 1)
WHERE kind = 'kin_failed';
UPDATE issue SET kind = 'retractions_failed', subject = 'retractions' || substr(subject, length('standing') + 1)
WHERE kind = 'standing_failed';
UPDATE issue SET id = fingerprint(coalesce(source, ''), kind, subject)
WHERE kind IN ('duplicates_failed', 'retractions_failed');
