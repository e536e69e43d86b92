"""The commands of docs/guides/s3.md, run as they stand against a real store."""

import os
import pathlib
import subprocess

from support import guides
from support.packages import Package
from support.server import BINARY
from support.store import api_at_store
from support.swift import KEY, SECRET

GUIDE = pathlib.Path(__file__).resolve().parents[2] / "docs" / "guides" / "s3.md"


def test_from_s3(tmp_path, swift, bucket):
    swift.put(bucket, "handbook.zip", Package(articles=3).zip_bytes())
    with api_at_store(tmp_path, swift.url) as api:
        server = api.server
        environment = {**server.environment, "WAYBILL_DATA_DIR": str(server.data), "SERVER": server.url, "BUCKET": bucket,
                       "STORE": swift.url, "AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET,
                       "PATH": f"{pathlib.Path(BINARY).resolve().parent}:{os.environ['PATH']}"}
        done = subprocess.run(["sh", "-e", "-c", "\n".join(guides.blocks(GUIDE))], cwd=tmp_path, env=environment,
                              capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("Successful") == 2, "a validation and an import"
    assert "202" in done.stdout, "by curl"
