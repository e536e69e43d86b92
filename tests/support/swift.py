"""OpenStack Swift with its S3 API on loopback: a store that checks signatures, regions and all, started by the test."""

import getpass
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

import boto3
from botocore.config import Config

KEY, SECRET, REGION = "test:tester", "testing", "us-east-1"
SWIFT = shutil.which("swift-proxy-server")
READY_SECONDS = 90


def free_ports(count):
    """Ports of the kernel's choice, all different."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def as_storage(url, bucket, prefix="large/bytes"):
    """The environment of a server that keeps blobs and uploads in a bucket there."""
    return {"WAYBILL_STORAGE_BUCKET": f"s3://{bucket}/{prefix}", "WAYBILL_STORAGE_BUCKET_ENDPOINT": url,
            "AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}


class Swift:
    """Use it as a context manager. `client` is boto3's: the second opinion on what is in a bucket."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="swift-"))
        self.processes = []
        names = ("account", "container", "object", "proxy", "memcached")
        self.ports = dict(zip(names, free_ports(len(names))))
        self.port = self.ports["proxy"]
        self.url = f"http://127.0.0.1:{self.port}"
        self.client = boto3.client("s3", endpoint_url=self.url, aws_access_key_id=KEY, aws_secret_access_key=SECRET,
                                   region_name=REGION, config=Config(s3={"addressing_style": "path"}))

    def __enter__(self):
        try:
            (self.folder / "devices" / "one").mkdir(parents=True)
            for kind in ("account", "container", "object"):
                self._ring(kind)
            self._start(shutil.which("memcached"), "-l", "127.0.0.1", "-p", str(self.ports["memcached"]), "-u",
                        getpass.getuser())
            for kind in ("account", "container", "object"):
                self._serve(kind, f"{kind}-server", f"[app:{kind}-server]\nuse = egg:swift#{kind}\n")
            self._serve("proxy", "catch_errors proxy-logging cache listing_formats s3api tempauth slo dlo proxy-logging "
                                 "proxy-server", self._proxy())
            self._wait()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in self.processes:
            process.kill()  # at SIGTERM it waits for its connections; all that it has goes with it
        for process in self.processes:
            process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _ring(self, kind):
        builder = self.folder / f"{kind}.builder"
        for step in (["create", "4", "1", "1"], ["add", f"r1z1-127.0.0.1:{self.ports[kind]}/one", "1"], ["rebalance"]):
            outcome = subprocess.run(["swift-ring-builder", str(builder), *step], capture_output=True, text=True, check=False)
            assert outcome.returncode in (0, 1), outcome.stdout + outcome.stderr  # 1 is "with warnings"

    def _serve(self, kind, pipeline, parts):
        conf = self.folder / f"{kind}.conf"
        conf.write_text(f"""[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {self.ports[kind]}
workers = 0
user = {getpass.getuser()}
swift_dir = {self.folder}
devices = {self.folder}/devices
mount_check = false
[pipeline:main]
pipeline = {pipeline}
{parts}""")
        self._start("/usr/bin/python3", f"/usr/bin/swift-{kind}-server", str(conf))

    def _proxy(self):
        filters = "\n".join(f"[filter:{name}]\nuse = egg:swift#{name.replace('-', '_')}"
                            for name in ("catch_errors", "listing_formats", "slo", "dlo"))
        return f"""[app:proxy-server]
use = egg:swift#proxy
allow_account_management = true
account_autocreate = true
[filter:proxy-logging]
use = egg:swift#proxy_logging
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:{self.ports['memcached']}
[filter:s3api]
use = egg:swift#s3api
location = {REGION}
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
{filters}
"""

    def _start(self, *command):
        with open(self.folder / "output.txt", "ab") as output:
            self.processes.append(subprocess.Popen(command, stdout=output, stderr=output, stdin=subprocess.DEVNULL))

    def _wait(self):
        end = time.monotonic() + READY_SECONDS
        while True:
            try:
                self.client.list_buckets()
                return
            except Exception as error:  # noqa: BLE001 (whatever it says while it starts)
                dead = [each.args for each in self.processes if each.poll() is not None]
                if dead or time.monotonic() > end:
                    text = (self.folder / "output.txt").read_text(errors="replace")[-3000:]
                    raise AssertionError(f"Swift did not start ({error}); ended: {dead}\n{text}") from error
                time.sleep(0.1)

    def put(self, bucket, key, data):
        self.client.put_object(Bucket=bucket, Key=key, Body=data)

    def get(self, bucket, key):
        return self.client.get_object(Bucket=bucket, Key=key)["Body"].read()

    def keys(self, bucket, prefix=""):
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return [row["Key"] for page in pages for row in page.get("Contents", [])]
