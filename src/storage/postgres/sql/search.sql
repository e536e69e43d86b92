-- Takes up to ?1 revisions from the queue, those that no other node is at work on. Of an article's revisions the newest
-- counts. A row for each article: how many were taken; nothing more of one that is gone.
-- name: take_revisions
WITH due AS (
  SELECT change FROM search_queue ORDER BY change LIMIT ?1 FOR UPDATE SKIP LOCKED),
taken AS (
  DELETE FROM search_queue USING due WHERE search_queue.change = due.change RETURNING search_queue.article),
wanted AS (
  SELECT DISTINCT article FROM taken),
gone AS (
  DELETE FROM search_documents USING wanted
  WHERE search_documents.article = wanted.article
    AND NOT EXISTS (SELECT 1 FROM articles WHERE articles.id = wanted.article)),
languages AS MATERIALIZED (
  SELECT language, waybill_search_config(language)::text AS config
  FROM (SELECT DISTINCT language FROM wanted JOIN articles ON articles.id = wanted.article) AS met)
SELECT (SELECT count(*) FROM taken), wanted.article, article.change, languages.config, article.name, revision.metadata,
       left(revision.text, 250000)
FROM wanted
LEFT JOIN articles AS article ON article.id = wanted.article
LEFT JOIN languages USING (language)
LEFT JOIN article_revisions AS revision ON revision.change = article.change;

-- The words of articles as of a change by the configuration ?4, unless another node has indexed a newer one by now.
-- name: write_documents
WITH content AS (
  SELECT given.article, given.change, given.words, article.department, folder.path || '/' || article.name AS path,
         article.name, article.language
  FROM unnest(?1::bigint[], ?2::bigint[], ?3::tsvector[]) AS given (article, change, words)
  JOIN articles AS article ON article.id = given.article
  JOIN folders AS folder ON folder.id = article.folder),
configs AS (
  INSERT INTO search_configs (department, config) SELECT DISTINCT department, ?4::regconfig FROM content
  ON CONFLICT DO NOTHING)
INSERT INTO search_documents (article, change, department, path, name, language, folded_name, config, words)
SELECT article, change, department, path, name, language, lower(btrim(name, E' \t\r\n\f\v')), ?4::regconfig, words
FROM content ORDER BY article
ON CONFLICT (article) DO UPDATE
SET change = excluded.change, department = excluded.department, path = excluded.path, name = excluded.name,
    language = excluded.language, folded_name = excluded.folded_name, config = excluded.config, words = excluded.words
WHERE search_documents.change < excluded.change;

-- By the dictionary of the configuration ?1 for words of ASCII letters (1) or of others (2), as its parser would tell.
-- name: stems_of_words
SELECT given.word, (ts_lexize(map.mapdict, given.word))[1]
FROM unnest(?2::text[]) AS given (word)
JOIN pg_catalog.pg_ts_config_map AS map
  ON map.mapcfg = ?1::regconfig AND map.mapseqno = 1
     AND map.maptokentype = CASE WHEN octet_length(given.word) = char_length(given.word) THEN 1 ELSE 2 END;

-- Waits for the nodes that are at work on what is left.
-- name: wait_for_indexing
SELECT count(*) FROM (SELECT 1 FROM search_queue ORDER BY change LIMIT ?1 FOR UPDATE) AS held;

-- name: count_unindexed
SELECT count(*) FROM search_queue;

-- name: search_configs_of
SELECT config::text FROM search_configs WHERE department = ?1 ORDER BY config;

-- ?1 the configurations, ?2 what is looked for in the forms of each, ?3 the department, ?4 the folded query, ?5 what comes
-- after all that begin with it. The order is that of SQLite's search: a name that is what was typed, one that begins with
-- it as a whole word, one that begins with it, the rest.
-- name: search_documents
WITH asked AS MATERIALIZED (
  SELECT given.config::regconfig AS config, given.query::tsquery AS query, given.place
  FROM unnest(?1::text[], ?2::text[]) WITH ORDINALITY AS given (config, query, place)),
page AS MATERIALIZED (
  SELECT document.article, document.change, document.path, document.name, document.language, asked.place,
         ts_rank(document.words, asked.query)::float8 AS score,
         CASE WHEN document.folded_name = ?4 THEN 0
              WHEN document.folded_name >= ?4 || ' ' AND document.folded_name < ?4 || '!' THEN 1
              WHEN document.folded_name >= ?4 AND document.folded_name < ?5 THEN 2
              ELSE 3 END AS tier
  FROM asked
  JOIN search_documents AS document
    ON document.department = ?3 AND document.config = asked.config AND document.words @@ asked.query
  WHERE EXISTS (SELECT 1 FROM articles WHERE articles.id = document.article)
  ORDER BY tier, score DESC, document.article LIMIT ?6 OFFSET ?7)
SELECT page.article, page.path, page.name, page.language, page.score, page.tier, page.place, left(revision.text, 50000)
FROM page
JOIN article_revisions AS revision ON revision.change = page.change
ORDER BY page.tier, page.score DESC, page.article;
