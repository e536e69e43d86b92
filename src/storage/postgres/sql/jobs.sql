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

-- Rows that another node is about to take are passed over. Two nodes may still find two imports of one department:
-- jobs_one_import_in_progress refuses the second, whose transaction is then run again. A job that was due when it was
-- made stays due though the clock be set back.
-- name: find_claimable
SELECT * FROM jobs AS job
WHERE state IN (0, 1)
  AND ((state = 1 AND (lease_until IS NULL OR lease_until <= ?1))
       OR (state = 0 AND (due <= ?1 OR due <= created)
           AND (type = 1 OR NOT EXISTS (SELECT 1 FROM jobs AS other
                                        WHERE other.department = job.department AND other.state = 1
                                          AND other.type = 0))))
ORDER BY due, number LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED;

-- name: lock_job
SELECT * FROM jobs WHERE id = ?1 FOR NO KEY UPDATE;

-- The row stays locked while the batch is written, so that nobody takes the job over between this look and the commit.
-- name: job_for_commit
SELECT number, epoch, state, last_entry, department, position FROM jobs WHERE id = ?1 FOR NO KEY UPDATE;

-- name: get_jobs
SELECT * FROM jobs WHERE id = ANY (?1::uuid[]);
