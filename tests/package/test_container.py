"""The container file, built from the Debian package on a bare Debian, and the main job in it."""

import json
import os
import shutil
import subprocess

import pytest

from support.debian import ROOT, needs_root

pytestmark = needs_root
SECONDS = 300


class Podman:
    """Podman with storage of its own, so that what is on the machine stays as it is."""

    def __init__(self, folder):
        self.command = ["podman", "--root", str(folder / "storage"), "--runroot", str(folder / "run")]
        # A machine inside a container may not raise its limits, and crun knows no hybrid cgroups.
        self.run_options = ["--network=host", "--ulimit=nofile=1024:1024", "--ulimit=nproc=1024:1024"]

    def __call__(self, *arguments, check=True):
        done = subprocess.run([*self.command, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=SECONDS)
        assert not check or done.returncode == 0, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def find_runtime(self, image):
        """The first runtime that runs anything here; why not, where none does."""
        why = "no runtime is installed"
        for runtime in filter(None, map(shutil.which, ("crun", "runc"))):
            done = subprocess.run([*self.command, "--runtime", runtime, "run", "--rm", *self.run_options, image, "true"],
                                  capture_output=True, text=True, check=False, timeout=SECONDS)
            if done.returncode == 0:
                self.command += ["--runtime", runtime]
                return None
            why = done.stderr.strip()
        return why


@pytest.fixture(scope="module")
def podman(request, debian, deb, tmp_path_factory):
    """With the image localhost/waybill made."""
    if not shutil.which("podman"):
        pytest.skip("podman is not installed")
    folder = tmp_path_factory.mktemp("podman")
    made = Podman(folder)
    # Podman mounts its storage upon itself, and leaves it so.
    request.addfinalizer(lambda: subprocess.run(["umount", "--quiet", folder / "storage" / "overlay"], check=False))
    made("import", debian, "localhost/debian:12")
    why = made.find_runtime("localhost/debian:12")
    if why:
        pytest.skip(f"no container runs here: {why}")
    made("build", "--format=docker", "--isolation=chroot", "--network=host", "-f", ROOT / "packaging" / "Containerfile", "--build-arg",
         "BASE=localhost/debian:12", "--build-arg", f"DEB={deb.name}", "-t", "localhost/waybill", deb.parent)
    yield made
    made("rm", "--all", "--force")


@pytest.fixture
def container(podman):
    name = f"waybill-test-{os.getpid()}"
    podman("run", "--detach", "--name", name, "--read-only", "--cap-drop=all", "--security-opt=no-new-privileges", "--tmpfs=/tmp",
           "--volume=waybill:/var/lib/waybill", "--env=WAYBILL_SERVER_LISTEN=127.0.0.1:0", *podman.run_options, "localhost/waybill")
    yield name
    podman("rm", "--force", "--time=20", name)


def test_the_main_job_in_a_container_without_privileges(podman, container):
    for _ in range(600):
        logs = podman("logs", container).stdout
        if "listens on" in logs:
            break
        assert podman("inspect", "-f", "{{.State.Running}}", container).stdout.strip() == "true", podman("logs", container).stderr
    assert "listens on" in logs
    assert podman("exec", container, "id", "-un").stdout.strip() == "waybill"
    assert "Successful" in podman("exec", container, "waybill", "import", "/usr/share/waybill/samples/handbook").stdout
    assert "brakes" in podman("exec", container, "waybill", "search", "brakes").stdout.lower()
    podman("healthcheck", "run", container)
    podman("stop", "--time=20", container)
    assert podman("inspect", "-f", "{{.State.ExitCode}}", container).stdout.strip() == "0", "SIGTERM ends it in order"


def test_what_the_image_promises(podman):
    image = json.loads(podman("image", "inspect", "localhost/waybill").stdout)[0]
    config = image["Config"]
    assert config["User"] == "waybill"
    assert list(config["ExposedPorts"]) == ["8080/tcp"]
    assert list(config["Volumes"]) == ["/var/lib/waybill"]
    assert image["Healthcheck"]["Test"] == ["CMD", "waybill", "doctor", "--health"]
