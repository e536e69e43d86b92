-- name: insert_removal
INSERT INTO article_revisions (change, article, revision, previous, job, fingerprint, metadata, text, packed_body,
                               macro, time, removed)
VALUES (?1, ?2, ?3, ?4, ?5, x'', json_object('created', (SELECT created FROM articles WHERE id = ?2)), '', x'', '', ?6, 1);
