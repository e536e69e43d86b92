-- Many at once: one look into the index for each name of a list, with its place in it.

-- name: find_folders
SELECT given.place, there.id, there.fingerprint
FROM unnest(?2::text[]) WITH ORDINALITY AS given (path, place)
CROSS JOIN LATERAL (SELECT id, fingerprint FROM folders WHERE department = ?1 AND path = given.path LIMIT 1) AS there;

-- name: find_topics
SELECT given.place, there.id, there.fingerprint
FROM unnest(?2::text[]) WITH ORDINALITY AS given (path, place)
CROSS JOIN LATERAL (SELECT id, fingerprint FROM topics WHERE department = ?1 AND path = given.path LIMIT 1) AS there;

-- Folders first and once: where nothing has been counted yet, the planner would look each up among all of the
-- department.
-- name: articles_to_compare
WITH named AS MATERIALIZED (SELECT id, path FROM folders WHERE department = ?1 AND path = ANY (?2::text[]))
SELECT given.place, there.id, there.fingerprint, there.body_check
FROM unnest(?2::text[], ?3::text[], ?4::text[]) WITH ORDINALITY AS given (folder, name, language, place)
JOIN named ON named.path = given.folder
CROSS JOIN LATERAL (
  SELECT id, fingerprint, body_check FROM articles
  WHERE articles.folder = named.id AND articles.name = given.name AND articles.language = given.language
  LIMIT 1) AS there;

-- name: topic_articles
SELECT article.id
FROM topics AS topic CROSS JOIN json_array_elements_text(topic.folders) AS given (path)
JOIN folders AS folder ON folder.department = topic.department AND folder.path = given.path
JOIN articles AS article ON article.folder = folder.id
WHERE topic.id = ?1
UNION
SELECT article.id
FROM topics AS topic CROSS JOIN json_array_elements(topic.articles) AS given (pair)
JOIN folders AS folder ON folder.department = topic.department AND folder.path = given.pair ->> 0
JOIN articles AS article ON article.folder = folder.id AND article.name = given.pair ->> 1
WHERE topic.id = ?1
ORDER BY 1;

-- name: portal_topics
SELECT topic.id
FROM portals AS portal CROSS JOIN json_array_elements_text(portal.topics) WITH ORDINALITY AS given (path, place)
JOIN topics AS topic ON topic.department = portal.department AND topic.path = given.path
WHERE portal.id = ?1 ORDER BY given.place;

-- Whoever writes next waits here until this transaction has ended, so that numbers have no gap and are committed in
-- their order.
-- name: get_sequences
WITH held AS (SELECT name, last FROM sequences ORDER BY name FOR UPDATE)
SELECT (SELECT last FROM held WHERE name = 'knowledge_id'), (SELECT last FROM held WHERE name = 'change');

-- name: keep_folder
INSERT INTO replaced_items (item, revision, job, fingerprint, copy_of, content)
SELECT id, revision, job, fingerprint, copy_of,
       json_build_object('path', path, 'description', description, 'created', created)
FROM folders WHERE id = ?1;

-- name: keep_topic
INSERT INTO replaced_items (item, revision, job, fingerprint, copy_of, content)
SELECT id, revision, job, fingerprint, copy_of,
       json_build_object('path', path, 'description', description, 'articles', articles, 'folders', folders,
                         'created', created)
FROM topics WHERE id = ?1;

-- name: keep_portal
INSERT INTO replaced_items (item, revision, job, fingerprint, copy_of, content)
SELECT id, revision, job, fingerprint, copy_of,
       json_build_object('name', name, 'description', description, 'topics', topics, 'folders', folders,
                         'created', created)
FROM portals WHERE id = ?1;

-- name: insert_removal
INSERT INTO article_revisions (change, article, revision, previous, job, fingerprint, metadata, text, packed_body,
                               macro, time, removed)
VALUES (?1, ?2, ?3, ?4, ?5, '', json_build_object('created', (SELECT created FROM articles WHERE id = ?2)), '', '', '',
        ?6, 1);
