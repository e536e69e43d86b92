"""A dump of the knowledge base that two runs can be compared by: everything but moments and job ids."""

import hashlib
import sqlite3

# Differ between two runs by their nature.
LEFT_OUT = {"created", "modified", "job", "job_id", "at", "time", "updated"}
NOT_KNOWLEDGE = ("jobs", "log_entries", "idempotency_keys", "clients", "signing_keys", "server_values", "sqlite_")


def tables(database):
    return [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
            if not name.startswith(NOT_KNOWLEDGE)]


def knowledge(data_folder):
    """{table: digest of its rows} of a stopped server's database; bodies included."""
    database = sqlite3.connect(f"file:{data_folder / 'waybill.db'}?mode=ro", uri=True)
    result = {}
    for table in tables(database):
        columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})") if row[1] not in LEFT_OUT]
        digest, count = hashlib.sha256(), 0
        listed = ", ".join(f'"{column}"' for column in columns)
        for row in database.execute(f"SELECT {listed} FROM {table} ORDER BY {listed}"):
            digest.update(repr(row).encode())
            count += 1
        result[table] = (count, digest.hexdigest())
    database.close()
    return result
