-- What a look for work, the next due moment and a client's quota ask is each answered from an index of its own, so that
-- none of them grows with the jobs that wait for a later day.
DROP INDEX jobs_open;
CREATE INDEX jobs_waiting ON jobs (due, number, type, department) WHERE state = 0;
-- Due when they were made, and so still when the clock has been set back.
CREATE INDEX jobs_due_when_made ON jobs (due, number, type, department) WHERE state = 0 AND due <= created;
CREATE INDEX jobs_running ON jobs (lease_until) WHERE state = 1;
CREATE INDEX jobs_open_by_client ON jobs (client) WHERE state IN (0, 1);
