"""A node's disk: a file system of a few megabytes of memory, so that it can be full for real, wiped,
and put back as it was. It outlives the node's process, as a page cache outlives a kill -9."""
import contextlib
import os
import pathlib
import shutil
import subprocess

BALLAST = "ballast"


class Disk:
    def __init__(self, mount, megabytes):
        self.mount = pathlib.Path(mount)
        self.mount.mkdir(parents=True)
        options = f"size={megabytes}m,mode=755"
        command = ["mount", "-t", "tmpfs", "-o", options, "sealane-chaos", self.mount]
        subprocess.run(command, check=True)

    @property
    def data(self):
        return self.mount / "data"

    def fill(self):
        """Takes every free byte. Others write meanwhile, and what cannot be had whole is given back
        whole: so by halves, then by blocks."""
        with open(self.mount / BALLAST, "ab", buffering=0) as file:
            while (space := os.statvfs(self.mount)).f_bavail > 16:
                with contextlib.suppress(OSError):
                    size = space.f_bavail // 2 * space.f_frsize
                    os.posix_fallocate(file.fileno(), file.seek(0, os.SEEK_END), size)
            with contextlib.suppress(OSError):
                while file.write(bytes(4096)):
                    pass

    def free(self):
        (self.mount / BALLAST).unlink(missing_ok=True)

    def wipe(self):
        shutil.rmtree(self.data, ignore_errors=True)

    def copy_to(self, directory):
        shutil.copytree(self.data, directory, dirs_exist_ok=True)

    def put_back(self, directory):
        """What was copied before is all there is again."""
        self.wipe()
        shutil.copytree(directory, self.data)

    def used_megabytes(self):
        space = os.statvfs(self.mount)
        return (space.f_blocks - space.f_bfree) * space.f_frsize >> 20
