-- What an undo brings back stands for what it was copied from: so that the job that wrote that can be undone, too.
-- Of what an undo wrote before this schema it is not known.
ALTER TABLE article_revisions ADD COLUMN copy_of bigint;  -- change of the revision whose content this is
ALTER TABLE folders ADD COLUMN copy_of bigint;            -- revision of the same item, as in the tables below
ALTER TABLE topics ADD COLUMN copy_of bigint;
ALTER TABLE portals ADD COLUMN copy_of bigint;
ALTER TABLE replaced_items ADD COLUMN copy_of bigint;

-- A job is undone again where its undo was taken back or has left something; the rule itself: by one at a time.
DROP INDEX jobs_one_undo;
CREATE INDEX jobs_by_target ON jobs (target) WHERE undo = 1;
CREATE UNIQUE INDEX jobs_one_open_undo ON jobs (target) WHERE undo = 1 AND state IN (0, 1);
