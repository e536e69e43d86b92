-- name: begin_write
BEGIN IMMEDIATE;

-- name: begin_read
BEGIN;

-- name: commit_transaction
COMMIT;

-- name: rollback_transaction
ROLLBACK;
