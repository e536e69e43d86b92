"""Packages on SFTP servers: a real OpenSSH server on loopback is the peer."""

import contextlib
import os
import pathlib
import pwd
import secrets
import shutil
import socket
import subprocess
import time

import pytest

from support.api import Api
from support.cutting_proxy import CuttingProxy
from support.faulty_store import full_backlog
from support.openssh import SSHD, Sshd, new_key
from support.packages import Package, large_package
from support.server import Server, wait_for
from support.small_disk import small_disk

pytestmark = pytest.mark.skipif(SSHD is None, reason="openssh-server is not installed")

LOOPBACK = {"network.allow": "127.0.0.0/8"}


@pytest.fixture(scope="module")
def server(tmp_path_factory, sshd):
    folder = tmp_path_factory.mktemp("waybill")
    (folder / "hosts").write_text(sshd.known_hosts())
    with Server(folder, {**LOOPBACK, "sftp.known_hosts": str(folder / "hosts")}) as running:
        yield running


@contextlib.contextmanager
def own_server(folder, hosts="", **settings):
    """A server with settings and known hosts of its own; gives its Api."""
    folder.mkdir(exist_ok=True)
    (folder / "hosts").write_text(hosts)
    with Server(folder, {**LOOPBACK, "sftp.known_hosts": str(folder / "hosts"), **settings}) as running:
        yield Api(running, running.create_client())


def source(path, credentials):
    return {"type": "Shared file path", "path": path, "credentials": credentials}


def by_key(sshd, **changed):
    return {"username": sshd.user, "privateKey": sshd.user_key, **changed}


def run(api, url, credentials, operation="import"):
    return api.run(url, operation, dataSource=source(url, credentials))


def failed(api, url, credentials):
    """The error of a job that failed, and whether trying again may help."""
    status = run(api, url, credentials)[1]
    assert status["status"] == "Failed", status
    return status["error"], status["retryable"]


def test_zip_is_imported_and_its_log_put_beside_it(api, sshd, tmp_path):
    Package(articles=6).write(tmp_path / "a package.zip")
    url = sshd.url(f"{tmp_path}/a%20package.zip")
    job, status = run(api, url, by_key(sshd))
    assert status["status"] == "Successful", status
    assert status["results"] == {"successful": 7, "warnings": 0, "errors": 0}
    assert status["logFileLocation"] == sshd.url(f"{tmp_path}/logs/import-logs-{job}.txt")
    listed = sshd.sftp(f"ls -1 {tmp_path}/logs")
    assert [line.rsplit("/", 1)[-1].strip() for line in listed.splitlines() if not line.startswith("sftp>")] == \
        [f"import-logs-{job}.txt"]
    sshd.sftp(f"get {tmp_path}/logs/import-logs-{job}.txt {tmp_path}/fetched.txt")
    assert (tmp_path / "fetched.txt").read_text() == api.log(job)
    assert sshd.user_key.splitlines()[1] not in api.log(job)


def test_folder_is_imported_again_with_its_log_inside(api, sshd, tmp_path):
    package = Package(articles=5).unpack(tmp_path / "package")
    for _ in range(2):
        job, status = run(api, sshd.url(f"{package}/"), by_key(sshd))
        assert status["status"] == "Successful", status
        assert status["results"] == {"successful": 6, "warnings": 0, "errors": 0}
        assert (package / "logs" / f"import-logs-{job}.txt").read_text() == api.log(job)


def test_folder_with_one_zip_is_that_package(api, sshd, tmp_path):
    Package(articles=3).write(tmp_path / "drop" / "package.zip")
    status = run(api, sshd.url(f"{tmp_path}/drop"), by_key(sshd))[1]
    assert status["results"] == {"successful": 4, "warnings": 0, "errors": 0}


def test_validation_reads_the_same(api, sshd, tmp_path):
    Package(articles=3).write(tmp_path / "package.zip")
    status = run(api, sshd.url(f"{tmp_path}/package.zip"), by_key(sshd), operation=None)[1]
    assert status["results"] == {"successful": 4, "warnings": 0, "errors": 0}


def test_home_directory_is_the_tilde(api, sshd):
    home = os.path.expanduser("~")
    name = f"waybill-test-{secrets.token_hex(8)}"
    folder = Package(articles=2).unpack(pathlib.Path(home) / name)
    try:
        job, status = run(api, sshd.url(f"/~/{name}"), by_key(sshd))
        assert status["status"] == "Successful", status
        assert status["logFileLocation"] == sshd.url(f"/~/{name}/logs/import-logs-{job}.txt")
    finally:
        shutil.rmtree(folder)


def test_links_are_refused_by_name(api, sshd, tmp_path):
    package = Package(articles=2).unpack(tmp_path / "package")
    (package / "knowledgehub" / "secret.html").symlink_to("/etc/passwd")
    message, retryable = failed(api, sshd.url(str(package)), by_key(sshd))
    assert "knowledgehub/secret.html" in message and not retryable


@pytest.mark.parametrize("kind, form", [("ecdsa", ()), ("rsa", ()), ("rsa", ("-m", "PEM")), ("ecdsa", ("-m", "PKCS8"))])
def test_every_kind_of_key_logs_in(api, sshd, tmp_path, kind, form):
    passphrase = "open sesame"
    text = new_key(tmp_path / "key", kind, passphrase, form)
    sshd.authorize((tmp_path / "key.pub").read_text())
    Package(articles=1).write(tmp_path / "package.zip")
    url = sshd.url(f"{tmp_path}/package.zip")
    status = run(api, url, by_key(sshd, privateKey=text, passphrase=passphrase))[1]
    assert status["status"] == "Successful", status


def test_server_with_an_rsa_host_key_alone_is_talked_to(tmp_path):
    Package(articles=1).write(tmp_path / "package.zip")
    with Sshd(tmp_path / "sshd", host_keys=("rsa",)) as sshd, own_server(tmp_path / "w", sshd.known_hosts()) as api:
        status = run(api, sshd.url(f"{tmp_path}/package.zip"), by_key(sshd))[1]
        assert status["status"] == "Successful", status


@pytest.mark.parametrize("known", ["ed25519", "ecdsa", "rsa"])
def test_key_that_is_known_is_asked_for_first(tmp_path, known):
    Package(articles=1).write(tmp_path / "package.zip")
    with Sshd(tmp_path / "sshd", host_keys=("rsa", "ecdsa", "ed25519")) as sshd:
        hosts = next(line for line in sshd.known_hosts().splitlines(True) if known in line)
        with own_server(tmp_path / "w", hosts) as api:
            status = run(api, sshd.url(f"{tmp_path}/package.zip"), by_key(sshd))[1]
            assert status["status"] == "Successful", status


def test_wrong_key_is_refused_with_what_the_server_offers(api, sshd, tmp_path):
    other = new_key(tmp_path / "other")
    message, retryable = failed(api, sshd.url(f"{tmp_path}/package.zip"), by_key(sshd, privateKey=other))
    assert "did not let" in message and "publickey" in message and not retryable


def test_wrong_passphrase_says_so(api, sshd, tmp_path):
    text = new_key(tmp_path / "locked", passphrase="right")
    message, retryable = failed(api, sshd.url(f"{tmp_path}/package.zip"),
                                by_key(sshd, privateKey=text, passphrase="wrong-secret"))
    assert "passphrase" in message and "wrong-secret" not in message and not retryable


def test_key_that_is_none_or_lacks_its_passphrase_is_refused_at_once(api, sshd, tmp_path):
    locked = new_key(tmp_path / "locked", passphrase="right")
    url = sshd.url(f"{tmp_path}/package.zip")
    for key, words in (("hello", "PRIVATE KEY"), (locked, "passphrase"), ((tmp_path / "locked.pub").read_text(), "public")):
        answer = api.post("/import/content", json={
            "dataSource": source(url, by_key(sshd, privateKey=key)), "operation": "import"})
        assert answer.status_code == 400 and words in answer.json()["developerMessage"], answer.text


def test_unknown_host_is_refused_with_its_fingerprint(tmp_path, sshd):
    with own_server(tmp_path / "w") as api:
        message, retryable = failed(api, sshd.url("/a.zip"), by_key(sshd))
        assert sshd.fingerprint("ed25519") in message and "sftp.unknown_host" in message and not retryable
        assert (tmp_path / "w" / "hosts").read_text() == ""


def test_accept_new_keeps_the_key_and_refuses_another_later(tmp_path):
    Package(articles=1).write(tmp_path / "package.zip")
    with Sshd(tmp_path / "sshd") as sshd, own_server(tmp_path / "w", **{"sftp.unknown_host": "accept-new"}) as api:
        url = sshd.url(f"{tmp_path}/package.zip")
        assert run(api, url, by_key(sshd))[1]["status"] == "Successful"
        assert (tmp_path / "w" / "hosts").read_text() == sshd.known_hosts()
        before = sshd.fingerprint("ed25519")
        sshd.stop()
        sshd.new_host_key("ed25519")
        sshd.start()
        message, retryable = failed(api, url, by_key(sshd))
        assert "changed" in message and not retryable
        assert before in message and sshd.fingerprint("ed25519") in message
        assert f"line 1 of {tmp_path / 'w' / 'hosts'}" in message


def test_known_host_that_shows_another_type_is_refused_even_with_accept_new(tmp_path, sshd):
    with Sshd(tmp_path / "other", host_keys=("ecdsa",)) as other:
        hosts = sshd.known_hosts(port=other.port)
        with own_server(tmp_path / "w", hosts, **{"sftp.unknown_host": "accept-new"}) as api:
            message, _ = failed(api, other.url("/a.zip"), by_key(other))
            assert "changed" in message and other.fingerprint("ecdsa") in message


def test_hashed_known_hosts_are_found(tmp_path, sshd):
    Package(articles=1).write(tmp_path / "package.zip")
    (tmp_path / "hashed").write_text(sshd.known_hosts())
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", tmp_path / "hashed"], check=True, capture_output=True, timeout=60)
    hashed = (tmp_path / "hashed").read_text()
    assert hashed.startswith("|1|")
    with own_server(tmp_path / "w", hashed) as api:
        assert run(api, sshd.url(f"{tmp_path}/package.zip"), by_key(sshd))[1]["status"] == "Successful"


def test_path_that_is_not_there_is_named(api, sshd, tmp_path):
    message, retryable = failed(api, sshd.url(f"{tmp_path}/none.zip"), by_key(sshd))
    assert "none.zip" in message and "no such" in message and not retryable


def test_refused_port_may_be_tried_again(api, sshd):
    with socket.socket() as bound:  # bound and not listening: refused, and nobody else's
        bound.bind(("127.0.0.1", 0))
        message, retryable = failed(api, sshd.url("/a.zip", port=bound.getsockname()[1]), by_key(sshd))
    assert "refused" in message.lower() and retryable


def test_host_that_does_not_exist_is_named_and_may_be_tried_again(tmp_path, sshd):
    with own_server(tmp_path / "w", **{"network.attempts": "1"}) as api:
        message, retryable = failed(api, "sftp://no-such-host.invalid/a.zip", by_key(sshd))
        assert "no-such-host.invalid could not be found" in message and retryable


def test_server_that_takes_no_connection_is_given_up_in_time(tmp_path, sshd):
    settings = {"network.connect_timeout": "1s", "network.attempts": "1"}
    with full_backlog() as port, own_server(tmp_path / "w", **settings) as api:
        message, retryable = failed(api, sshd.url("/a.zip", port=port), by_key(sshd))
        assert "did not answer in time" in message and retryable


def test_server_that_says_nothing_is_given_up_in_time(tmp_path, sshd):
    settings = {"network.connect_timeout": "1s", "network.attempts": "1"}
    with socket.create_server(("127.0.0.1", 0)) as silent, own_server(tmp_path / "w", **settings) as api:
        message, retryable = failed(api, sshd.url("/a.zip", port=silent.getsockname()[1]), by_key(sshd))
        assert "did not finish the SSH handshake within 1 s" in message and retryable


def test_cancel_does_not_wait_long_for_a_server_that_says_nothing(tmp_path, sshd):
    with socket.create_server(("127.0.0.1", 0)) as silent, own_server(tmp_path / "w") as api:
        url = sshd.url("/a.zip", port=silent.getsockname()[1])
        job = api.submit(url, dataSource=source(url, by_key(sshd)))
        with silent.accept()[0]:  # the job's connection
            assert api.post(f"/import/content/{job}/cancel").status_code == 204
            status = api.wait(job, seconds=30)
        assert status["status"] == "Cancelled" and status["logFileLocation"].startswith("http"), status
        lines = api.log(job).splitlines()
        assert "stays on the server: this was not over within 5 s." in lines[-2]
        assert [line.split("\t")[0] for line in lines] == sorted(line.split("\t")[0] for line in lines)


def test_connection_that_falls_silent_is_given_up_in_time(tmp_path, sshd):
    file = large_package(10).write(tmp_path / "large.zip", compression=0)
    settings = {"network.stall_timeout": "1s", "network.attempts": "1"}
    with CuttingProxy(("127.0.0.1", sshd.port), hold_at=file.stat().st_size // 2) as proxy:
        with own_server(tmp_path / "w", sshd.known_hosts(port=proxy.port), **settings) as api:
            message, retryable = failed(api, sshd.url(str(file), port=proxy.port), by_key(sshd))
            assert "sent nothing for 1 s" in message and retryable


def test_connection_that_breaks_off_anywhere_in_its_beginning_ends_the_job(tmp_path, sshd):
    """From the first byte that the server says to shortly before the answer that there is no such file."""
    settings = {"network.attempts": "1"}
    with CuttingProxy(("127.0.0.1", sshd.port)) as proxy:
        with own_server(tmp_path / "w", sshd.known_hosts(port=proxy.port), **settings) as api:
            failed(api, sshd.url("/no-such-file.zip", port=proxy.port), by_key(sshd))
            for place in range(1, proxy.from_target * 9 // 10, 48):
                proxy.cuts.append(proxy.from_target + place)
                message, retryable = failed(api, sshd.url("/no-such-file.zip", port=proxy.port), by_key(sshd))
                assert "broke off" in message and retryable, (place, message)
            assert proxy.done_cuts == len(proxy.cuts) > 40


def test_cancel_is_heard_at_any_moment_of_a_log_in(tmp_path, sshd):
    """A signature with a key of this size takes long enough for a cancel to come in its midst. A log in that has begun goes on,
    for the job's log: only where it takes too long is there another one."""
    text = new_key(tmp_path / "key", "rsa", form=("-b", "4096"))
    sshd.authorize((tmp_path / "key.pub").read_text())
    with own_server(tmp_path / "w", sshd.known_hosts()) as api:
        url, states, before = sshd.url("/no-such-file.zip"), [], sshd.log().count("Connection from")
        for moment in range(80):
            job = api.submit(url, dataSource=source(url, by_key(sshd, privateKey=text)))
            time.sleep(moment / 1000)
            assert api.post(f"/import/content/{job}/cancel").status_code in (204, 409)
            states.append(api.wait(job)["status"])
        assert set(states) <= {"Cancelled", "Failed"} and states.count("Cancelled") > 10, states
        assert sshd.log().count("Connection from") < before + len(states) + states.count("Cancelled") // 2


def test_address_that_is_not_allowed_is_not_connected_to(tmp_path, sshd):
    with own_server(tmp_path / "w", **{"network.allow": "10.9.9.9"}) as api:
        before = sshd.log()
        message, retryable = failed(api, sshd.url("/a.zip"), by_key(sshd))
        assert "network.allow" in message and not retryable
        assert sshd.log() == before


def test_missing_credentials_are_refused_at_once(api, sshd):
    answer = api.post("/import/content", json={
        "dataSource": {"type": "Shared file path", "path": sshd.url("/a.zip")}, "operation": "import"})
    assert answer.status_code == 400 and "username" in answer.json()["developerMessage"]


def test_items_are_done_before_the_fetch_is_over(tmp_path, sshd):
    file = large_package(40, 10).write(tmp_path / "large.zip", compression=0)
    size = file.stat().st_size
    with CuttingProxy(("127.0.0.1", sshd.port), hold_at=size // 2) as proxy:
        with own_server(tmp_path / "w", sshd.known_hosts(port=proxy.port), **{"jobs.batch_items": "20"}) as api:
            url = sshd.url(str(file), port=proxy.port)
            job = api.submit(url, dataSource=source(url, by_key(sshd)))
            assert api.wait_processed(job, 1)["status"] == "In Progress"
            assert proxy.from_target < size
            proxy.release()
            assert api.wait(job)["results"] == {"successful": 401, "warnings": 0, "errors": 0}


def test_validation_that_fails_early_has_not_fetched_it_all(tmp_path, sshd):
    package = large_package(40)
    package.files["knowledgehub/knowledgehub.json"] = b'{"knowledge": {"folders": ['
    file = package.write(tmp_path / "large.zip", compression=0)
    with CuttingProxy(("127.0.0.1", sshd.port)) as proxy:
        with own_server(tmp_path / "w", sshd.known_hosts(port=proxy.port), **{"spool.read_ahead": "4MiB"}) as api:
            status = run(api, sshd.url(str(file), port=proxy.port), by_key(sshd), operation=None)[1]
            assert status["status"] == "Failed" and not status["retryable"], status
        assert proxy.from_target < file.stat().st_size / 2


def test_connections_that_break_ten_times_fetch_nothing_twice_but_the_open_requests(tmp_path, sshd):
    cuts = 10
    file = large_package(40).write(tmp_path / "large.zip", compression=0)
    size = file.stat().st_size
    assert size > 25_000_000
    places = [size * (number + 1) // (cuts + 1) for number in range(cuts)]
    with CuttingProxy(("127.0.0.1", sshd.port), places) as proxy:
        with own_server(tmp_path / "w", sshd.known_hosts(port=proxy.port)) as api:
            job, status = run(api, sshd.url(str(file), port=proxy.port), by_key(sshd))
            assert status["status"] == "Successful", status
            assert status["results"] == {"successful": 41, "warnings": 0, "errors": 0}
            assert (tmp_path / "logs" / f"import-logs-{job}.txt").read_text() == api.log(job)
        assert proxy.done_cuts == cuts
        # Two connections, each with at most 64 requests of 32 KiB open when it breaks; a handshake is some KiB.
        open_requests = 64 * 32 * 1024
        print(f"{proxy.from_target} bytes for {size}, {proxy.connections} connections")
        assert proxy.from_target < size * 1.02 + cuts * open_requests + proxy.connections * 16_384


@contextlib.contextmanager
def temporary_user(password):
    """A user of this machine who can log in with a password; its home is an empty folder."""
    name = f"wbtest{secrets.token_hex(4)}"
    hashed = subprocess.run(["openssl", "passwd", "-6", "-stdin"], input=password, text=True, capture_output=True,
                            check=True, timeout=60).stdout.strip()
    subprocess.run(["useradd", "--create-home", "--password", hashed, "--shell", "/bin/sh", name], check=True, timeout=60)
    try:
        yield pwd.getpwnam(name)
    finally:
        subprocess.run(["userdel", "--remove", "--force", name], check=True, capture_output=True, timeout=60)


needs_users = pytest.mark.skipif(os.getuid() != 0 or shutil.which("useradd") is None or shutil.which("openssl") is None,
                                 reason="only root can make a user who has a password")


@needs_users
def test_password_logs_in_and_what_the_user_may_not_is_told(tmp_path):
    password = secrets.token_urlsafe(12)
    with temporary_user(password) as user, Sshd(tmp_path / "sshd", options=["PasswordAuthentication yes"]) as sshd, \
            own_server(tmp_path / "w", sshd.known_hosts()) as api:
        Package(articles=2).write(pathlib.Path(user.pw_dir) / "package.zip")
        url = sshd.url("/~/package.zip")
        by_password = {"username": user.pw_name, "password": password}
        # The user may read the package, but not write beside it: the folder is root's.
        os.chown(user.pw_dir, 0, 0)
        os.chmod(user.pw_dir, 0o755)
        job, status = run(api, url, by_password)
        assert status["status"] == "Successful", status
        assert f"/import/content/{job}/log" in status["logFileLocation"]
        assert "does not allow" in api.log(job)
        os.chmod(user.pw_dir + "/package.zip", 0o600)
        message, retryable = failed(api, url, by_password)
        assert "does not allow" in message and not retryable
        message, retryable = failed(api, url, {"username": user.pw_name, "password": "not-" + password})
        assert "password" in message and password not in message and not retryable
        assert password not in api.server.log()


@pytest.mark.skipif(os.getuid() != 0 or shutil.which("mount") is None, reason="only root can mount a small file system")
def test_log_that_finds_the_disk_full_stays_on_the_server_with_the_reason(tmp_path, sshd):
    with small_disk(tmp_path / "disk", "256k"), own_server(tmp_path / "w", sshd.known_hosts()) as api:
        file = Package(articles=2).write(tmp_path / "disk" / "package.zip")
        with open(tmp_path / "disk" / "filler", "wb", buffering=0) as filler, contextlib.suppress(OSError):
            while filler.write(b"x" * 4096):
                pass
        job, status = run(api, sshd.url(str(file)), by_key(sshd))
        assert status["status"] == "Successful", status
        assert status["logFileLocation"].endswith(f"/import/content/{job}/log")
        assert "could not be put beside the package" in api.log(job) and "is full" in api.log(job)


def command_line(api, sshd, home, *arguments, check, **environment):
    """`waybill …` as a person who has nothing but a home directory; both streams together."""
    api.server.environment.update({"HOME": str(home), "SSH_AUTH_SOCK": "", **environment})
    outcome = api.server.cli(*arguments, check=check, input="")
    assert sshd.user_key.splitlines()[1] not in outcome.stdout + outcome.stderr
    return outcome.stdout + outcome.stderr


def test_the_command_line_takes_the_usual_key_file_or_the_one_named(api, sshd, tmp_path):
    Package(articles=2).write(tmp_path / "package.zip")
    url = sshd.url(f"{tmp_path}/package.zip")
    where = url.replace("sftp://", f"sftp://{sshd.user}@")
    none = command_line(api, sshd, tmp_path, "import", where, "--reimport", check=2)
    assert "--password-file" in none
    key = tmp_path / ".ssh" / "id_ed25519"
    key.parent.mkdir()
    key.write_text(sshd.user_key)
    assert "Successful" in command_line(api, sshd, tmp_path, "import", where, "--reimport", check=0)
    named = key.rename(tmp_path / "named")
    assert "Successful" in command_line(api, sshd, tmp_path, "import", url, "--user", sshd.user, "--identity", named,
                                        "--reimport", check=0)


@contextlib.contextmanager
def agent(folder, key):
    """OpenSSH's agent, holding a key; gives its socket."""
    address = folder / "agent"
    process = subprocess.Popen(["ssh-agent", "-D", "-a", address], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(address.exists, "ssh-agent", seconds=30)
        subprocess.run(["ssh-add", "-q", key], env={**os.environ, "SSH_AUTH_SOCK": str(address)}, check=True, timeout=60)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.mark.skipif(shutil.which("ssh-agent") is None, reason="ssh-agent is missing")
def test_the_command_line_takes_the_key_file_that_the_agent_names(api, sshd, tmp_path):
    Package(articles=2).write(tmp_path / "package.zip")
    ssh = tmp_path / ".ssh"
    ssh.mkdir()
    new_key(ssh / "id_ed25519")  # the usual one, which this server does not know
    shutil.copy(sshd.folder / "user_key", ssh / "for_work")
    shutil.copy(sshd.folder / "user_key.pub", ssh / "for_work.pub")
    url = sshd.url(f"{tmp_path}/package.zip")
    arguments = ("import", url, "--user", sshd.user, "--reimport")
    assert "did not let" in command_line(api, sshd, tmp_path, *arguments, check=3)
    with agent(tmp_path, ssh / "for_work") as address:
        assert "Successful" in command_line(api, sshd, tmp_path, *arguments, check=0, SSH_AUTH_SOCK=str(address))
