"""Lines of real logs: the folder shared/data beside the checkout, or wherever SEALANE_DATA says."""
import os
import pathlib
import re

from .setting_up import ROOT, CannotSetUp


def folder():
    places = [pathlib.Path(os.environ["SEALANE_DATA"])] if "SEALANE_DATA" in os.environ else []
    places += [parent / "shared" / "data" for parent in ROOT.parents]
    for place in places:
        if (place / "Apache.log").exists():
            return place
    raise CannotSetUp("the folder of real logs is not there: name it with SEALANE_DATA=DIR")


def lines(name):
    """The lines of a log; a bare CR ends one as well, since Connect's file source reads it so."""
    text = (folder() / name).read_bytes().decode("utf-8", "replace")
    parts = re.split(r"\r\n|\r|\n", text)
    return parts[:-1] if parts[-1] == "" else parts
