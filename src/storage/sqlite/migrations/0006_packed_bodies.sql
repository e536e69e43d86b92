-- Bodies are kept as raw DEFLATE (RFC 1951), mostly as they lay in the zip. Those of before stay as they are.
ALTER TABLE article_revisions RENAME COLUMN body TO packed_body;
ALTER TABLE article_revisions ADD COLUMN body_size INTEGER;  -- bytes of the body; NULL: packed_body is the body itself
-- Links, the longest part of the metadata, likewise: JSON of sql/article_json.h. NULL: there are none, or they stand in
-- the metadata.
ALTER TABLE article_revisions ADD COLUMN packed_links BLOB;
ALTER TABLE article_revisions ADD COLUMN links_size INTEGER;
