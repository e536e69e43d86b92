-- Oldest program that can work on this schema: 1.
-- Nodes make the tsvectors themselves, of words that are cut by other rules: all is indexed anew, in the background. The
-- functions stay for programs of schema 1 that run beside; their tsvectors are found as well, but for rare letters.

INSERT INTO search_queue (change, article) SELECT change, id FROM articles ON CONFLICT DO NOTHING;

DO $$ BEGIN
  ALTER TABLE search_documents ALTER words SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN NULL;
END $$;
