"""A package that lies on another machine."""

import pathlib
import tempfile
import time

from content import LARGE_PARTS, large
from paths import WORK
from programs import program
from support.openssh import Sshd
from table import Row, pairs
from work import run_job


def sftp(options):
    """Both from before the connection is made; both write the file to the same disk."""
    file = large(16 if options.long else LARGE_PARTS)
    size = f"{file.stat().st_size >> 20} MiB"
    with tempfile.TemporaryDirectory(dir=WORK) as folder, Sshd(pathlib.Path(folder, "sshd")) as sshd:
        hosts, target = pathlib.Path(folder, "hosts"), pathlib.Path(folder, "fetched")
        hosts.write_text(sshd.known_hosts())

        def ours():
            return program("bench_fetch", sshd.url(str(file)), sshd.user, sshd.folder / "user_key", hosts, folder)

        def job():
            source = {"type": "Shared file path", "path": sshd.url(str(file)),
                      "credentials": {"username": sshd.user, "privateKey": sshd.user_key}}
            return run_job(file, None, {"network.allow": "127.0.0.0/8", "sftp.known_hosts": hosts}, source)[0]

        def theirs():
            start = time.monotonic()
            sshd.sftp(f"get {file} {target}")
            took = time.monotonic() - start
            target.unlink()
            return took
        yield Row(f"fetch over SFTP of one file of {size} against sftp", 0.7, *pairs(options, ours, theirs))
        yield Row(f"validation of a package of {size} over SFTP against sftp", 0.7, *pairs(options, job, theirs))
