-- name: list_findings
SELECT sequence, time, level, rule, kind, item, file, pointer, line, "column", message, advice
FROM log_entries
WHERE job = (SELECT number FROM jobs WHERE id = ?1) AND sequence > ?2 AND rule IS NOT NULL
  AND (?4::bigint IS NULL OR (?4::bigint >> level) & 1 = 1)
  AND (?5::json IS NULL OR rule IN (SELECT json_array_elements_text(?5::json)))
  AND (?6 = '' OR file = ?6)
  AND (?7 = '' OR strpos(lower(message), ?7) > 0 OR strpos(lower(item), ?7) > 0 OR strpos(lower(file), ?7) > 0
       OR strpos(lower(advice), ?7) > 0)
ORDER BY sequence LIMIT ?3;

-- name: count_findings
SELECT rule, count(*) FROM log_entries
WHERE job = (SELECT number FROM jobs WHERE id = ?1) AND rule IS NOT NULL
  AND (?2::bigint IS NULL OR (?2::bigint >> level) & 1 = 1)
  AND (?3::json IS NULL OR rule IN (SELECT json_array_elements_text(?3::json)))
  AND (?4 = '' OR file = ?4)
  AND (?5 = '' OR strpos(lower(message), ?5) > 0 OR strpos(lower(item), ?5) > 0 OR strpos(lower(file), ?5) > 0
       OR strpos(lower(advice), ?5) > 0)
GROUP BY rule ORDER BY min(sequence);
