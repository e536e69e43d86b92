-- search.db follows from waybill.db: when this text changes, raise kSearchSchema in search_index.cpp and the file
-- is built anew.

CREATE TABLE mark (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  database BLOB NOT NULL,   -- server_values.database_id of the waybill.db that this file follows
  change INTEGER NOT NULL   -- article_revisions.change up to which everything is indexed
) STRICT;

-- Small rows for what decides about a hit before its text is read.
CREATE TABLE documents (
  id INTEGER PRIMARY KEY,  -- articles.id
  department TEXT NOT NULL,
  path TEXT NOT NULL,
  name TEXT NOT NULL,
  language TEXT NOT NULL,
  folded_name TEXT NOT NULL  -- name in lower case (ASCII), trimmed
) STRICT;

-- Keeps its own copy of the text: an external-content table must lie in the same database file, and a contentless
-- one can forget a document only when it is told the old text to the letter. A copy costs space and cannot go wrong.
CREATE VIRTUAL TABLE article_text USING fts5 (
  name, keywords, body,
  tokenize = "unicode61 remove_diacritics 2"
);
-- Bytes of new postings that are held before they are written as one segment: fewer, larger segments.
INSERT INTO article_text (article_text, rank) VALUES ('hashsize', 8388608);
-- Weights of name, keywords and body.
INSERT INTO article_text (article_text, rank) VALUES ('rank', 'bm25(12.0, 4.0, 1.0)');
