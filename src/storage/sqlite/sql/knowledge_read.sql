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
