-- A department's validations but the newest ?2 give up what they would have written.
-- name: forget_contents
DELETE FROM job_contents WHERE job IN (
  SELECT number FROM jobs WHERE department = ?1 AND type = 1 AND state IN (2, 3, 4)
  ORDER BY number DESC LIMIT -1 OFFSET ?2);

-- name: list_items
SELECT number, kind, outcome, item, path, language FROM job_items
WHERE job = (SELECT jobs.number FROM jobs WHERE id = ?1) AND number > ?2
  AND (?4 IS NULL OR outcome = ?4) AND (?5 IS NULL OR kind = ?5) AND (?6 = '' OR instr(lower(path), ?6) > 0)
ORDER BY number LIMIT ?3;

-- name: list_items_backwards
SELECT number, kind, outcome, item, path, language FROM job_items
WHERE job = (SELECT jobs.number FROM jobs WHERE id = ?1) AND number < ?2
  AND (?4 IS NULL OR outcome = ?4) AND (?5 IS NULL OR kind = ?5) AND (?6 = '' OR instr(lower(path), ?6) > 0)
ORDER BY number DESC LIMIT ?3;
