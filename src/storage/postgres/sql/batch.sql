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
