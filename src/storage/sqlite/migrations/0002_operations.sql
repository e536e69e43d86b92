-- What preview, undo and repair stand on: what became of each item, and what a validation would have written.

-- An undo is kept as an import (type 0) that is marked, so that jobs_one_import_in_progress holds for both.
ALTER TABLE jobs ADD COLUMN undo INTEGER NOT NULL DEFAULT 0 CHECK (undo IN (0, 1));
ALTER TABLE jobs ADD COLUMN target BLOB;
CREATE INDEX jobs_by_target ON jobs (target) WHERE undo = 1;

CREATE TABLE job_items (
  job INTEGER NOT NULL REFERENCES jobs (number),
  number INTEGER NOT NULL,   -- place in the job's fixed order, from 1
  kind INTEGER NOT NULL,
  outcome INTEGER NOT NULL,  -- knowledge::Outcome
  item INTEGER,              -- id in the knowledge base, where it is or was there
  path TEXT NOT NULL,        -- as findings name it
  language TEXT NOT NULL,    -- articles
  PRIMARY KEY (job, number)
) STRICT, WITHOUT ROWID;

-- Articles as a validation would have written them. Bodies are compressed.
CREATE TABLE job_contents (
  job INTEGER NOT NULL REFERENCES jobs (number),
  number INTEGER NOT NULL,
  macro TEXT NOT NULL,
  metadata TEXT NOT NULL,
  size INTEGER NOT NULL,     -- bytes of the body
  body BLOB NOT NULL,
  PRIMARY KEY (job, number)
) STRICT;

-- Revisions outlive their article: an undo removes it, and the undo of that brings it back.
CREATE TABLE revisions_of_articles (
  change INTEGER PRIMARY KEY,
  article INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  previous INTEGER,  -- change of the revision that this one replaced
  job BLOB NOT NULL,
  fingerprint BLOB NOT NULL,
  metadata TEXT NOT NULL,  -- JSON, see article_json.h
  text TEXT NOT NULL,
  body BLOB NOT NULL,
  macro TEXT,         -- NULL: replaced before this schema, and not known
  time INTEGER,       -- when it was written; NULL as above
  removed INTEGER NOT NULL DEFAULT 0 CHECK (removed IN (0, 1))  -- 1: from here on the article is gone
) STRICT;
INSERT INTO revisions_of_articles (change, article, revision, previous, job, fingerprint, metadata, text, body, macro,
                                   time)
SELECT content.change, content.article, content.revision, content.previous, content.job, content.fingerprint,
       content.metadata, content.text, content.body, article.macro, article.modified
FROM article_revisions AS content LEFT JOIN articles AS article ON article.change = content.change
                                                               AND article.id = content.article;
DROP TABLE article_revisions;
ALTER TABLE revisions_of_articles RENAME TO article_revisions;
CREATE INDEX article_removals ON article_revisions (article, change) WHERE removed = 1;
