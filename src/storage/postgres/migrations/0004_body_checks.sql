-- Oldest program that can work on this schema: 1.
-- What the check of an article's body came to when the article was last written or found to be unchanged, as the
-- worker keeps it (worker/body_check.h). NULL or empty: nothing is kept. It may be taken away at any time: the next
-- check is then made.
ALTER TABLE articles ADD COLUMN body_check bytea;
