-- name: begin_write
BEGIN IMMEDIATE;

-- name: begin_read
BEGIN;

-- name: commit_transaction
COMMIT;

-- name: rollback_transaction
ROLLBACK;

-- A step of several that are committed together.
-- name: begin_step
SAVEPOINT step;

-- name: undo_step
ROLLBACK TO step;

-- name: end_step
RELEASE step;
