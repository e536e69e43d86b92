-- name: insert_entry
INSERT INTO log_entries (job, sequence, time, level, rule, kind, item, file, pointer, line, "column", message, advice)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13);

-- name: list_entries
SELECT sequence, time, level, rule, kind, item, file, pointer, line, "column", message, advice
FROM log_entries
WHERE job = (SELECT number FROM jobs WHERE id = ?1) AND sequence > ?2
ORDER BY sequence LIMIT ?3;
