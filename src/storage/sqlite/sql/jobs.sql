-- name: list_jobs
SELECT * FROM jobs
WHERE number < ?1 AND (?2 IS NULL OR state = ?2) AND (?3 IS NULL OR type = ?3 AND undo = ?5)
  AND (?6 IS NULL OR created >= ?6) AND (?7 IS NULL OR created < ?7)
  AND (?8 = '' OR instr(lower(source_path), ?8) > 0 OR instr(lower(error), ?8) > 0 OR instr(lower(hex(id)), replace(?8, '-', '')) > 0)
ORDER BY number DESC LIMIT ?4;

-- name: list_department_jobs
SELECT * FROM jobs
WHERE number < ?1 AND (?2 IS NULL OR state = ?2) AND (?3 IS NULL OR type = ?3 AND undo = ?5)
  AND (?6 IS NULL OR created >= ?6) AND (?7 IS NULL OR created < ?7)
  AND (?8 = '' OR instr(lower(source_path), ?8) > 0 OR instr(lower(error), ?8) > 0 OR instr(lower(hex(id)), replace(?8, '-', '')) > 0)
  AND department = ?9
ORDER BY number DESC LIMIT ?4;

-- The oldest of three, each found in an index: a running job without a lease; a waiting one that is due; and one that was due
-- when it was made, which stays due though the clock be set back.
-- name: find_claimable
WITH importing AS (SELECT department FROM jobs WHERE state = 1 AND type = 0)
SELECT * FROM jobs WHERE number = (SELECT number FROM (
  SELECT * FROM (SELECT due, number FROM jobs
                 WHERE state = 1 AND (lease_until IS NULL OR lease_until <= ?1)
                 ORDER BY due, number LIMIT 1)
  UNION ALL
  SELECT * FROM (SELECT due, number FROM jobs
                 WHERE state = 0 AND due <= ?1 AND (type = 1 OR department NOT IN importing)
                 ORDER BY due, number LIMIT 1)
  UNION ALL
  SELECT * FROM (SELECT due, number FROM jobs
                 WHERE state = 0 AND due > ?1 AND due <= created AND (type = 1 OR department NOT IN importing)
                 ORDER BY due, number LIMIT 1))
  ORDER BY due, number LIMIT 1);

-- There is one writer at a time: no row needs a lock of its own.
-- name: lock_job
SELECT * FROM jobs WHERE id = ?1;

-- name: job_for_commit
SELECT number, epoch, state, last_entry, department, position FROM jobs WHERE id = ?1;
