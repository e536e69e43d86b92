-- name: insert_client
INSERT INTO clients (id, name, department, secret_hash, scopes, created, revoked)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7);

-- name: get_client
SELECT id, name, department, secret_hash, scopes, created, revoked FROM clients WHERE id = ?1;

-- name: list_clients
SELECT id, name, department, secret_hash, scopes, created, revoked FROM clients ORDER BY created, id;

-- The first revocation counts.
-- name: revoke_client
UPDATE clients SET revoked = coalesce(revoked, ?2) WHERE id = ?1;

-- name: set_client_secret
UPDATE clients SET secret_hash = ?2 WHERE id = ?1;

-- name: insert_signing_key
INSERT INTO signing_keys (kid, public_jwk, sealed_private_jwk, created, retired) VALUES (?1, ?2, ?3, ?4, ?5);

-- name: list_signing_keys
SELECT kid, public_jwk, sealed_private_jwk, created, retired FROM signing_keys ORDER BY created, kid;

-- name: find_signing_key
SELECT 1 FROM signing_keys WHERE kid = ?1;

-- name: retire_other_keys
UPDATE signing_keys SET retired = ?2 WHERE kid <> ?1 AND retired IS NULL;

-- name: delete_signing_key
DELETE FROM signing_keys WHERE kid = ?1;
