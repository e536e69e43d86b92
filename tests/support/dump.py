"""A dump of the knowledge base that two runs can be compared by: everything but moments and job ids."""

import collections
import hashlib
import json
import sqlite3
import uuid
import zlib

from support import postgres

# Differ between two runs by their nature; what is kept of a check, by the form in which the package came.
LEFT_OUT = {"created", "modified", "job", "job_id", "at", "time", "updated", "body_check"}
NOT_KNOWLEDGE = ("jobs", "job_items", "job_contents", "log_entries", "idempotency_keys", "clients", "signing_keys", "server_values", "sqlite_")


# What lies packed, and its size: of article_revisions, and of job_contents.
PACKED = {"packed_body": "body_size", "packed_links": "links_size", "body": "size"}


def unpacked(row):
    """A row, {column: value}, with what lies packed in it as it was: the same may be packed in more than one way. Bytes are as
    they are, or, from a PostgreSQL's JSON, in hexadecimal behind a backslash and an x."""
    plain = dict(row)
    for column, size in PACKED.items():
        if row.get(size) is not None:
            packed = row[column]
            if isinstance(packed, str):
                packed = bytes.fromhex(packed.removeprefix("\\x"))
            plain[column] = zlib.decompress(packed, -zlib.MAX_WBITS)
            assert len(plain[column]) == row[size]
    return plain


def tables(database):
    return [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
            if not name.startswith(NOT_KNOWLEDGE)]


def records(database, job, leave_out=frozenset()):
    """What the job has written down of each of its items, and what a validation would have written, counted."""
    counted = collections.Counter()
    for table in ("job_items", "job_contents"):
        columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})") if row[1] not in LEFT_OUT | leave_out]
        for row in database.execute(f"SELECT {', '.join(columns)} FROM {table} WHERE job = (SELECT number FROM jobs WHERE id = ?)",
                                    (uuid.UUID(job).bytes,)):
            counted[(table, repr(unpacked(dict(zip(columns, row)))))] += 1
    return counted


def knowledge_of(url):
    """The same of a PostgreSQL. What other programs may keep there is none of Waybill's, nor what follows from the rows."""
    result = {}
    for table in ("folders", "articles", "article_revisions", "article_types", "topics", "portals", "replaced_items", "sequences"):
        digest, count = hashlib.sha256(), 0
        left_out = ",".join(sorted(LEFT_OUT))
        for row in postgres.shared().query(url, f"SELECT (to_jsonb(one) - '{{{left_out}}}'::text[])::text FROM {table} AS one "
                                                "ORDER BY 1"):
            digest.update(repr(unpacked(json.loads(row[0]))).encode())
            count += 1
        result[table] = (count, digest.hexdigest())
    return result


def knowledge(data_folder):
    """{table: digest of its rows} of a stopped server's database; bodies included."""
    if data_folder in postgres.DATABASES:
        return knowledge_of(postgres.DATABASES[data_folder])
    database = sqlite3.connect(f"file:{data_folder / 'waybill.db'}?mode=ro", uri=True)
    result = {}
    for table in tables(database):
        columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})") if row[1] not in LEFT_OUT]
        digest, count = hashlib.sha256(), 0
        listed = ", ".join(f'"{column}"' for column in columns)
        for row in database.execute(f"SELECT {listed} FROM {table} ORDER BY {listed}"):
            digest.update(repr(unpacked(dict(zip(columns, row)))).encode())
            count += 1
        result[table] = (count, digest.hexdigest())
    database.close()
    return result
