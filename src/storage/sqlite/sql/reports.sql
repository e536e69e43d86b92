-- name: list_findings
SELECT sequence, time, level, rule, kind, item, file, pointer, line, column, message, advice
FROM log_entries
WHERE job = (SELECT number FROM jobs WHERE id = ?1) AND sequence > ?2 AND rule IS NOT NULL
  AND (?4 IS NULL OR (?4 >> level) & 1) AND (?5 IS NULL OR rule IN (SELECT value FROM json_each(?5)))
  AND (?6 = '' OR file = ?6)
  AND (?7 = '' OR instr(lower(message), ?7) > 0 OR instr(lower(item), ?7) > 0 OR instr(lower(file), ?7) > 0
       OR instr(lower(advice), ?7) > 0)
ORDER BY sequence LIMIT ?3;

-- name: count_findings
SELECT rule, count(*) FROM log_entries
WHERE job = (SELECT number FROM jobs WHERE id = ?1) AND rule IS NOT NULL
  AND (?2 IS NULL OR (?2 >> level) & 1) AND (?3 IS NULL OR rule IN (SELECT value FROM json_each(?3)))
  AND (?4 = '' OR file = ?4)
  AND (?5 = '' OR instr(lower(message), ?5) > 0 OR instr(lower(item), ?5) > 0 OR instr(lower(file), ?5) > 0
       OR instr(lower(advice), ?5) > 0)
GROUP BY rule ORDER BY min(sequence);
