-- name: insert_item
INSERT INTO job_items (job, number, kind, outcome, item, path, language) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7);

-- name: insert_content
INSERT INTO job_contents (job, number, macro, metadata, size, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6);

-- name: get_item
SELECT number, kind, outcome, item, path, language FROM job_items
WHERE job = (SELECT jobs.number FROM jobs WHERE id = ?1) AND number = ?2;

-- name: count_items
SELECT kind, outcome, count(*) FROM job_items
WHERE job = (SELECT jobs.number FROM jobs WHERE id = ?1) GROUP BY kind, outcome;

-- How an item is, and how it was: item_past.cpp. Columns: number, job, copy_of, number of the one before, removed, macro.
-- Of an article the number is its change, else its revision.
-- name: article_now
SELECT content.change, content.job, content.copy_of, content.previous, content.removed, coalesce(content.macro, '')
FROM articles AS article JOIN article_revisions AS content ON content.change = article.change
WHERE article.id = ?1 AND article.department = ?2;

-- name: folder_now
SELECT revision, job, copy_of, revision - 1, 0, '' FROM folders WHERE id = ?1 AND department = ?2;

-- name: topic_now
SELECT revision, job, copy_of, revision - 1, 0, '' FROM topics WHERE id = ?1 AND department = ?2;

-- name: portal_now
SELECT revision, job, copy_of, revision - 1, 0, '' FROM portals WHERE id = ?1 AND department = ?2;

-- name: article_then
SELECT change, job, copy_of, previous, removed, coalesce(macro, '') FROM article_revisions
WHERE change = ?2 AND article = ?1;

-- name: item_then
SELECT revision, job, copy_of, revision - 1, 0, '' FROM replaced_items WHERE item = ?1 AND revision = ?2;

-- Of what is gone: as it was before it went.
-- name: article_at_last
SELECT before.change, before.job, before.copy_of, before.previous, before.removed, coalesce(before.macro, '')
FROM article_revisions AS removal JOIN article_revisions AS before ON before.change = removal.previous
WHERE removal.article = ?1 AND removal.removed = 1 ORDER BY removal.change DESC LIMIT 1;

-- name: item_at_last
SELECT revision, job, copy_of, revision - 1, 0, '' FROM replaced_items
WHERE item = ?1 ORDER BY revision DESC LIMIT 1;

-- What is directly in a folder or topic and was written last by another job: a removal must not take it along.
-- name: articles_in_folder
SELECT id FROM articles WHERE folder = ?1 AND job <> ?2;

-- name: folders_in_folder
SELECT below.id FROM folders AS folder
JOIN folders AS below ON below.department = folder.department AND below.parent = folder.path
WHERE folder.id = ?1 AND below.job <> ?2;

-- name: topics_in_topic
SELECT below.id FROM topics AS topic
JOIN topics AS below ON below.department = topic.department AND below.parent = topic.path
WHERE topic.id = ?1 AND below.job <> ?2;

-- name: other_macro_holders
SELECT id FROM articles WHERE department = ?1 AND macro = ?2 AND macro <> '' AND id <> ?3;

-- name: get_content
SELECT macro, metadata, size, body FROM job_contents
WHERE job = (SELECT jobs.number FROM jobs WHERE id = ?1) AND number = ?2;

-- From the newest revision back: those of an article have no index, and each names the one before.
-- name: newest_revision
SELECT coalesce((SELECT change FROM articles WHERE id = ?1),
                (SELECT max(change) FROM article_revisions WHERE article = ?1 AND removed = 1));

-- name: get_revision
SELECT job, previous, removed, coalesce(macro, ''), metadata, packed_body, revision, time, body_size FROM article_revisions
WHERE change = ?1;

-- name: article_here
SELECT change FROM articles WHERE id = ?1 AND department = ?2;

-- name: describe_revision
SELECT revision, job, time, removed, previous FROM article_revisions WHERE change = ?1;
