"""The programs of a run: built or given, and copied, so that a build meanwhile does not change them."""
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent.parent


def prepare(options, names):
    """Outside of the sandbox: builds, unless `--bin` says where they are, and looks for all."""
    if options.bin is None:
        subprocess.run([ROOT / "ops/build", "release", *names], check=True)
    options.bin = options.bin.resolve() if options.bin else ROOT / ".build/release/bin"
    absent = [name for name in names if not (options.bin / name).exists()]
    if absent:
        sys.exit(f"not in {options.bin}: {', '.join(absent)}")


def directory_for(options, kind, names):
    """Inside: a new directory for the run, in options.directory, with the programs in `bin`."""
    options.directory = pathlib.Path(tempfile.mkdtemp(prefix=f"sealane-{kind}-", dir="/var/tmp"))
    given = options.bin.resolve() if options.bin else ROOT / ".build/release/bin"
    options.bin = options.directory / "bin"
    options.bin.mkdir()
    for name in names:
        shutil.copy(given / name, options.bin)
