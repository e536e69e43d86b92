-- Oldest program that can work on this schema: 7.
-- Bodies are kept as raw DEFLATE (RFC 1951), mostly as they lay in the zip. Those of before stay as they are.
ALTER TABLE article_revisions RENAME COLUMN body TO packed_body;
ALTER TABLE article_revisions ADD COLUMN body_size bigint;  -- bytes of the body; NULL: packed_body is the body itself
-- Links, the longest part of the metadata, likewise: JSON of sql/article_json.h. NULL: there are none, or they stand in
-- the metadata.
ALTER TABLE article_revisions ADD COLUMN packed_links bytea;
ALTER TABLE article_revisions ADD COLUMN links_size bigint;
ALTER TABLE article_revisions ALTER packed_body SET STORAGE EXTERNAL;  -- it would not become smaller
ALTER TABLE article_revisions ALTER packed_links SET STORAGE EXTERNAL;
