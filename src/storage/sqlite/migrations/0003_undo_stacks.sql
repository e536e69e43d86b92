-- What an undo brings back stands for what it was copied from: so that the job that wrote that can be undone, too.
-- Of what an undo wrote before this schema it is not known.
ALTER TABLE article_revisions ADD COLUMN copy_of INTEGER;  -- change of the revision whose content this is
ALTER TABLE folders ADD COLUMN copy_of INTEGER;            -- revision of the same item, as in the tables below
ALTER TABLE topics ADD COLUMN copy_of INTEGER;
ALTER TABLE portals ADD COLUMN copy_of INTEGER;
ALTER TABLE replaced_items ADD COLUMN copy_of INTEGER;
