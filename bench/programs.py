"""Programs that measure, and peers that need no installing beyond packaging/bench-deps.txt."""

import contextlib
import os
import pathlib
import re
import socket
import subprocess
import tempfile

import requests

from paths import PROGRAMS, WORK
from support.server import wait_for


def program(name, *arguments):
    """What a program of bench/ prints: one number."""
    done = subprocess.run([PROGRAMS / name, *map(str, arguments)], check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{name} {' '.join(map(str, arguments))}: {done.stderr}")
    return float(done.stdout)


def wrk(url, connections, token=None, script=None, seconds=1):
    """Requests a second and the 99th percentile in milliseconds, by wrk on a core of its own."""
    command = ["taskset", "-c", "1", "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
    command += ["-H", f"Authorization: Bearer {token}"] if token else []
    command += ["-s", str(script)] if script else []
    text = subprocess.run([*command, url], check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in text:
        raise SystemExit(f"bench: {url} refused some requests:\n{text}")
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1))
    number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", text).groups()
    return rate, float(number) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def one_core(pid):
    """All threads of a process, and those that they will start, on the first core."""
    subprocess.run(["taskset", "-a", "-p", "-c", "0", str(pid)], check=True, stdout=subprocess.DEVNULL)


def answers(url):
    try:
        return requests.get(url, timeout=5).status_code == 200
    except requests.ConnectionError:
        return False


@contextlib.contextmanager
def nginx(body):
    """Serves `body` as a static file on the first core; yields its URL. One worker."""
    with tempfile.TemporaryDirectory(dir=WORK) as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        pathlib.Path(folder, "status").write_bytes(body)
        os.chmod(folder, 0o755)
        conf = pathlib.Path(folder, "nginx.conf")
        user = "user root;" if os.getuid() == 0 else ""
        conf.write_text(f"""
            daemon off; worker_processes 1; pid {folder}/pid; error_log stderr crit; {user}
            events {{ worker_connections 1024; }}
            http {{ access_log off; open_file_cache max=10; keepalive_requests 100000000; default_type application/json;
                   client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
                   uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
                   server {{ listen 127.0.0.1:{port}; root {folder}; }} }}""")
        process = subprocess.Popen(["nginx", "-c", str(conf), "-p", folder], stderr=subprocess.DEVNULL)
        try:
            url = f"http://127.0.0.1:{port}/status"
            wait_for(lambda: answers(url), "nginx", 30)
            for pid in [process.pid, *pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]:
                one_core(pid)
            yield url
        finally:
            process.terminate()
            process.wait(timeout=30)
