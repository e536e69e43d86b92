-- Takes up to ?1 revisions from the queue, those that no other node is at work on, and makes the index follow. Of an
-- article's revisions the newest counts, whoever is at it.
-- name: index_revisions
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
content AS (
  SELECT article.id, article.change, article.department, folder.path || '/' || article.name AS path, article.name,
         article.language, waybill_search_config(article.language) AS config,
         replace(revision.metadata::text, '\u0000', '\ufffd')::json AS metadata, revision.text
  FROM wanted
  JOIN articles AS article ON article.id = wanted.article
  JOIN folders AS folder ON folder.id = article.folder
  JOIN article_revisions AS revision ON revision.change = article.change),
configs AS (
  INSERT INTO search_configs (department, config) SELECT DISTINCT department, config FROM content
  ON CONFLICT DO NOTHING),
written AS (
  INSERT INTO search_documents (article, change, department, path, name, language, folded_name, config, words)
  SELECT id, change, department, path, name, language, lower(btrim(name, E' \t\r\n\f\v')), config,
         waybill_search_words(config, name,
                              concat_ws(E'\n', metadata ->> 'keywords', metadata ->> 'summary',
                                        metadata ->> 'description'),
                              text)
  FROM content
  ON CONFLICT (article) DO UPDATE
  SET change = excluded.change, department = excluded.department, path = excluded.path, name = excluded.name,
      language = excluded.language, folded_name = excluded.folded_name, config = excluded.config,
      words = excluded.words
  WHERE search_documents.change < excluded.change)
SELECT count(*) FROM taken;

-- Waits for the nodes that are at work on what is left.
-- name: wait_for_indexing
SELECT count(*) FROM (SELECT 1 FROM search_queue ORDER BY change LIMIT ?1 FOR UPDATE) AS held;

-- name: count_unindexed
SELECT count(*) FROM search_queue;

-- ?1 all that was typed but its last word, as a tsquery of quoted words; ?2 that last word, which may be unfinished, or
-- the last phrase, as it is to be looked up in the article's language; ?3 the word in no language's forms; ?4 the
-- department, ?5 the folded query, ?6 what comes after all that begin with it. The order is that of SQLite's search: a
-- name that is what was typed, one that begins with it as a whole word, one that begins with it, the rest. The text
-- comes back twice: as it is, and with the words that were found between U+E000 and U+E001; there every mark of
-- punctuation is a space, so that nothing looks like a tag or an address to the parser.
-- name: search_documents
WITH asked AS MATERIALIZED (
  SELECT config, to_tsquery(config, waybill_fold(?1))
                 && (to_tsquery(config, waybill_fold(?2)) || to_tsquery('simple', waybill_fold(?3))) AS query
  FROM search_configs WHERE department = ?4),
page AS MATERIALIZED (
  SELECT document.article, document.change, document.path, document.name, document.language, document.config,
         asked.query, ts_rank(document.words, asked.query)::float8 AS score,
         CASE WHEN document.folded_name = ?5 THEN 0
              WHEN document.folded_name >= ?5 || ' ' AND document.folded_name < ?5 || '!' THEN 1
              WHEN document.folded_name >= ?5 AND document.folded_name < ?6 THEN 2
              ELSE 3 END AS tier
  FROM asked
  JOIN search_documents AS document
    ON document.department = ?4 AND document.config = asked.config AND document.words @@ asked.query
  WHERE EXISTS (SELECT 1 FROM articles WHERE articles.id = document.article)
  ORDER BY tier, score DESC, document.article LIMIT ?7 OFFSET ?8)
SELECT page.article, page.path, page.name, page.language, page.score, page.tier, shown.text,
       ts_headline(page.config, waybill_plain(shown.text), page.query,
                   E'HighlightAll=true, StartSel=\uE000, StopSel=\uE001')
FROM page
JOIN article_revisions AS revision ON revision.change = page.change
CROSS JOIN LATERAL (SELECT left(revision.text, 50000) AS text) AS shown
ORDER BY page.tier, page.score DESC, page.article;
