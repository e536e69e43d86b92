-- Steps of an undo (knowledge_undo.cpp). What an item was is kept before it changes: keep_folder and its like, and
-- article_revisions.

-- name: remove_folder
DELETE FROM folders WHERE id = ?1;

-- name: remove_topic
DELETE FROM topics WHERE id = ?1;

-- name: remove_portal
DELETE FROM portals WHERE id = ?1;

-- name: remove_article
DELETE FROM articles WHERE id = ?1;

-- name: restore_folder
UPDATE folders SET description = kept.content ->> 'description', fingerprint = kept.fingerprint,
                   revision = folders.revision + 1, job = ?2, modified = ?3, copy_of = kept.revision
FROM replaced_items AS kept
WHERE folders.id = ?1 AND kept.item = ?1 AND kept.revision = ?4;

-- name: restore_topic
UPDATE topics SET description = kept.content ->> 'description', articles = kept.content -> 'articles',
                  folders = kept.content -> 'folders', fingerprint = kept.fingerprint,
                  revision = topics.revision + 1, job = ?2, modified = ?3, copy_of = kept.revision
FROM replaced_items AS kept
WHERE topics.id = ?1 AND kept.item = ?1 AND kept.revision = ?4;

-- name: restore_portal
UPDATE portals SET description = kept.content ->> 'description', topics = kept.content -> 'topics',
                   folders = kept.content -> 'folders', fingerprint = kept.fingerprint,
                   revision = portals.revision + 1, job = ?2, modified = ?3, copy_of = kept.revision
FROM replaced_items AS kept
WHERE portals.id = ?1 AND kept.item = ?1 AND kept.revision = ?4;

-- The removal itself counts as a revision, after the last that was kept.
-- name: recreate_folder
INSERT INTO folders (id, department, path, parent, name, description, fingerprint, revision, job, created, modified,
                     copy_of)
SELECT item, ?2, ?3, ?4, ?5, content ->> 'description', fingerprint,
       (SELECT max(revision) FROM replaced_items WHERE item = ?1) + 2, ?6,
       coalesce(CAST(content ->> 'created' AS BIGINT), ?7), ?7, revision
FROM replaced_items WHERE item = ?1 AND revision = ?8;

-- name: recreate_topic
INSERT INTO topics (id, department, path, parent, description, articles, folders, fingerprint, revision, job, created,
                    modified, copy_of)
SELECT item, ?2, ?3, ?4, content ->> 'description', content -> 'articles', content -> 'folders', fingerprint,
       (SELECT max(revision) FROM replaced_items WHERE item = ?1) + 2, ?5,
       coalesce(CAST(content ->> 'created' AS BIGINT), ?6), ?6, revision
FROM replaced_items WHERE item = ?1 AND revision = ?7;

-- name: recreate_portal
INSERT INTO portals (id, department, name, description, topics, folders, fingerprint, revision, job, created, modified,
                     copy_of)
SELECT item, ?2, ?3, content ->> 'description', content -> 'topics', content -> 'folders', fingerprint,
       (SELECT max(revision) FROM replaced_items WHERE item = ?1) + 2, ?4,
       coalesce(CAST(content ->> 'created' AS BIGINT), ?5), ?5, revision
FROM replaced_items WHERE item = ?1 AND revision = ?6;

-- The newest revision of an article that is gone is its removal.
-- name: removal_of_article
SELECT change, revision FROM article_revisions
WHERE article = ?1 AND removed = 1 ORDER BY change DESC LIMIT 1;

-- name: copy_revision
INSERT INTO article_revisions (change, article, revision, previous, job, fingerprint, metadata, packed_links,
                               links_size, text, packed_body, body_size, macro, time, copy_of)
SELECT ?1, article, ?2, ?3, ?4, fingerprint, metadata, packed_links, links_size, text, packed_body, body_size,
       coalesce(macro, ''), ?5, change
FROM article_revisions WHERE change = ?6 AND article = ?7;

-- name: point_article_to
UPDATE articles SET macro = content.macro, fingerprint = content.fingerprint, revision = content.revision,
                    change = content.change, job = content.job, modified = ?2
FROM article_revisions AS content
WHERE content.change = ?1 AND articles.id = content.article;

-- name: recreate_article
INSERT INTO articles (id, department, folder, name, language, macro, fingerprint, revision, change, job, created,
                      modified)
SELECT content.article, ?2, ?3, ?4, ?5, content.macro, content.fingerprint, content.revision, content.change,
       content.job, coalesce(CAST(removal.metadata ->> 'created' AS BIGINT), ?6), ?6
FROM article_revisions AS content JOIN article_revisions AS removal ON removal.change = content.previous
WHERE content.change = ?1;

-- name: article_change
SELECT change, revision FROM articles WHERE id = ?1;
