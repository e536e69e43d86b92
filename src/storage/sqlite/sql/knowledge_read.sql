-- name: find_folder
SELECT id, fingerprint FROM folders WHERE department = ?1 AND path = ?2;

-- name: find_topic
SELECT id, fingerprint FROM topics WHERE department = ?1 AND path = ?2;

-- name: find_portal
SELECT id, fingerprint FROM portals WHERE department = ?1 AND name = ?2;

-- name: find_article
SELECT article.id, article.fingerprint
FROM folders AS folder JOIN articles AS article ON article.folder = folder.id
WHERE folder.department = ?1 AND folder.path = ?2 AND article.name = ?3 AND article.language = ?4;

-- name: has_article
SELECT 1 FROM folders AS folder JOIN articles AS article ON article.folder = folder.id
WHERE folder.department = ?1 AND folder.path = ?2 AND article.name = ?3 LIMIT 1;

-- name: find_macro
SELECT id FROM articles WHERE department = ?1 AND macro = ?2 AND macro <> '' ORDER BY id LIMIT 1;

-- name: has_article_type
SELECT 1 FROM article_types WHERE department = ?1 AND name = ?2;

-- name: folder_names
SELECT name FROM folders WHERE department = ?1 AND parent = ?2 ORDER BY name LIMIT 200;

-- name: list_folders
SELECT folder.id, path, description, modified,
       (SELECT count(*) FROM articles WHERE articles.folder = folder.id)
FROM folders AS folder WHERE department = ?1 AND id > ?2 ORDER BY id LIMIT ?3;

-- name: list_folders_below
SELECT folder.id, path, description, modified,
       (SELECT count(*) FROM articles WHERE articles.folder = folder.id)
FROM folders AS folder WHERE department = ?1 AND parent = ?4 AND id > ?2 ORDER BY id LIMIT ?3;

-- name: list_articles
SELECT article.id, folder.path, article.name, article.language, article.macro, article.revision, article.job,
       article.created, article.modified, content.metadata
FROM articles AS article
JOIN folders AS folder ON folder.id = article.folder
JOIN article_revisions AS content ON content.change = article.change
WHERE article.department = ?1 AND article.id > ?2 ORDER BY article.id LIMIT ?3;

-- name: list_folder_articles
SELECT article.id, folder.path, article.name, article.language, article.macro, article.revision, article.job,
       article.created, article.modified, content.metadata
FROM articles AS article
JOIN folders AS folder ON folder.id = article.folder
JOIN article_revisions AS content ON content.change = article.change
WHERE article.folder = ?1 AND article.id > ?2 ORDER BY article.id LIMIT ?3;

-- name: get_article
SELECT article.id, folder.path, article.name, article.language, article.macro, article.revision, article.job,
       article.created, article.modified, content.metadata, content.text
FROM articles AS article
JOIN folders AS folder ON folder.id = article.folder
JOIN article_revisions AS content ON content.change = article.change
WHERE article.department = ?1 AND article.id = ?2;

-- name: get_body
SELECT content.body FROM articles AS article JOIN article_revisions AS content ON content.change = article.change
WHERE article.department = ?1 AND article.id = ?2;

-- name: get_metadata
SELECT content.metadata FROM articles AS article JOIN article_revisions AS content ON content.change = article.change
WHERE article.department = ?1 AND article.id = ?2;

-- name: list_topics
SELECT id, path, description, articles, folders, modified
FROM topics WHERE department = ?1 AND id > ?2 ORDER BY id LIMIT ?3;

-- name: list_topics_below
SELECT id, path, description, articles, folders, modified
FROM topics WHERE department = ?1 AND parent = ?4 AND id > ?2 ORDER BY id LIMIT ?3;

-- name: topic_articles
SELECT article.id
FROM topics AS topic, json_each(topic.folders) AS given
JOIN folders AS folder ON folder.department = topic.department AND folder.path = given.value
JOIN articles AS article ON article.folder = folder.id
WHERE topic.id = ?1
UNION
SELECT article.id
FROM topics AS topic, json_each(topic.articles) AS given
JOIN folders AS folder
  ON folder.department = topic.department AND folder.path = json_extract(given.value, '$[0]')
JOIN articles AS article ON article.folder = folder.id AND article.name = json_extract(given.value, '$[1]')
WHERE topic.id = ?1
ORDER BY 1;

-- name: list_portals
SELECT id, name, description, topics, folders, modified
FROM portals WHERE department = ?1 AND id > ?2 ORDER BY id LIMIT ?3;

-- name: portal_topics
SELECT topic.id
FROM portals AS portal, json_each(portal.topics) AS given
JOIN topics AS topic ON topic.department = portal.department AND topic.path = given.value
WHERE portal.id = ?1 ORDER BY given.key;

-- What the search index has still to read. Later revisions of the same article supersede earlier ones.
-- name: revisions_after
SELECT content.change, article.change, content.article, article.department, folder.path, article.name,
       article.language, content.metadata, content.text
FROM article_revisions AS content
LEFT JOIN articles AS article ON article.id = content.article
LEFT JOIN folders AS folder ON folder.id = article.folder
WHERE content.change > ?1 ORDER BY content.change LIMIT ?2;

-- name: last_change
SELECT last FROM sequences WHERE name = 'change';
