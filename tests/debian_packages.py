"""Installing what Debian has, where that is allowed: nothing that is there is replaced."""

import os
import shutil
import subprocess

UPDATE_SECONDS = 60
INSTALL_SECONDS = 300


def from_debian(*packages: str) -> bool:
    """Install packages; False where that cannot be done."""
    if os.getuid() != 0 or not shutil.which("apt-get"):
        return False
    # Several processes may ask at once: one installs, the others wait for it.
    quiet = ["apt-get", "-qq", "-o", "Dpkg::Use-Pty=0", "-o", f"DPkg::Lock::Timeout={INSTALL_SECONDS}"]
    succeeds([*quiet, "update"], seconds=UPDATE_SECONDS)
    install = [*quiet, "install", "-y", "--no-remove", "--no-install-recommends", *packages]
    return succeeds(install, seconds=INSTALL_SECONDS)


def succeeds(command: list[str], *, seconds: int) -> bool:
    """Whether a command ends well within its time."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(command, timeout=seconds, capture_output=True, env=environment, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
