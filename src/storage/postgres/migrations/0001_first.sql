-- Oldest program that can work on this schema: 1.
-- The schema of one database for many nodes. It says the same as sqlite/migrations/, by PostgreSQL's means.
-- Times are milliseconds since 1970 in UTC; fingerprints are the 32 bytes of a SHA-256. The numbers of states, phases,
-- kinds and levels are those of the enums in jobs/ and report/. Texts compare by their bytes whatever the database's
-- locale.

CREATE TABLE server_values (
  name text COLLATE "C" PRIMARY KEY,
  value bytea NOT NULL
);

-- Grow by one within the transaction that uses the number, so a commit that fails leaves no gap, and an import
-- that dies and resumes gives the same ids as one that was left alone.
CREATE TABLE sequences (
  name text COLLATE "C" PRIMARY KEY,
  last bigint NOT NULL
) WITH (fillfactor = 50);
INSERT INTO sequences (name, last) VALUES ('knowledge_id', 1000000), ('change', 0);

-- Columns in the order of sql/job_rows.cpp, which reads whole rows; new ones go to the end.
CREATE TABLE jobs (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,  -- order of creation
  id uuid NOT NULL UNIQUE,
  department text COLLATE "C" NOT NULL,
  client text COLLATE "C" NOT NULL,
  type smallint NOT NULL CHECK (type IN (0, 1)),
  operation smallint NOT NULL CHECK (operation IN (0, 1)),
  source_type smallint NOT NULL CHECK (source_type IN (0, 1)),
  source_path text COLLATE "C" NOT NULL,
  source_region text COLLATE "C" NOT NULL,
  sealed_credentials bytea,  -- NULL: none were given, or the job has ended
  traceparent text COLLATE "C" NOT NULL,
  created bigint NOT NULL,
  due bigint NOT NULL,
  stop bigint,
  state smallint NOT NULL CHECK (state BETWEEN 0 AND 4),
  phase smallint NOT NULL,
  started bigint,
  ended bigint,
  total bigint,
  successful bigint NOT NULL,
  warnings bigint NOT NULL,
  errors bigint NOT NULL,
  position bigint NOT NULL,
  source_version text COLLATE "C" NOT NULL,
  log_location text COLLATE "C" NOT NULL,
  error text COLLATE "C" NOT NULL,
  retryable smallint NOT NULL,
  epoch bigint NOT NULL,
  owner text COLLATE "C" NOT NULL,
  lease_until bigint,
  cancel_requested bigint,
  cancel_requested_by text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  last_entry bigint NOT NULL,  -- sequence of the newest log entry
  -- An undo is kept as an import (type 0) that is marked, so that jobs_one_import_in_progress holds for both.
  undo smallint NOT NULL DEFAULT 0 CHECK (undo IN (0, 1)),
  target uuid
) WITH (fillfactor = 70);  -- room for the updates of each batch beside the row
CREATE INDEX jobs_by_department ON jobs (department, number);
CREATE INDEX jobs_open ON jobs (due, number) WHERE state IN (0, 1);
CREATE INDEX jobs_open_by_client ON jobs (client) WHERE state IN (0, 1);
CREATE INDEX jobs_running ON jobs (owner) WHERE state = 1;
-- The rules themselves, whatever the code does: one import a department is in progress, and a job is undone once.
CREATE UNIQUE INDEX jobs_one_import_in_progress ON jobs (department) WHERE state = 1 AND type = 0;
CREATE UNIQUE INDEX jobs_one_undo ON jobs (target) WHERE undo = 1;

CREATE TABLE idempotency_keys (
  client text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  request_hash bytea NOT NULL,
  job uuid NOT NULL,
  created bigint NOT NULL,
  PRIMARY KEY (client, key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created);

CREATE TABLE log_entries (
  job bigint NOT NULL,  -- jobs.number
  sequence bigint NOT NULL,
  time bigint NOT NULL,
  level smallint NOT NULL,
  rule text COLLATE "C",  -- its public code; NULL: a step in words, not a finding
  kind smallint NOT NULL,
  item text COLLATE "C" NOT NULL,
  file text COLLATE "C" NOT NULL,
  pointer text COLLATE "C" NOT NULL,
  line bigint NOT NULL,
  "column" bigint NOT NULL,
  message text COLLATE "C" NOT NULL,
  advice text COLLATE "C" NOT NULL,
  PRIMARY KEY (job, sequence)
);

CREATE TABLE job_items (
  job bigint NOT NULL,       -- jobs.number
  number bigint NOT NULL,    -- place in the job's fixed order, from 1
  kind smallint NOT NULL,
  outcome smallint NOT NULL,  -- knowledge::Outcome
  item bigint,               -- id in the knowledge base, where it is or was there
  path text COLLATE "C" NOT NULL,      -- as findings name it
  language text COLLATE "C" NOT NULL,  -- articles
  PRIMARY KEY (job, number)
);

-- Articles as a validation would have written them. Bodies are compressed.
CREATE TABLE job_contents (
  job bigint NOT NULL,     -- jobs.number
  number bigint NOT NULL,
  macro text COLLATE "C" NOT NULL,
  metadata json NOT NULL,
  size bigint NOT NULL,    -- bytes of the body
  body bytea NOT NULL,
  PRIMARY KEY (job, number)
);
ALTER TABLE job_contents ALTER body SET STORAGE EXTERNAL;

-- The knowledge base. Every row carries the job that wrote it last; what an update replaces is kept.
CREATE TABLE folders (
  id bigint PRIMARY KEY,
  department text COLLATE "C" NOT NULL,
  path text COLLATE "C" NOT NULL,
  parent text COLLATE "C" NOT NULL,  -- path of the folder above, '' at the top
  name text COLLATE "C" NOT NULL,
  description text COLLATE "C" NOT NULL,
  fingerprint bytea NOT NULL,
  revision bigint NOT NULL,
  job uuid NOT NULL,
  created bigint NOT NULL,
  modified bigint NOT NULL
);
CREATE UNIQUE INDEX folders_by_path ON folders (department, path);
CREATE INDEX folders_by_parent ON folders (department, parent);
CREATE INDEX folders_by_id ON folders (department, id);  -- for pages

CREATE TABLE articles (
  id bigint PRIMARY KEY,
  department text COLLATE "C" NOT NULL,
  folder bigint NOT NULL REFERENCES folders (id),
  name text COLLATE "C" NOT NULL,
  language text COLLATE "C" NOT NULL,
  macro text COLLATE "C" NOT NULL,
  fingerprint bytea NOT NULL,
  revision bigint NOT NULL,
  change bigint NOT NULL,  -- article_revisions.change of this revision
  job uuid NOT NULL,
  created bigint NOT NULL,
  modified bigint NOT NULL
);
CREATE UNIQUE INDEX articles_by_identity ON articles (folder, name, language);
CREATE INDEX articles_by_folder ON articles (folder, id);  -- for pages
CREATE INDEX articles_by_department ON articles (department, id);
-- Not unique: two articles may swap their macros within one import. That each has one holder is a rule of
-- validation.
CREATE INDEX articles_by_macro ON articles (department, macro) WHERE macro <> '';

-- Every content an article ever had, in the order of writing: what history and undo stand on. Revisions outlive their
-- article: an undo removes it, and the undo of that brings it back.
CREATE TABLE article_revisions (
  change bigint PRIMARY KEY,
  article bigint NOT NULL,
  revision bigint NOT NULL,
  previous bigint,  -- change of the revision that this one replaced
  job uuid NOT NULL,
  fingerprint bytea NOT NULL,
  metadata json NOT NULL,  -- see sql/article_json.h
  text text COLLATE "C" NOT NULL,
  body bytea NOT NULL,
  macro text COLLATE "C",
  time bigint,      -- when it was written
  removed smallint NOT NULL DEFAULT 0 CHECK (removed IN (0, 1))  -- 1: from here on the article is gone
);
CREATE INDEX article_removals ON article_revisions (article, change) WHERE removed = 1;
-- LZ4 takes half the time of the default. A server that was built without it keeps the default.
DO $$ BEGIN
  ALTER TABLE article_revisions ALTER body SET COMPRESSION lz4, ALTER text SET COMPRESSION lz4,
                                ALTER metadata SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN NULL;
END $$;

CREATE TABLE article_types (
  department text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  PRIMARY KEY (department, name)
);

CREATE TABLE topics (
  id bigint PRIMARY KEY,
  department text COLLATE "C" NOT NULL,
  path text COLLATE "C" NOT NULL,
  parent text COLLATE "C" NOT NULL,
  description text COLLATE "C" NOT NULL,
  articles json NOT NULL,  -- [[folder path, name], …], as given; resolved when read
  folders json NOT NULL,   -- [path, …]
  fingerprint bytea NOT NULL,
  revision bigint NOT NULL,
  job uuid NOT NULL,
  created bigint NOT NULL,
  modified bigint NOT NULL
);
CREATE UNIQUE INDEX topics_by_path ON topics (department, path);
CREATE INDEX topics_by_parent ON topics (department, parent);

CREATE TABLE portals (
  id bigint PRIMARY KEY,
  department text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  description text COLLATE "C" NOT NULL,
  topics json NOT NULL,   -- [path, …]
  folders json NOT NULL,  -- [path, …]
  fingerprint bytea NOT NULL,
  revision bigint NOT NULL,
  job uuid NOT NULL,
  created bigint NOT NULL,
  modified bigint NOT NULL
);
CREATE UNIQUE INDEX portals_by_name ON portals (department, name);

-- What an update of a folder, topic or portal replaced.
CREATE TABLE replaced_items (
  item bigint NOT NULL,
  revision bigint NOT NULL,
  job uuid NOT NULL,
  fingerprint bytea NOT NULL,
  content json NOT NULL,  -- object of the columns that an import sets
  PRIMARY KEY (item, revision)
);

CREATE TABLE clients (
  id text COLLATE "C" PRIMARY KEY,
  name text COLLATE "C" NOT NULL,
  department text COLLATE "C" NOT NULL,
  secret_hash text COLLATE "C" NOT NULL,
  scopes text COLLATE "C" NOT NULL,  -- separated by single spaces (RFC 6749, 3.3)
  created bigint NOT NULL,
  revoked bigint
);

CREATE TABLE signing_keys (
  kid text COLLATE "C" PRIMARY KEY,
  public_jwk text COLLATE "C" NOT NULL,
  sealed_private_jwk bytea NOT NULL,
  created bigint NOT NULL,
  retired bigint
);

-- Search. Revisions wait in a queue that any node takes from; the index follows.
CREATE TABLE search_queue (
  change bigint PRIMARY KEY,  -- article_revisions.change
  article bigint NOT NULL
);
CREATE FUNCTION waybill_queue_revisions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO search_queue (change, article) SELECT change, article FROM written;
  RETURN NULL;
END $$;
CREATE TRIGGER queue_revisions AFTER INSERT ON article_revisions REFERENCING NEW TABLE AS written
  FOR EACH STATEMENT EXECUTE FUNCTION waybill_queue_revisions();

-- For every language that PostgreSQL has word forms of, a configuration that drops no stop words: "and" is a word like
-- others to who looks for it, as it is to SQLite's search.
DO $$
DECLARE
  language text;
BEGIN
  FOR language IN
    SELECT replace(dictname, '_stem', '') FROM pg_ts_dict
    WHERE dictnamespace = 'pg_catalog'::regnamespace AND dictname LIKE '%\_stem'
      AND replace(dictname, '_stem', '') IN (SELECT cfgname FROM pg_ts_config
                                             WHERE cfgnamespace = 'pg_catalog'::regnamespace)
  LOOP
    EXECUTE format('CREATE TEXT SEARCH DICTIONARY %I (TEMPLATE = pg_catalog.snowball, Language = %s)',
                   'waybill_' || language || '_stem', language);
  END LOOP;
  FOR language IN
    SELECT substr(dictname, 9, length(dictname) - 13) FROM pg_ts_dict
    WHERE dictname LIKE 'waybill\_%\_stem' AND dictnamespace = current_schema()::regnamespace
  LOOP
    EXECUTE format('CREATE TEXT SEARCH CONFIGURATION %I (COPY = pg_catalog.%I)', 'waybill_' || language, language);
    EXECUTE format('ALTER TEXT SEARCH CONFIGURATION %I ALTER MAPPING REPLACE pg_catalog.%I WITH %I',
                   'waybill_' || language, language || '_stem', 'waybill_' || language || '_stem');
    EXECUTE format('ALTER TEXT SEARCH CONFIGURATION %I ALTER MAPPING REPLACE pg_catalog.english_stem WITH %I',
                   'waybill_' || language, 'waybill_english_stem');
  END LOOP;
END $$;

-- The configuration for an article's language ("en-US").
CREATE FUNCTION waybill_search_config(language text) RETURNS regconfig LANGUAGE plpgsql STABLE AS $$
DECLARE
  name text := CASE left(language, 2)
    WHEN 'ar' THEN 'arabic' WHEN 'hy' THEN 'armenian' WHEN 'eu' THEN 'basque' WHEN 'ca' THEN 'catalan'
    WHEN 'da' THEN 'danish' WHEN 'nl' THEN 'dutch' WHEN 'en' THEN 'english' WHEN 'fi' THEN 'finnish'
    WHEN 'fr' THEN 'french' WHEN 'de' THEN 'german' WHEN 'el' THEN 'greek' WHEN 'hi' THEN 'hindi'
    WHEN 'hu' THEN 'hungarian' WHEN 'id' THEN 'indonesian' WHEN 'ga' THEN 'irish' WHEN 'it' THEN 'italian'
    WHEN 'lt' THEN 'lithuanian' WHEN 'ne' THEN 'nepali' WHEN 'no' THEN 'norwegian' WHEN 'nb' THEN 'norwegian'
    WHEN 'nn' THEN 'norwegian' WHEN 'pt' THEN 'portuguese' WHEN 'ro' THEN 'romanian' WHEN 'ru' THEN 'russian'
    WHEN 'sr' THEN 'serbian' WHEN 'es' THEN 'spanish' WHEN 'sv' THEN 'swedish' WHEN 'ta' THEN 'tamil'
    WHEN 'tr' THEN 'turkish' WHEN 'yi' THEN 'yiddish' END;
BEGIN
  RETURN coalesce((SELECT oid::regconfig FROM pg_ts_config
                   WHERE cfgname = 'waybill_' || name AND pg_ts_config_is_visible(oid)),
                  'pg_catalog.simple'::regconfig);
END $$;

-- Latin letters of European languages without their accents, in lower case: a letter for a letter. translate() looks
-- through its whole list for every letter, so a text that is ASCII alone is left as it is.
CREATE FUNCTION waybill_fold(given text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN octet_length(given) = char_length(given) THEN given ELSE translate(given,
    'ÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖÙÚÛÜÝàáâãäåçèéêëìíîïñòóôõöùúûüýÿĀāĂăĄąĆćĈĉĊċČčĎďĒēĔĕĖėĘęĚěĜĝĞğĠġĢģĤĥĨĩĪīĬĭĮįİĴĵĶķĹĺĻļĽľŃńŅņŇňŌōŎŏŐőŔŕŖŗŘřŚśŜŝŞşŠšŢţŤťŨũŪūŬŭŮůŰűŲųŴŵŶŷŸŹźŻżŽž',
    'aaaaaaceeeeiiiinooooouuuuyaaaaaaceeeeiiiinooooouuuuyyaaaaaaccccccccddeeeeeeeeeegggggggghhiiiiiiiiijjkkllllllnnnnnnoooooorrrrrrssssssssttttuuuuuuuuuuuuwwyyyzzzzzz') END
$$;

-- The same with a space for every mark of ASCII punctuation: words for the parser, which would take "a.b" for a host
-- and "<b>" for a tag.
CREATE FUNCTION waybill_plain(given text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT waybill_fold(translate(given, '!"#$%&()*+,-./:;<=>?@[\]^_`{|}~''', repeat(' ', 32)))
$$;

-- What is found: words in the forms of the language, and as they stand, so that the beginning of a word finds it. A
-- tsvector holds at most a mebibyte; of an article that is larger, the beginning is found. Both have their positions: a
-- phrase that ends in the beginning of a word does not match where a word without a position might.
CREATE FUNCTION waybill_search_words(config regconfig, name text, keywords text, body text) RETURNS tsvector
LANGUAGE plpgsql STABLE AS $$
DECLARE
  kept integer := 250000;
  plain text;
BEGIN
  LOOP
    BEGIN
      plain := waybill_plain(left(body, kept));
      RETURN setweight(to_tsvector(config, waybill_plain(name)), 'A')
          || setweight(to_tsvector(config, waybill_plain(keywords)), 'B')
          || to_tsvector(config, plain)
          || to_tsvector('simple', waybill_plain(name) || ' ' || waybill_plain(keywords) || ' ' || plain);
    EXCEPTION WHEN program_limit_exceeded THEN
      IF kept = 0 THEN RAISE; END IF;
      kept := kept / 4;
      IF kept < 1000 THEN kept := 0; keywords := left(keywords, 1000); END IF;
    END;
  END LOOP;
END $$;

CREATE TABLE search_configs (
  department text COLLATE "C" NOT NULL,
  config regconfig NOT NULL,  -- some article of the department has been indexed by it
  PRIMARY KEY (department, config)
);

CREATE TABLE search_documents (
  article bigint PRIMARY KEY,
  change bigint NOT NULL,  -- article_revisions.change of what is indexed
  department text COLLATE "C" NOT NULL,
  path text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  language text COLLATE "C" NOT NULL,
  folded_name text COLLATE "C" NOT NULL,  -- name in lower case (ASCII), trimmed
  config regconfig NOT NULL,
  words tsvector NOT NULL
);
CREATE INDEX search_documents_words ON search_documents USING gin (words);
