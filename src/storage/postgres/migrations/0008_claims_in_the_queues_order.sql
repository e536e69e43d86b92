-- Oldest program that can work on this schema: 7.
-- The job to take is the first that fits in the order of jobs_open. A planner that thinks the table small, as it does of a new database
-- and of a queue that has grown since the last ANALYZE, would read all that wait and sort them, for each claim.
ALTER FUNCTION waybill_claim_job(bigint, text, bigint, bigint, smallint, bigint, bigint, bigint)
  SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off;
