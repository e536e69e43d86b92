-- name: touch_jobs
SELECT number FROM jobs LIMIT 1;

-- name: get_server_value
SELECT value FROM server_values WHERE name = ?1;

-- name: set_server_value
INSERT INTO server_values (name, value) VALUES (?1, ?2);
