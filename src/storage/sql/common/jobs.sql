-- Every UPDATE of a state names the state that jobs::next_state started from.

-- name: insert_job
INSERT INTO jobs (id, department, client, type, operation, source_type, source_path, source_region,
                  sealed_credentials, traceparent, created, due, stop, state, phase, started, ended, total,
                  successful, warnings, errors, position, source_version, log_location, error, retryable, epoch,
                  owner, lease_until, cancel_requested, cancel_requested_by, version, last_entry, undo, target)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, 0, NULL, NULL, NULL,
        0, 0, 0, 0, '', '', '', 0, 0, '', NULL, NULL, '', 1, 0, ?15, ?16);

-- name: list_undos
SELECT * FROM jobs WHERE undo = 1 AND target = ?1 ORDER BY number DESC;

-- name: count_jobs
SELECT type, undo, state, count(*) FROM jobs GROUP BY type, undo, state;

-- name: get_job
SELECT * FROM jobs WHERE id = ?1;

-- name: job_number
SELECT number FROM jobs WHERE id = ?1 AND (CAST(?2 AS TEXT) IS NULL OR department = ?2);

-- name: count_owned
SELECT count(*) FROM jobs WHERE state IN (0, 1) AND state = 1 AND owner = ?1 AND lease_until > ?2;

-- name: claim_job
UPDATE jobs SET state = ?3, phase = ?4, epoch = epoch + 1, owner = ?5, lease_until = ?6,
                started = coalesce(started, ?7), version = version + 1
WHERE id = ?1 AND state = ?2 RETURNING *;

-- A job whose lease has run out, and that could not be taken, is locked by a transaction that will end: a quarter of a second
-- later it is looked for again.
-- name: next_due
SELECT min(moment) FROM (
  SELECT min(due) AS moment FROM jobs WHERE state IN (0, 1) AND state = 0 AND due > ?1
  UNION ALL
  SELECT min(CASE WHEN lease_until > ?1 THEN lease_until ELSE ?1 + 250 END) FROM jobs WHERE state IN (0, 1) AND state = 1)
  AS moments;

-- name: end_leases
UPDATE jobs SET owner = '', lease_until = NULL WHERE state = 1 AND owner <> '' RETURNING number;

-- name: count_unfinished
SELECT count(*) FROM jobs WHERE state IN (0, 1) AND client = ?1;

-- name: renew_lease
UPDATE jobs SET lease_until = ?3 WHERE id = ?1 AND epoch = ?2 AND state = 1
RETURNING cancel_requested, cancel_requested_by;

-- name: note_cancel
UPDATE jobs SET cancel_requested = ?2, cancel_requested_by = ?3, version = version + 1
WHERE id = ?1 AND cancel_requested IS NULL;

-- name: cancel_scheduled_job
UPDATE jobs SET state = ?3, ended = ?4, cancel_requested = ?4, cancel_requested_by = ?5,
                sealed_credentials = NULL, last_entry = last_entry + 1, version = version + 1
WHERE id = ?1 AND state = ?2 RETURNING number, last_entry;

-- name: end_job
UPDATE jobs SET state = ?4, ended = ?5, error = ?6, retryable = ?7,
                log_location = CASE WHEN ?8 = '' THEN log_location ELSE ?8 END,
                owner = '', lease_until = NULL, sealed_credentials = NULL, last_entry = last_entry + ?9,
                version = version + 1
WHERE id = ?1 AND epoch = ?2 AND state = ?3 RETURNING *;

-- name: release_job
UPDATE jobs SET state = ?4, phase = 0, owner = '', lease_until = NULL,
                log_location = CASE WHEN ?5 = '' THEN log_location ELSE ?5 END, last_entry = last_entry + ?6,
                version = version + 1
WHERE id = ?1 AND epoch = ?2 AND state = ?3 RETURNING *;

-- A stop time that has passed would stop the job again at once, so it does not outlive a retry.
-- name: retry_job
UPDATE jobs SET state = ?3, phase = 0, due = CASE WHEN due < ?4 THEN due ELSE ?4 END,
                stop = CASE WHEN stop <= ?4 THEN NULL ELSE stop END, ended = NULL, error = '', retryable = 0, cancel_requested = NULL,
                cancel_requested_by = '', sealed_credentials = ?5, last_entry = last_entry + 1, version = version + 1
WHERE id = ?1 AND state = ?2 RETURNING *;

-- name: advance_job
UPDATE jobs SET phase = ?2, total = ?3, successful = ?4, warnings = ?5, errors = ?6, position = ?7,
                source_version = ?8, log_location = CASE WHEN ?9 = '' THEN log_location ELSE ?9 END,
                last_entry = ?10, version = version + 1
WHERE number = ?1;

-- name: forget_old_keys
DELETE FROM idempotency_keys WHERE created <= ?1;

-- name: find_key
SELECT request_hash, job FROM idempotency_keys WHERE client = ?1 AND key = ?2;

-- name: insert_key
INSERT INTO idempotency_keys (client, key, request_hash, job, created) VALUES (?1, ?2, ?3, ?4, ?5);

-- name: oldest_ended
SELECT number, id FROM jobs WHERE state IN (2, 3, 4) AND ended < ?1
  AND id NOT IN (SELECT target FROM jobs WHERE target IS NOT NULL)
ORDER BY number LIMIT 1;

-- The row stays locked until the transaction ends: no retry gets between.
-- name: lock_ended
UPDATE jobs SET version = version WHERE number = ?1 AND state IN (2, 3, 4) AND ended < ?2
  AND id NOT IN (SELECT target FROM jobs WHERE target IS NOT NULL)
RETURNING number;

-- name: prune_entries
DELETE FROM log_entries WHERE job = ?1 AND sequence IN (
  SELECT sequence FROM log_entries WHERE job = ?1 ORDER BY sequence LIMIT ?2);

-- name: prune_items
DELETE FROM job_items WHERE job = ?1 AND number IN (
  SELECT number FROM job_items WHERE job = ?1 ORDER BY number LIMIT ?2);

-- name: prune_contents
DELETE FROM job_contents WHERE job = ?1 AND number IN (
  SELECT number FROM job_contents WHERE job = ?1 ORDER BY number LIMIT ?2);

-- name: prune_job
DELETE FROM jobs WHERE number = ?1;
