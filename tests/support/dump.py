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


def with_plain_bodies(row):
    """A row, {column: value}, with the article's body unpacked: the same body may lie packed in more than one way."""
    for body, size in (("packed_body", "body_size"), ("packed_links", "links_size"), ("body", "size")):  # the last in job_contents
        if row.get(size) is not None:
            plain = zlib.decompress(row[body], -zlib.MAX_WBITS)
            assert len(plain) == row[size]
            row = {**row, body: plain}
    return row


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
            counted[(table, repr(with_plain_bodies(dict(zip(columns, row)))))] += 1
    return counted


def knowledge_of(url):
    """The same of a PostgreSQL. What other programs may keep there is none of Waybill's, nor what follows from the rows."""
    result = {}
    for table in ("folders", "articles", "article_revisions", "article_types", "topics", "portals", "replaced_items", "sequences"):
        digest, count = hashlib.sha256(), 0
        left_out = ",".join(sorted(LEFT_OUT))
        for row in postgres.shared().query(url, f"SELECT (to_jsonb(one) - '{{{left_out}}}'::text[])::text FROM {table} AS one "
                                                "ORDER BY 1"):
            read = json.loads(row[0])
            for packed, size in (("packed_body", "body_size"), ("packed_links", "links_size")):
                if read.get(size) is not None:
                    read[packed] = bytes.fromhex(read[packed].removeprefix("\\x"))
            digest.update(repr(with_plain_bodies(read)).encode())
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
            digest.update(repr(with_plain_bodies(dict(zip(columns, row)))).encode())
            count += 1
        result[table] = (count, digest.hexdigest())
    database.close()
    return result
