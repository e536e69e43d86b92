-- Times are milliseconds since 1970 in UTC; ids of jobs are the 16 bytes of their UUID; fingerprints are the 32
-- bytes of a SHA-256. The numbers of states, phases, kinds and levels are those of the enums in jobs/ and report/.

CREATE TABLE server_values (
  name TEXT PRIMARY KEY,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Grow by one within the transaction that uses the number, so a commit that fails leaves no gap, and an import
-- that dies and resumes gives the same ids as one that was left alone.
CREATE TABLE sequences (
  name TEXT PRIMARY KEY,
  last INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO sequences (name, last) VALUES ('knowledge_id', 1000000), ('change', 0);

-- Columns in the order of sql/job_rows.cpp, which reads whole rows; new ones go to the end.
CREATE TABLE jobs (
  number INTEGER PRIMARY KEY,  -- order of creation
  id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
  department TEXT NOT NULL,
  client TEXT NOT NULL,
  type INTEGER NOT NULL CHECK (type IN (0, 1)),
  operation INTEGER NOT NULL CHECK (operation IN (0, 1)),
  source_type INTEGER NOT NULL CHECK (source_type IN (0, 1)),
  source_path TEXT NOT NULL,
  source_region TEXT NOT NULL,
  sealed_credentials BLOB,  -- NULL: none were given, or the job has ended
  traceparent TEXT NOT NULL,
  created INTEGER NOT NULL,
  due INTEGER NOT NULL,
  stop INTEGER,
  state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 4),
  phase INTEGER NOT NULL,
  started INTEGER,
  ended INTEGER,
  total INTEGER,
  successful INTEGER NOT NULL,
  warnings INTEGER NOT NULL,
  errors INTEGER NOT NULL,
  position INTEGER NOT NULL,
  source_version TEXT NOT NULL,
  log_location TEXT NOT NULL,
  error TEXT NOT NULL,
  retryable INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  owner TEXT NOT NULL,
  lease_until INTEGER,
  cancel_requested INTEGER,
  cancel_requested_by TEXT NOT NULL,
  version INTEGER NOT NULL,
  last_entry INTEGER NOT NULL  -- sequence of the newest log entry
) STRICT;
CREATE INDEX jobs_by_department ON jobs (department, number);
CREATE INDEX jobs_open ON jobs (due, number) WHERE state IN (0, 1);
-- The rule itself, whatever the code does: one import a department is in progress.
CREATE UNIQUE INDEX jobs_one_import_in_progress ON jobs (department) WHERE state = 1 AND type = 0;

CREATE TABLE idempotency_keys (
  client TEXT NOT NULL,
  key TEXT NOT NULL,
  request_hash BLOB NOT NULL,
  job BLOB NOT NULL,
  created INTEGER NOT NULL,
  PRIMARY KEY (client, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created);

CREATE TABLE log_entries (
  job INTEGER NOT NULL REFERENCES jobs (number),
  sequence INTEGER NOT NULL,
  time INTEGER NOT NULL,
  level INTEGER NOT NULL,
  rule TEXT,  -- its public code; NULL: a step in words, not a finding
  kind INTEGER NOT NULL,
  item TEXT NOT NULL,
  file TEXT NOT NULL,
  pointer TEXT NOT NULL,
  line INTEGER NOT NULL,
  column INTEGER NOT NULL,
  message TEXT NOT NULL,
  advice TEXT NOT NULL,
  PRIMARY KEY (job, sequence)
) STRICT, WITHOUT ROWID;

-- The knowledge base. Every row carries the job that wrote it last; what an update replaces is kept.
CREATE TABLE folders (
  id INTEGER PRIMARY KEY,
  department TEXT NOT NULL,
  path TEXT NOT NULL,
  parent TEXT NOT NULL,  -- path of the folder above, '' at the top
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  fingerprint BLOB NOT NULL,
  revision INTEGER NOT NULL,
  job BLOB NOT NULL,
  created INTEGER NOT NULL,
  modified INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX folders_by_path ON folders (department, path);
CREATE INDEX folders_by_parent ON folders (department, parent);

CREATE TABLE articles (
  id INTEGER PRIMARY KEY,
  department TEXT NOT NULL,
  folder INTEGER NOT NULL REFERENCES folders (id),
  name TEXT NOT NULL,
  language TEXT NOT NULL,
  macro TEXT NOT NULL,
  fingerprint BLOB NOT NULL,
  revision INTEGER NOT NULL,
  change INTEGER NOT NULL,  -- article_revisions.change of this revision
  job BLOB NOT NULL,
  created INTEGER NOT NULL,
  modified INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX articles_by_identity ON articles (folder, name, language);
CREATE INDEX articles_by_folder ON articles (folder);  -- in order of id, for pages
CREATE INDEX articles_by_department ON articles (department);
-- Not unique: two articles may swap their macros within one import. That each has one holder is a rule of
-- validation.
CREATE INDEX articles_by_macro ON articles (department, macro) WHERE macro <> '';

-- Every content an article ever had, in the order of writing: what the search index follows, and what history
-- and undo stand on.
CREATE TABLE article_revisions (
  change INTEGER PRIMARY KEY,
  article INTEGER NOT NULL REFERENCES articles (id),
  revision INTEGER NOT NULL,
  previous INTEGER,  -- change of the revision that this one replaced
  job BLOB NOT NULL,
  fingerprint BLOB NOT NULL,
  metadata TEXT NOT NULL,  -- JSON, see article_json.h
  text TEXT NOT NULL,
  body BLOB NOT NULL
) STRICT;

CREATE TABLE article_types (
  department TEXT NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (department, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE topics (
  id INTEGER PRIMARY KEY,
  department TEXT NOT NULL,
  path TEXT NOT NULL,
  parent TEXT NOT NULL,
  description TEXT NOT NULL,
  articles TEXT NOT NULL,  -- JSON: [[folder path, name], …], as given; resolved when read
  folders TEXT NOT NULL,   -- JSON: [path, …]
  fingerprint BLOB NOT NULL,
  revision INTEGER NOT NULL,
  job BLOB NOT NULL,
  created INTEGER NOT NULL,
  modified INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX topics_by_path ON topics (department, path);
CREATE INDEX topics_by_parent ON topics (department, parent);

CREATE TABLE portals (
  id INTEGER PRIMARY KEY,
  department TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  topics TEXT NOT NULL,   -- JSON: [path, …]
  folders TEXT NOT NULL,  -- JSON: [path, …]
  fingerprint BLOB NOT NULL,
  revision INTEGER NOT NULL,
  job BLOB NOT NULL,
  created INTEGER NOT NULL,
  modified INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX portals_by_name ON portals (department, name);

-- What an update of a folder, topic or portal replaced.
CREATE TABLE replaced_items (
  item INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  job BLOB NOT NULL,
  fingerprint BLOB NOT NULL,
  content TEXT NOT NULL,  -- JSON object of the columns that an import sets
  PRIMARY KEY (item, revision)
) STRICT, WITHOUT ROWID;

CREATE TABLE clients (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  department TEXT NOT NULL,
  secret_hash TEXT NOT NULL,
  scopes TEXT NOT NULL,  -- separated by single spaces (RFC 6749, 3.3)
  created INTEGER NOT NULL,
  revoked INTEGER
) STRICT;

CREATE TABLE signing_keys (
  kid TEXT PRIMARY KEY,
  public_jwk TEXT NOT NULL,
  sealed_private_jwk BLOB NOT NULL,
  created INTEGER NOT NULL,
  retired INTEGER
) STRICT;
