-- name: set_sequence
UPDATE sequences SET last = ?2 WHERE name = ?1;

-- name: folder_state
SELECT id, fingerprint, revision FROM folders WHERE department = ?1 AND path = ?2;

-- name: insert_folder
INSERT INTO folders (id, department, path, parent, name, description, fingerprint, revision, job, created, modified)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1, ?8, ?9, ?9);

-- name: update_folder
UPDATE folders SET description = ?2, fingerprint = ?3, revision = revision + 1, job = ?4, modified = ?5,
                   copy_of = NULL
WHERE id = ?1;

-- name: article_state
SELECT id, fingerprint, revision, change FROM articles WHERE folder = ?1 AND name = ?2 AND language = ?3;

-- name: insert_article
INSERT INTO articles (id, department, folder, name, language, macro, fingerprint, revision, change, job, created,
                      modified, body_check)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1, ?8, ?9, ?10, ?10, ?11);

-- name: update_article
UPDATE articles SET macro = ?2, fingerprint = ?3, revision = revision + 1, change = ?4, job = ?5, modified = ?6,
                    body_check = ?7
WHERE id = ?1;

-- name: set_body_check
UPDATE articles SET body_check = ?2 WHERE id = ?1;

-- name: insert_revision
INSERT INTO article_revisions (change, article, revision, previous, job, fingerprint, metadata, packed_links,
                               links_size, text, packed_body, body_size, macro, time)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14);

-- name: insert_article_type
INSERT INTO article_types (department, name) VALUES (?1, ?2) ON CONFLICT DO NOTHING;

-- name: topic_state
SELECT id, fingerprint, revision FROM topics WHERE department = ?1 AND path = ?2;

-- name: insert_topic
INSERT INTO topics (id, department, path, parent, description, articles, folders, fingerprint, revision, job, created,
                    modified)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1, ?9, ?10, ?10);

-- name: update_topic
UPDATE topics SET description = ?2, articles = ?3, folders = ?4, fingerprint = ?5, revision = revision + 1, job = ?6,
                  modified = ?7, copy_of = NULL
WHERE id = ?1;

-- name: portal_state
SELECT id, fingerprint, revision FROM portals WHERE department = ?1 AND name = ?2;

-- name: insert_portal
INSERT INTO portals (id, department, name, description, topics, folders, fingerprint, revision, job, created, modified)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1, ?8, ?9, ?9);

-- name: update_portal
UPDATE portals SET description = ?2, topics = ?3, folders = ?4, fingerprint = ?5, revision = revision + 1, job = ?6,
                   modified = ?7, copy_of = NULL
WHERE id = ?1;
