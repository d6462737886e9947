"""Fetches and builds what the tests run: once, into .build/interop, every version pinned."""
import os
import pathlib
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent.parent
ROOT = HERE.parent.parent
CLIENTS = HERE / "clients"
TOOLS = ROOT / ".build" / "interop"
DOWNLOAD_SECONDS = 900
LONG_BUILD_SECONDS = 3600
# Kafka Streams' word count needs the same jars as the client.
JAVA4_SOURCES = (
    CLIENTS / "java" / "InteropClient.java",
    CLIENTS / "java4" / "ConsumerProtocol.java",
    CLIENTS / "java4" / "WordCount.java",
)


class CannotSetUp(RuntimeError):
    """A tool is not to be had here: the test is skipped, loudly."""


def sh(command, cwd=None, timeout=600, env=None):
    return subprocess.run(
        command, cwd=cwd, timeout=timeout, env=env, text=True, capture_output=True, check=False
    )


def need(result, what):
    if result.returncode != 0:
        raise CannotSetUp(f"{what}: {(result.stderr or result.stdout).strip()[-400:]}")


def need_command(name):
    if not shutil.which(name):
        raise CannotSetUp(f"{name} is not installed")


def once(name, sources, make, version=""):
    """Calls make(folder) unless .build/interop/<name> was made from these very sources or version."""
    folder, stamp = TOOLS / name, TOOLS / f"{name}.stamp"
    wanted = version + "".join(pathlib.Path(source).read_text() for source in sources)
    if stamp.exists() and stamp.read_text() == wanted:
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    stamp.unlink(missing_ok=True)
    print(f"      fetching and building {name} into {folder.relative_to(ROOT)} ...", flush=True)
    begin = time.monotonic()
    try:
        make(folder)
    except (OSError, subprocess.TimeoutExpired) as why:
        raise CannotSetUp(f"{name}: {why}") from why
    print(f"      {name} is there after {time.monotonic() - begin:.0f} s", flush=True)
    stamp.write_text(wanted)
    return folder


def copy_jars(folder, pom):
    """The jars that `pom` names, with what they need, into folder/jars."""
    need_command("mvn")
    shutil.copy(pom, folder / "pom.xml")
    shutil.rmtree(folder / "jars", ignore_errors=True)
    copy = ["mvn", "-q", "-B", "dependency:copy-dependencies", f"-DoutputDirectory={folder}/jars"]
    need(sh(copy, cwd=folder, timeout=DOWNLOAD_SECONDS), "maven")


def unpacked(name, artifact):
    """The folder of a Maven artifact that is an archive, group:artifact:version:type:classifier."""
    def make(folder):
        need_command("mvn")
        copy = ["mvn", "-q", "-B", "dependency:copy", f"-Dartifact={artifact}", f"-DoutputDirectory={folder}"]
        need(sh(copy, cwd=folder, timeout=DOWNLOAD_SECONDS), "maven")
        for archive in folder.glob("*.tar.gz"):
            need(sh(["tar", "xzf", str(archive)], cwd=folder), "tar")
            archive.unlink()

    return once(name, [], make, artifact)


def compile_java(folder, sources, into="classes"):
    command = ["javac", "-cp", f"{folder}/jars/*", "-d", str(folder / into), *map(str, sources)]
    need(sh(command), "javac")


def maven(name, *java):
    """Jars of clients/<name>/pom.xml, and the classes of these sources: the folder of both."""
    pom = CLIENTS / name / "pom.xml"

    def make(folder):
        copy_jars(folder, pom)
        if java:
            compile_java(folder, java)

    return once(name, [pom, *java], make)


def python(name="venv", requirements=CLIENTS / "requirements.txt"):
    """The interpreter of an environment with these packages."""

    def make(folder):
        need(sh([sys.executable, "-m", "venv", "--clear", str(folder)]), "venv")
        pip = [str(folder / "bin/pip"), "install", "-q", "-r", str(requirements)]
        need(sh(pip, timeout=DOWNLOAD_SECONDS), "pip")

    return once(name, [requirements], make) / "bin" / "python"


def npm(name):
    """The folder with the node_modules of clients/<name>/package.json."""
    package = CLIENTS / name / "package.json"

    def make(folder):
        need_command("npm")
        shutil.copy(package, folder)
        install = ["npm", "install", "--no-audit", "--no-fund", "--silent"]
        need(sh(install, cwd=folder, timeout=DOWNLOAD_SECONDS), "npm")

    return once(name, [package], make)


def go(name):
    """The program built from clients/<name>."""
    sources = sorted((CLIENTS / name).iterdir())

    def make(folder):
        need_command("go")
        for source in sources:
            shutil.copy(source, folder)
        need(sh(["go", "build", "-mod=readonly", "-o", "program", "."], cwd=folder, timeout=DOWNLOAD_SECONDS),
             "go build")

    return once(name, sources, make) / "program"


def cargo(name):
    """The program built from clients/<name>."""
    source = CLIENTS / name
    sources = [source / "Cargo.toml", source / "Cargo.lock", *sorted((source / "src").iterdir())]

    def make(folder):
        need_command("cargo")
        build = ["cargo", "build", "--locked", "--quiet", "--target-dir", str(folder)]
        need(sh(build, cwd=source, timeout=DOWNLOAD_SECONDS), "cargo")

    return once(name, sources, make) / "debug" / "interop"


def cargo_install(name, version, needs):
    """A program from the registry of crates; `needs` says what else its build wants."""
    def make(folder):
        need_command("cargo")
        install = ["cargo", "install", name, "--version", version, "--locked", "--quiet", "--root", str(folder)]
        need(sh(install, timeout=LONG_BUILD_SECONDS), f"cargo install {name} (it needs {needs})")

    return once(name, [], make, version) / "bin" / name


def build_sealane(*programs):
    """The release build's programs, brought up to date first; returns their folder."""
    subprocess.run([ROOT / "ops/build", "release", *programs], check=True)
    return ROOT / ".build/release/bin"


def in_ci():
    return os.environ.get("CI") == "true"
