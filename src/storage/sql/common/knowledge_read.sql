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

-- name: article_to_compare
SELECT article.id, article.fingerprint, article.body_check
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
SELECT content.packed_body, content.body_size
FROM articles AS article JOIN article_revisions AS content ON content.change = article.change
WHERE article.department = ?1 AND article.id = ?2;

-- name: get_links
SELECT content.packed_links, content.links_size, content.metadata
FROM articles AS article JOIN article_revisions AS content ON content.change = article.change
WHERE article.department = ?1 AND article.id = ?2;

-- name: list_topics
SELECT id, path, description, articles, folders, modified
FROM topics WHERE department = ?1 AND id > ?2 ORDER BY id LIMIT ?3;

-- name: list_topics_below
SELECT id, path, description, articles, folders, modified
FROM topics WHERE department = ?1 AND parent = ?4 AND id > ?2 ORDER BY id LIMIT ?3;

-- name: list_portals
SELECT id, name, description, topics, folders, modified
FROM portals WHERE department = ?1 AND id > ?2 ORDER BY id LIMIT ?3;
