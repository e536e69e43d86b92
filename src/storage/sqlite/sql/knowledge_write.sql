-- name: get_sequences
SELECT (SELECT last FROM sequences WHERE name = 'knowledge_id'), (SELECT last FROM sequences WHERE name = 'change');

-- name: keep_folder
INSERT INTO replaced_items (item, revision, job, fingerprint, copy_of, content)
SELECT id, revision, job, fingerprint, copy_of, json_object('path', path, 'description', description, 'created', created)
FROM folders WHERE id = ?1;

-- name: keep_topic
INSERT INTO replaced_items (item, revision, job, fingerprint, copy_of, content)
SELECT id, revision, job, fingerprint, copy_of,
       json_object('path', path, 'description', description, 'articles', json(articles), 'folders', json(folders),
                   'created', created)
FROM topics WHERE id = ?1;

-- name: keep_portal
INSERT INTO replaced_items (item, revision, job, fingerprint, copy_of, content)
SELECT id, revision, job, fingerprint, copy_of,
       json_object('name', name, 'description', description, 'topics', json(topics), 'folders', json(folders),
                   'created', created)
FROM portals WHERE id = ?1;
