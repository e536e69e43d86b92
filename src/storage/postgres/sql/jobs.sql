-- What SQLite says with instr, hex and one writer. Values are ?1, ?2 … here as well (embed_sql.cmake).

-- name: list_jobs
SELECT * FROM jobs
WHERE number < ?1 AND (?2::bigint IS NULL OR state = ?2) AND (?3::bigint IS NULL OR type = ?3 AND undo = ?5::bigint)
  AND (?6::bigint IS NULL OR created >= ?6) AND (?7::bigint IS NULL OR created < ?7)
  AND (?8 = '' OR strpos(lower(source_path), ?8) > 0 OR strpos(lower(error), ?8) > 0
       OR strpos(replace(id::text, '-', ''), replace(?8, '-', '')) > 0)
ORDER BY number DESC LIMIT ?4;

-- name: list_department_jobs
SELECT * FROM jobs
WHERE number < ?1 AND (?2::bigint IS NULL OR state = ?2) AND (?3::bigint IS NULL OR type = ?3 AND undo = ?5::bigint)
  AND (?6::bigint IS NULL OR created >= ?6) AND (?7::bigint IS NULL OR created < ?7)
  AND (?8 = '' OR strpos(lower(source_path), ?8) > 0 OR strpos(lower(error), ?8) > 0
       OR strpos(replace(id::text, '-', ''), replace(?8, '-', '')) > 0)
  AND department = ?9
ORDER BY number DESC LIMIT ?4;

-- name: lock_job
SELECT * FROM jobs WHERE id = ?1 FOR NO KEY UPDATE;

-- The row stays locked while the batch is written, so that nobody takes the job over between this look and the commit.
-- name: job_for_commit
SELECT number, epoch, state, last_entry, department, position FROM jobs WHERE id = ?1 FOR NO KEY UPDATE;

-- name: get_jobs
SELECT * FROM jobs WHERE id = ANY (?1::uuid[]);

-- name: end_and_claim
SELECT * FROM waybill_end_and_claim_jobs(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19);

-- name: oldest_owned
SELECT min(number) FROM jobs WHERE state = 1 AND owner = ?1;

-- Ends the transactions that still hold a job after its lease, and wait for what their node does not send: between two statements, or for the
-- rows of a COPY. A lock leaves the number of its transaction in the row. Sessions of other programs and roles are left alone.
-- name: end_silent_holders
SELECT pg_terminate_backend(holder.pid)
FROM jobs
JOIN pg_locks AS held ON held.locktype = 'transactionid' AND held.transactionid = jobs.xmax AND held.granted
JOIN pg_stat_activity AS holder ON holder.pid = held.pid
WHERE jobs.state = 1 AND jobs.lease_until <= ?1 AND holder.wait_event = 'ClientRead' AND holder.pid <> pg_backend_pid()
  AND holder.application_name = current_setting('application_name') AND holder.usename = current_user;
