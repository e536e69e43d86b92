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

-- Whether a folder or topic is used by others than the job that wrote it: what a removal must not take along.
-- name: folder_standing
SELECT folder.job,
       EXISTS (SELECT 1 FROM articles WHERE articles.folder = folder.id AND articles.job <> folder.job)
       OR EXISTS (SELECT 1 FROM folders AS below WHERE below.department = folder.department
                                                 AND below.parent = folder.path AND below.job <> folder.job),
       EXISTS (SELECT 1 FROM replaced_items WHERE item = folder.id AND replaced_items.revision = folder.revision - 1)
FROM folders AS folder WHERE id = ?1 AND department = ?2;

-- name: topic_standing
SELECT topic.job,
       EXISTS (SELECT 1 FROM topics AS below WHERE below.department = topic.department AND below.parent = topic.path
                                               AND below.job <> topic.job),
       EXISTS (SELECT 1 FROM replaced_items WHERE item = topic.id AND replaced_items.revision = topic.revision - 1)
FROM topics AS topic WHERE id = ?1 AND department = ?2;

-- name: portal_standing
SELECT portal.job, 0,
       EXISTS (SELECT 1 FROM replaced_items WHERE item = portal.id AND replaced_items.revision = portal.revision - 1)
FROM portals AS portal WHERE id = ?1 AND department = ?2;

-- name: article_standing
SELECT article.job, 0, before.change IS NOT NULL AND before.removed = 0, coalesce(before.macro, '')
FROM articles AS article
JOIN article_revisions AS content ON content.change = article.change
LEFT JOIN article_revisions AS before ON before.change = content.previous
WHERE article.id = ?1 AND article.department = ?2;

-- name: removed_macro
SELECT coalesce(before.macro, '') FROM article_revisions AS content
LEFT JOIN article_revisions AS before ON before.change = content.previous
WHERE content.article = ?1 AND content.removed = 1 ORDER BY content.change DESC LIMIT 1;

-- name: other_macro_holder
SELECT job FROM articles WHERE department = ?1 AND macro = ?2 AND macro <> '' AND id <> ?3 ORDER BY id LIMIT 1;

-- name: get_content
SELECT macro, metadata, size, body FROM job_contents
WHERE job = (SELECT jobs.number FROM jobs WHERE id = ?1) AND number = ?2;

-- From the newest revision back: those of an article have no index, and each names the one before.
-- name: newest_revision
SELECT coalesce((SELECT change FROM articles WHERE id = ?1),
                (SELECT max(change) FROM article_revisions WHERE article = ?1 AND removed = 1));

-- name: get_revision
SELECT job, previous, removed, coalesce(macro, ''), metadata, body, revision, time FROM article_revisions
WHERE change = ?1;

-- name: article_here
SELECT change FROM articles WHERE id = ?1 AND department = ?2;

-- name: describe_revision
SELECT revision, job, time, removed, previous FROM article_revisions WHERE change = ?1;
