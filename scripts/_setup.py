"""Makes what a fresh clone lacks, and costs a tenth of a second when nothing does.

Used by `scripts/serve`, `scripts/test` and `scripts/format`. Only the standard library, for it runs before there is
anything else. Each part leaves a stamp (a hash of what it was made from), so that it is made again only when that changed.
Whatever cannot be made ends in one sentence that says what to do.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
PWA = ROOT / "pwa"
PYTHON_MIN = (3, 11)
NODE_MIN = 20
BROWSER_PACKAGES = ("chromium", "fonts-liberation", "fonts-noto-core", "fonts-noto-color-emoji")
BROWSER_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CLAMD_PACKAGES = ("clamav-daemon", "libclamav12", "libmspack0")
CLAMD = ROOT / "var" / "clamav"
CHAOS_PROGRAMS = {"cc": "gcc libc6-dev", "mkfs.ext4": "e2fsprogs", "mount": "mount"}


class Lacking(Exception):
    """Something is missing that cannot be made from here; the message says what to do."""


def prepare(python=False, node=False, pwa=False, browser=False, chaos=False, clamd=False):
    """Make what is asked for, one process at a time."""
    with one_at_a_time():
        if python:
            prepare_python()
        if node or pwa:
            prepare_node()
        if pwa:
            build_pwa()
        if browser:
            prepare_browser()
        if chaos:
            prepare_chaos()
        if clamd:
            prepare_clamd()


def prepare_python():
    """`.venv` with exactly what `requirements.lock` says, and the project itself."""
    if sys.version_info < PYTHON_MIN:
        found = ".".join(map(str, sys.version_info[:2]))
        raise Lacking(f"Workbay needs Python 3.11 or later, and this is {found}: run it with a newer one.")
    stamp = Stamp(VENV / "made-from", hashed(ROOT / "requirements.lock"))
    if stamp.holds() and PYTHON.exists():
        return
    say("Making the Python environment …")
    if not PYTHON.exists():
        make_venv()
    install_packages()
    stamp.set()


def make_venv():
    try:
        run([sys.executable, "-m", "venv", "--clear", VENV])
    except Lacking:
        version = ".".join(map(str, sys.version_info[:2]))
        install_debian(f"python{version}-venv", "Python has no venv module")
        run([sys.executable, "-m", "venv", "--clear", VENV])


def install_packages():
    """By uv, which takes seconds; by pip where uv cannot be had or does not reach the index that pip knows."""
    lock = str(ROOT / "requirements.lock")
    pip = [PYTHON, "-m", "pip", "--disable-pip-version-check", "install", "-q"]
    uv = [VENV / "bin" / "uv", "pip"]
    try:
        run([*pip, "uv"])
        run([*uv, "sync", "-q", "--python", PYTHON, lock])
        run([*uv, "install", "-q", "--python", PYTHON, "--no-deps", "-e", ROOT])
    except Lacking:
        run([*pip, "--require-hashes", "-r", lock])
        run([*pip, "--no-deps", "-e", ROOT])


def prepare_node():
    """`pwa/node_modules` with exactly what `package-lock.json` says."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise Lacking(
            f"Node.js was not found: install Node {NODE_MIN} or later, with npm, and run this again."
        )
    stamp = Stamp(PWA / "node_modules" / ".made-from", hashed(PWA / "package-lock.json"))
    if stamp.holds():
        return
    version = subprocess.run(
        ["node", "--version"], capture_output=True, text=True, check=False
    ).stdout.strip()
    if int(version.lstrip("v").split(".")[0] or 0) < NODE_MIN:
        raise Lacking(f"Workbay needs Node {NODE_MIN} or later, and this is {version}: install a newer one.")
    say("Getting what the app is built with …")
    run(["npm", "ci", "--no-fund", "--no-audit", "--loglevel=error"], PWA)
    stamp.set()


def build_pwa():
    """`pwa/dist`, when a source is newer than what was built last."""
    stamp = Stamp(PWA / "node_modules" / ".built-from", fingerprint_of_sources())
    if stamp.holds() and (PWA / "dist" / "index.html").exists():
        return
    say("Building the app …")
    run(["npm", "run", "--silent", "build"], PWA)
    stamp.set()


def prepare_browser():
    """A Chromium on the path, with fonts that show all the app's signs."""
    if not any(shutil.which(name) for name in BROWSER_NAMES):
        install_debian(" ".join(BROWSER_PACKAGES), "The browser lane needs Chromium")


def prepare_chaos():
    """What breaks disks: a compiler, and the programs that make and mount a file system."""
    lacking = [package for program, package in CHAOS_PROGRAMS.items() if shutil.which(program) is None]
    if lacking:
        install_debian(" ".join(lacking), "The chaos lane breaks disks")


def prepare_clamd():
    """The virus scanner itself: one on the path, or one unpacked into `var/clamav`, so that no service is installed."""
    stamp = Stamp(CLAMD / "unpacked", " ".join(CLAMD_PACKAGES))
    if shutil.which("clamd") or stamp.holds():
        return
    try:
        unpack_debian(CLAMD_PACKAGES, CLAMD)
    except (Lacking, OSError):
        install_debian("clamav-daemon", "Files are scanned by a real clamd in the tests")
    else:
        stamp.set()


def unpack_debian(packages, folder):
    """Get packages and unpack them into a folder; Lacking where they cannot be had, or want more than is here."""
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        raise Lacking("This is no Debian.")
    say(f"Unpacking {' '.join(packages)} …")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        run(["apt-get", "download", "-q", *packages], folder)
    except Lacking:
        # Its lists may be old, or never have been fetched.
        run(["apt-get", "update", "-q"])
        run(["apt-get", "download", "-q", *packages], folder)
    for package in sorted(folder.glob("*.deb")):
        run(["dpkg", "-x", package, folder])
        package.unlink()
    libraries = [str(path.parent) for path in folder.glob("usr/lib/*/libclamav.so.*")]
    found = dict(os.environ, LD_LIBRARY_PATH=":".join(libraries))
    linked = subprocess.run(
        ["ldd", folder / "usr/sbin/clamd"], env=found, capture_output=True, text=True, check=False
    )
    if linked.returncode != 0 or "not found" in linked.stdout:
        raise Lacking(linked.stdout)


def install_debian(packages, why):
    """Install Debian packages where that is ours to do; else say which are missing."""
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        raise Lacking(f"{why}: install it (on Debian: apt-get install {packages}) and run this again.")
    say(f"Installing {packages} …")
    quiet = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    run(["apt-get", "update", "-q"], env=quiet)
    run(["apt-get", "install", "-q", "-y", "--no-install-recommends", *packages.split()], env=quiet)


class Stamp:
    """A small file that says what something was made from."""

    def __init__(self, path, wanted):
        self.path, self.wanted = path, wanted

    def holds(self):
        return self.path.exists() and self.path.read_text() == self.wanted

    def set(self):
        self.path.write_text(self.wanted)


def hashed(*files):
    """A hash of what is in the files, and of the Python that runs this."""
    digest = hashlib.sha256(sys.version.encode())
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def fingerprint_of_sources():
    """A hash of names, sizes and times: quicker than reading them, and a build too many harms nobody."""
    digest = hashlib.sha256()
    for folder, folders, names in os.walk(PWA):
        folders[:] = sorted(set(folders) - {"node_modules", "dist"})
        for name in sorted(names):
            path = os.path.join(folder, name)
            status = os.stat(path)
            digest.update(f"{path} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


class one_at_a_time:
    """Two scripts started at once must not make the same thing at the same time."""

    def __enter__(self):
        try:
            (ROOT / "var").mkdir(exist_ok=True)
            self.file = open(ROOT / "var" / "setup.lock", "w")
        except OSError as error:
            folder = ROOT / "var"
            raise Lacking(
                f"The folder {folder} cannot be written ({error.strerror}): make it writable."
            ) from error
        fcntl.flock(self.file, fcntl.LOCK_EX)

    def __exit__(self, *_):
        self.file.close()


def run(words, cwd=ROOT, env=None):
    """Run a tool; its output is shown only when it fails."""
    words = [str(word) for word in words]
    done = subprocess.run(
        words, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode != 0:
        tail = "\n".join(done.stdout.strip().splitlines()[-15:])
        raise Lacking(f"{tail}\n`{' '.join(words)}` failed with the words above.")


def say(text):
    print(text, file=sys.stderr, flush=True)


def or_one_sentence(work):
    """Run `work` and give its exit code; what is lacking becomes a sentence and the code 2."""
    started = time.monotonic()
    try:
        code = work()
    except Lacking as error:
        say(str(error))
        return 2
    except KeyboardInterrupt:
        say(f"Stopped after {time.monotonic() - started:.0f} s.")
        return 130
    return code or 0
