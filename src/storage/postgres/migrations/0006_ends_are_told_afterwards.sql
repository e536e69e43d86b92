-- Oldest program that can work on this schema: 1.
-- A transaction that notifies takes its turn with all others that do, from before its commit is written to the disk until it is:
-- ends of jobs could not share a write. So a program tells of an end after its commit (decision 0084).

-- As waybill_end_job(), which told of it in the same transaction.
CREATE FUNCTION waybill_end_held_job(held uuid, held_epoch bigint, new_state smallint, moment bigint,
                                     problem text, may_retry smallint, location text, note text,
                                     note_level smallint, kept bigint)
RETURNS SETOF jobs LANGUAGE plpgsql AS $$
DECLARE
  job jobs;
BEGIN
  UPDATE jobs SET state = new_state, owner = '', lease_until = NULL, version = version + 1,
                  phase = CASE WHEN new_state IN (0, 1) THEN 0 ELSE phase END,
                  ended = CASE WHEN new_state IN (0, 1) THEN ended ELSE moment END,
                  error = CASE WHEN new_state IN (0, 1) THEN error ELSE problem END,
                  retryable = CASE WHEN new_state IN (0, 1) THEN retryable ELSE may_retry END,
                  sealed_credentials = CASE WHEN new_state IN (0, 1) THEN sealed_credentials END,
                  log_location = CASE WHEN location = '' THEN log_location ELSE location END,
                  last_entry = last_entry + CASE WHEN note IS NULL THEN 0 ELSE 1 END
  WHERE id = held AND epoch = held_epoch AND state = 1 AND (new_state <> 2 OR cancel_requested IS NULL)
  RETURNING * INTO job;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  IF note IS NOT NULL THEN
    INSERT INTO log_entries (job, sequence, time, level, kind, item, file, pointer, line, "column", message, advice)
    VALUES (job.number, job.last_entry, moment, note_level, 0, '', '', '', 0, 0, note, '');
  END IF;
  IF job.type = 1 AND new_state NOT IN (0, 1) THEN
    DELETE FROM job_contents WHERE job_contents.job IN (
      SELECT number FROM jobs WHERE department = job.department AND type = 1 AND state IN (2, 3, 4)
      ORDER BY number DESC OFFSET kept);
  END IF;
  RETURN NEXT job;
END $$;

-- For programs from before this step.
CREATE OR REPLACE FUNCTION waybill_end_job(held uuid, held_epoch bigint, new_state smallint, moment bigint, problem text,
                                           may_retry smallint, location text, note text, note_level smallint, kept bigint)
RETURNS SETOF jobs LANGUAGE plpgsql AS $$
DECLARE
  job jobs;
BEGIN
  FOR job IN SELECT * FROM waybill_end_held_job(held, held_epoch, new_state, moment, problem, may_retry, location, note,
                                                note_level, kept) LOOP
    PERFORM pg_notify('waybill', 'ended ' || held);
    RETURN NEXT job;
  END LOOP;
END $$;
