"""Faults below a server: tests/support/shim/faults.c between it and its data folder, steered from here."""

import functools
import mmap
import os
import pathlib
import random
import shutil
import struct
import subprocess
import tempfile

SOURCE = pathlib.Path(__file__).parent / "shim" / "faults.c"
PAGE = 4096
DAY = 24 * 3600
# In step with struct control of the shim.
FIELDS = ("changes", "reads", "kill_at", "fail_from", "fail_until", "fail_errno", "read_from", "read_until",
          "read_errno", "growing_only", "clock_offset", "failed")
FOREVER = 1 << 62


@functools.cache
def library():
    """The shim, compiled once a run of the tests."""
    folder = pathlib.Path(tempfile.gettempdir()) / f"waybill-shim-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    assert folder.stat().st_uid == os.getuid(), f"{folder} belongs to somebody else"
    made = folder / f"faults-{os.getpid()}.so"
    subprocess.run([os.environ.get("CC", "cc"), "-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o",
                    made, SOURCE], check=True)
    kept = made.with_name("faults.so")
    made.replace(kept)
    return kept


class Shim:
    """What a server started with `environment` meets below `data`. `keep`: remember what was synced, for lose_power()."""

    def __init__(self, folder, data, keep=False):
        folder = pathlib.Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        self.data = pathlib.Path(data)
        self.kept = folder / "synced"
        with open(folder / "control", "w+b") as file:
            file.truncate(PAGE)
            self._map = mmap.mmap(file.fileno(), PAGE)
        self.environment = {"LD_PRELOAD": str(library()), "SHIM_ROOT": str(self.data),
                            "SHIM_CONTROL": str(folder / "control"),
                            # The sanitizers' own library wants to be the first.
                            "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"}
        if keep:
            self.environment["SHIM_SYNCED"] = str(self.kept)
            self.start_keeping()

    def __getattr__(self, name):
        if name not in FIELDS:
            raise AttributeError(name)
        return struct.unpack_from("=q", self._map, 8 * FIELDS.index(name))[0]

    def set(self, **values):
        for name, value in values.items():
            struct.pack_into("=q", self._map, 8 * FIELDS.index(name), value)

    # faults

    def kill_in(self, calls):
        """The server dies at the so-manieth change from now on."""
        self.set(kill_at=self.changes + calls)

    def fail_changes(self, errno, first=1, count=FOREVER, growing_only=False):
        """Changes fail, from the `first`th from now on."""
        start = self.changes + first
        self.set(fail_errno=errno, growing_only=int(growing_only), fail_until=min(start + count, FOREVER), fail_from=start)

    def fail_reads(self, errno, first=1, count=FOREVER):
        start = self.reads + first
        self.set(read_errno=errno, read_until=min(start + count, FOREVER), read_from=start)

    def mend(self):
        self.set(kill_at=0, fail_from=0, read_from=0)

    def move_clock(self, seconds):
        self.set(clock_offset=int(seconds * 1e9))

    # power loss

    def start_keeping(self):
        """What lies in the data folder now counts as synced."""
        shutil.rmtree(self.kept, ignore_errors=True)
        (self.kept / "inodes").mkdir(parents=True)
        (self.kept / "folders").mkdir()
        if not self.data.exists():
            return
        for folder, names, files in os.walk(self.data):
            path = pathlib.Path(folder)
            rows = [(path / name, "d") for name in names] + [(path / name, "f") for name in files]
            listed = b"".join(f"{one.stat().st_ino} {kind} {one.name}".encode() + b"\0" for one, kind in rows)
            (self.kept / "folders" / str(path.stat().st_ino)).write_bytes(listed)
            for name in files:
                shutil.copyfile(path / name, self.kept / "inodes" / str((path / name).stat().st_ino))

    def lose_power(self, how, chance=None):
        """Makes the (dead) server's data folder what a power cut may have left.

        `strict`: names and bytes as of their last sync. `renamed`: the names as they are, the bytes as of their last sync.
        `torn`: the names as they are; each page written since the last sync either came to the disk or did not.
        """
        after = self.data.with_name(self.data.name + ".after")
        if how == "strict":
            self._rebuild(self.data.stat().st_ino, after)
        else:
            chance = chance or random.Random(1)
            for folder, _, files in os.walk(self.data):
                target = after / pathlib.Path(folder).relative_to(self.data)
                target.mkdir(parents=True, exist_ok=True)
                for name in files:
                    source = pathlib.Path(folder) / name
                    kept = self.kept / "inodes" / str(source.stat().st_ino)
                    old = kept.read_bytes() if kept.exists() else b""
                    (target / name).write_bytes(old if how == "renamed" else torn(old, source.read_bytes(), chance))
        shutil.rmtree(self.data)
        after.rename(self.data)
        self.start_keeping()

    def _rebuild(self, inode, target):
        target.mkdir(parents=True)
        listed = self.kept / "folders" / str(inode)
        if not listed.exists():
            return
        for row in listed.read_bytes().split(b"\0")[:-1]:
            number, kind, name = row.decode().split(" ", 2)
            if kind == "d":
                self._rebuild(int(number), target / name)
            else:
                kept = self.kept / "inodes" / number
                (target / name).write_bytes(kept.read_bytes() if kept.exists() else b"")


def torn(old, new, chance):
    """Page by page either the synced or the written bytes; the length likewise."""
    length = chance.choice((len(old), len(new)))
    old, new = old.ljust(length, b"\0"), new.ljust(length, b"\0")
    pages = ((old if chance.random() < 0.5 else new)[at:at + PAGE] for at in range(0, length, PAGE))
    return b"".join(pages)[:length]
