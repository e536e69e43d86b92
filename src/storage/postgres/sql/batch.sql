-- Whole batches at once: lists come as arrays, in the order of the batch.

-- name: folders_of_articles
SELECT path, id FROM folders WHERE department = ?1 AND path = ANY (?2::text[]);

-- One look into the index for each, however large the table is thought to be.
-- name: articles_there
SELECT given.place, there.id, there.fingerprint, there.revision, there.change
FROM unnest(?1::bigint[], ?2::text[], ?3::text[]) WITH ORDINALITY AS given (folder, name, language, place)
CROSS JOIN LATERAL (
  SELECT id, fingerprint, revision, change FROM articles
  WHERE articles.folder = given.folder AND articles.name = given.name AND articles.language = given.language
  LIMIT 1) AS there;

-- name: update_articles
UPDATE articles SET macro = given.macro, fingerprint = given.fingerprint, revision = articles.revision + 1,
                    change = given.change, job = ?5, modified = ?6,
                    body_check = given.body_check
FROM unnest(?1::bigint[], ?2::text[], ?3::bytea[], ?4::bigint[], ?7::bytea[])
  AS given (id, macro, fingerprint, change, body_check)
WHERE articles.id = given.id;

-- name: set_body_checks
UPDATE articles SET body_check = given.body_check
FROM unnest(?1::bigint[], ?2::bytea[]) AS given (id, body_check)
WHERE articles.id = given.id;

-- name: add_article_types
INSERT INTO article_types (department, name) SELECT ?1, unnest(?2::text[]) ON CONFLICT DO NOTHING;

-- ?1 ids and ?2 changes: the last ones before them. Whoever writes next waits until this transaction has ended. In the
-- order of get_sequences, so that the two do not wait for each other.
-- name: take_numbers
WITH held AS MATERIALIZED (SELECT name FROM sequences ORDER BY name FOR UPDATE),
taken AS (
  UPDATE sequences SET last = last + CASE sequences.name WHEN 'knowledge_id' THEN ?1::bigint ELSE ?2::bigint END
  FROM held WHERE sequences.name = held.name RETURNING sequences.name, last)
SELECT (SELECT last FROM taken WHERE name = 'knowledge_id') - ?1::bigint,
       (SELECT last FROM taken WHERE name = 'change') - ?2::bigint;
