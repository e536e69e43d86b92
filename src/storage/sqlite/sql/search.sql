-- These run on search.db.

-- name: get_mark
SELECT database, change FROM mark WHERE one = 1;

-- name: insert_mark
INSERT INTO mark (one, database, change) VALUES (1, ?1, 0);

-- name: set_mark
UPDATE mark SET change = ?1 WHERE one = 1;

-- name: replace_document
INSERT OR REPLACE INTO documents (id, department, path, name, language, folded_name) VALUES (?1, ?2, ?3, ?4, ?5, ?6);

-- name: replace_text
INSERT OR REPLACE INTO article_text (rowid, name, keywords, body) VALUES (?1, ?2, ?3, ?4);

-- name: forget_document
DELETE FROM documents WHERE id = ?1;

-- name: forget_text
DELETE FROM article_text WHERE rowid = ?1;

-- A name that is what was typed comes first, then one that begins with it as a whole word, then one that begins
-- with it, then the rest; bm25 orders within each. ?3 is the folded query, ?4 what comes after all that begin with
-- it.
-- name: search_articles
SELECT document.id, document.path, document.name, document.language, text.rank AS score,
       CASE WHEN document.folded_name = ?3 THEN 0
            WHEN document.folded_name >= ?3 || ' ' AND document.folded_name < ?3 || '!' THEN 1
            WHEN document.folded_name >= ?3 AND document.folded_name < ?4 THEN 2
            ELSE 3 END AS tier
FROM article_text AS text JOIN documents AS document ON document.id = text.rowid
WHERE text.article_text MATCH ?1 AND document.department = ?2
ORDER BY tier, score, document.id LIMIT ?5 OFFSET ?6;

-- The body first; where the words stand elsewhere, its beginning. U+E000 and U+E001 around the words.
-- name: search_snippet
SELECT snippet(article_text, 2, char(57344), char(57345), '…', 32) FROM article_text
WHERE article_text MATCH ?1 AND rowid = ?2;
