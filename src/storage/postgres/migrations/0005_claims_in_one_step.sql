-- Oldest program that can work on this schema: 1.
-- Claims and ends of jobs as functions: one round trip each, which is a transaction by itself, and whose plans the server
-- keeps although a program keeps nothing in its sessions. States: 0 scheduled, 1 in progress, the rest has ended.

-- While a transaction stays open anywhere, nothing can be cleaned up, and indexes of open jobs keep an entry for each that
-- has ended since. So a look for a job may begin behind them, and that for an owner's jobs at its oldest.
DROP INDEX jobs_running;
CREATE INDEX jobs_running ON jobs (owner, number) WHERE state = 1;

-- Takes the oldest job that is due or whose lease has run out, of those from (from_due, from_number) on, unless the
-- owner has `most` already, of those from the number `from_owned` on. Rows that another node is about to take are passed
-- over. Two nodes may still find two imports of one department: jobs_one_import_in_progress refuses the second, whose
-- call is then made again. A job that was due when it was made stays due though the clock be set back.
CREATE FUNCTION waybill_claim_job(moment bigint, claimer text, leased_until bigint, most bigint, first_phase smallint,
                                  from_due bigint, from_number bigint, from_owned bigint)
RETURNS SETOF jobs LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT count(*) FROM jobs
      WHERE state = 1 AND owner = claimer AND number >= from_owned AND lease_until > moment) >= most THEN
    RETURN;
  END IF;
  RETURN QUERY
    UPDATE jobs SET state = 1, phase = first_phase, epoch = epoch + 1, owner = claimer, lease_until = leased_until,
                    started = coalesce(started, moment), version = version + 1
    WHERE number = (
      SELECT job.number FROM jobs AS job
      WHERE job.state IN (0, 1) AND (job.due, job.number) >= (from_due, from_number)
        AND ((job.state = 1 AND (job.lease_until IS NULL OR job.lease_until <= moment))
             OR (job.state = 0 AND (job.due <= moment OR job.due <= job.created)
                 -- A count, so that the department is looked up by its index, and not all that run are read for it.
                 AND (job.type = 1 OR (SELECT count(*) FROM jobs AS other
                                       WHERE other.department = job.department AND other.state = 1
                                         AND other.type = 0) = 0)))
      ORDER BY job.due, job.number LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED)
    RETURNING *;
END $$;

-- Ends the job that is held with this epoch, or lets it go (new_state 1: it has no owner then), with the closing line of its log where
-- `note` is not NULL. No row: the lease is another's, or the job was to be Successful (2) and a cancel was acknowledged
-- before. A department's validations but the newest `kept` give up what
-- they would have written.
CREATE FUNCTION waybill_end_job(held uuid, held_epoch bigint, new_state smallint, moment bigint, problem text,
                                may_retry smallint, location text, note text, note_level smallint, kept bigint)
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
  PERFORM pg_notify('waybill', 'ended ' || held);
  RETURN NEXT job;
END $$;
