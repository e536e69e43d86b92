-- Oldest program that can work on this schema: 7.
-- A worker that ends a job takes its next one in the same transaction, and workers of a node that do so at the same time share one:
-- an end of several jobs and a claim of several are one function, and what ended or took one job stands on it.

-- 1. Ends jobs that are held with these epochs, or lets them go (new_state 1: it has no owner then), each with the closing line of its log
-- where its `note` is not NULL. The arrays have an element for each job. No row for one: its lease is another's, or it was to be
-- Successful (2) and a cancel was acknowledged before. A department's validations but the newest `kept` give up what they would have
-- written.
--
-- 2. Unless `claimer` is NULL, takes as many jobs as have ended, and `more`, though of these no more than make the owner's `most`, counted
-- from the number `from_owned` on: jobs that are due or whose lease has run out, the oldest first, from (from_due, from_number) on. Rows
-- that another node is about to take are passed over. Whoever takes an import holds its department's lock until its transaction is over, and a department whose lock is another's
-- is passed over. (jobs_one_import_in_progress would find the second out as well, but only after it has waited for the first one's
-- transaction, and two that take several jobs each could wait for each other.) A job that was due when it was made stays due though
-- the clock be set back.
--
-- Rows of 1 come first. The planner is to read jobs_open in its order (step 8), and to plan once and not for each call, which costs more than
-- the work.
CREATE FUNCTION waybill_end_and_claim_jobs(held uuid[], held_epochs bigint[], new_states smallint[], moments bigint[],
                                           problems text[], may_retry smallint[], locations text[], notes text[],
                                           note_levels smallint[], kept bigint, moment bigint, claimer text,
                                           leased_until bigint, most bigint, more bigint, first_phase smallint,
                                           from_due bigint, from_number bigint, from_owned bigint)
RETURNS SETOF jobs LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off AS $$
DECLARE
  ended bigint := 0;
  wanted bigint := 0;
  validated text;
  asked bigint;
  looked_at bigint;
  candidate record;
  numbers bigint[] := '{}';
  departments text[] := '{}';  -- that an import is taken of now, here or by another
BEGIN
  IF held <> '{}' THEN
    RETURN QUERY
      WITH given AS (
        SELECT * FROM unnest(held, held_epochs, new_states, moments, problems, may_retry, locations, notes, note_levels)
          AS one (id, epoch, state, ended, problem, may_retry, location, note, level)
      ), done AS (
        UPDATE jobs SET state = given.state, owner = '', lease_until = NULL, version = version + 1,
                        phase = CASE WHEN given.state IN (0, 1) THEN 0 ELSE phase END,
                        ended = CASE WHEN given.state IN (0, 1) THEN jobs.ended ELSE given.ended END,
                        error = CASE WHEN given.state IN (0, 1) THEN error ELSE problem END,
                        retryable = CASE WHEN given.state IN (0, 1) THEN retryable ELSE given.may_retry END,
                        sealed_credentials = CASE WHEN given.state IN (0, 1) THEN sealed_credentials END,
                        log_location = CASE WHEN location = '' THEN log_location ELSE location END,
                        last_entry = last_entry + CASE WHEN note IS NULL THEN 0 ELSE 1 END
        FROM given
        WHERE jobs.id = given.id AND jobs.epoch = given.epoch AND jobs.state = 1
          AND (given.state <> 2 OR cancel_requested IS NULL)
        RETURNING jobs.*
      ), noted AS (
        INSERT INTO log_entries (job, sequence, time, level, kind, item, file, pointer, line, "column", message, advice)
        SELECT done.number, done.last_entry, given.ended, level, 0, '', '', '', 0, 0, note, ''
        FROM done JOIN given ON given.id = done.id WHERE note IS NOT NULL
      )
      SELECT * FROM done;
    GET DIAGNOSTICS ended = ROW_COUNT;
    FOR validated IN
      SELECT department FROM jobs WHERE id = ANY (held) AND type = 1 AND state IN (2, 3, 4)
    LOOP
      DELETE FROM job_contents WHERE job IN (
        SELECT number FROM jobs WHERE department = validated AND type = 1 AND state IN (2, 3, 4)
        ORDER BY number DESC OFFSET kept);
    END LOOP;
  END IF;

  IF more > 0 THEN
    SELECT least(more, most - count(*)) INTO wanted FROM jobs
    WHERE state = 1 AND owner = claimer AND number >= from_owned AND lease_until > moment;
  END IF;
  wanted := wanted + CASE WHEN claimer IS NULL THEN 0 ELSE ended END;
  WHILE wanted > 0 LOOP
    asked := wanted;
    looked_at := 0;
    FOR candidate IN
      SELECT job.number, job.department, job.state = 0 AND job.type = 0 AS starts_import FROM jobs AS job
      WHERE job.state IN (0, 1) AND (job.due, job.number) >= (from_due, from_number)
        AND ((job.state = 1 AND (job.lease_until IS NULL OR job.lease_until <= moment))
             OR (job.state = 0 AND (job.due <= moment OR job.due <= job.created)
                 AND (job.type = 1
                      OR (job.department <> ALL (departments)
                          -- A count, so that the department is looked up by its index, and not all that run are read for it.
                          AND (SELECT count(*) FROM jobs AS other
                               WHERE other.department = job.department AND other.state = 1 AND other.type = 0) = 0))))
        AND job.number <> ALL (numbers)
      ORDER BY job.due, job.number LIMIT asked FOR NO KEY UPDATE SKIP LOCKED
    LOOP
      looked_at := looked_at + 1;
      IF candidate.starts_import THEN
        CONTINUE WHEN candidate.department = ANY (departments);
        departments := departments || candidate.department;
        CONTINUE WHEN NOT pg_try_advisory_xact_lock(hashtextextended(candidate.department, 7740161523482));
      END IF;
      numbers := numbers || candidate.number;
      wanted := wanted - 1;
    END LOOP;
    EXIT WHEN looked_at < asked;
  END LOOP;
  IF numbers <> '{}' THEN
    RETURN QUERY
      UPDATE jobs SET state = 1, phase = first_phase, epoch = epoch + 1, owner = claimer, lease_until = leased_until,
                      started = coalesce(started, moment), version = version + 1
      WHERE number = ANY (numbers)
      RETURNING *;
  END IF;
END $$;

-- For programs from before this step.
CREATE OR REPLACE FUNCTION waybill_claim_job(moment bigint, claimer text, leased_until bigint, most bigint,
                                             first_phase smallint, from_due bigint, from_number bigint,
                                             from_owned bigint)
RETURNS SETOF jobs LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY SELECT * FROM waybill_end_and_claim_jobs('{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', 0, moment, claimer,
                                                        leased_until, most, 1, first_phase, from_due, from_number,
                                                        from_owned);
END $$;
ALTER FUNCTION waybill_claim_job(bigint, text, bigint, bigint, smallint, bigint, bigint, bigint) RESET ALL;

CREATE OR REPLACE FUNCTION waybill_end_held_job(held uuid, held_epoch bigint, new_state smallint, moment bigint,
                                                problem text, may_retry smallint, location text, note text,
                                                note_level smallint, kept bigint)
RETURNS SETOF jobs LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY SELECT * FROM waybill_end_and_claim_jobs(ARRAY[held], ARRAY[held_epoch], ARRAY[new_state], ARRAY[moment], ARRAY[problem],
                                                        ARRAY[may_retry], ARRAY[location], ARRAY[note], ARRAY[note_level], kept,
                                                        NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL);
END $$;

-- What is written once, by programs that know but these numbers, was checked again at each of a job's updates: a twelfth of what a claim and
-- an end cost.
ALTER TABLE jobs DROP CONSTRAINT jobs_type_check;
ALTER TABLE jobs DROP CONSTRAINT jobs_operation_check;
ALTER TABLE jobs DROP CONSTRAINT jobs_source_type_check;
ALTER TABLE jobs DROP CONSTRAINT jobs_undo_check;
