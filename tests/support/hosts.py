"""Hosts of their own on one machine: network namespaces, each with a link to the database's network, which a test can cut,
and one by which the test reaches it whatever it has cut. Needs root."""

import os
import shutil
import subprocess

from support.server import wait_for


def _ip(*arguments, check=True):
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
    assert not check or done.returncode == 0, f"ip {' '.join(arguments)}: {done.stderr}"
    return done.returncode == 0


def missing():
    """Why there can be none here; None where there can."""
    if os.getuid() != 0:
        return "network namespaces need root"
    if shutil.which("ip") is None:
        return "iproute2 is not installed"
    probe = f"wbprobe{os.getpid()}"
    if not _ip("netns", "add", probe, check=False):
        return "this system makes no network namespaces"
    _ip("netns", "del", probe)
    return None


class Host:
    def __init__(self, tag, number, nets):
        self.name = f"{tag}h{number}"
        self.ports = [f"{tag}d{number}", f"{tag}t{number}"]  # of the database's network, and the test's
        self.address, self.reached = (f"{net}.{number + 2}" for net in nets)

    def make(self, bridges):
        _ip("netns", "add", self.name)
        _ip("-n", self.name, "link", "set", "lo", "up")
        for number, (port, bridge, address) in enumerate(zip(self.ports, bridges, (self.address, self.reached))):
            _ip("link", "add", port, "type", "veth", "peer", "name", f"eth{number}", "netns", self.name)
            _ip("link", "set", port, "master", bridge, "up")
            _ip("-n", self.name, "addr", "add", f"{address}/24", "dev", f"eth{number}")
            _ip("-n", self.name, "link", "set", f"eth{number}", "up")
        # Two hosts see each other by the database's network alone.
        _ip("link", "set", self.ports[1], "type", "bridge_slave", "isolated", "on")

    def place(self, server):
        """From its next start on the server runs here."""
        server.prefix = ["ip", "netns", "exec", self.name]
        server.listen = "0.0.0.0:0"
        server.reached = self.reached

    def cut_off(self):
        """No packet goes to or comes from the database or another host, and nobody is told."""
        _ip("link", "set", self.ports[0], "down")

    def mend(self):
        _ip("link", "set", self.ports[0], "up")

    def sees(self, address, port):
        """Whether a connection comes about from here."""
        code = f"import socket; socket.create_connection(('{address}', {port}), 1)"
        return subprocess.run(["ip", "netns", "exec", self.name, "/usr/bin/python3", "-c", code], capture_output=True,
                              check=False).returncode == 0


class Hosts:
    """`with Hosts(2) as hosts`; `hosts[0]` is a Host, `hosts.address` the machine's own in the database's network."""

    def __init__(self, count):
        tag = f"wb{os.getpid() % 100000}"
        nets = [f"198.18.{os.getpid() % 250}", f"198.19.{os.getpid() % 250}"]  # for benchmarks (RFC 2544): nobody's
        self.bridges = [f"{tag}b{number}" for number in range(2)]
        self.addresses = [f"{net}.1" for net in nets]
        self.address = self.addresses[0]
        self.hosts = [Host(tag, number, nets) for number in range(count)]

    def __getitem__(self, number):
        return self.hosts[number]

    def __enter__(self):
        try:
            for bridge, address in zip(self.bridges, self.addresses):
                _ip("link", "add", bridge, "type", "bridge")
                _ip("addr", "add", f"{address}/24", "dev", bridge)
                _ip("link", "set", bridge, "up")
            for host in self.hosts:
                host.make(self.bridges)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for host in self.hosts:
            _ip("netns", "del", host.name, check=False)  # and with it its links
            wait_for(lambda one=host: not any(os.path.exists(f"/sys/class/net/{port}") for port in one.ports), "the links to go")
        for bridge in self.bridges:
            _ip("link", "del", bridge, check=False)

    def part(self):
        """The hosts see each other no more, and the database as before."""
        for host in self.hosts:
            _ip("link", "set", host.ports[0], "type", "bridge_slave", "isolated", "on")
