"""What import-linter cannot say about the shape of the code (style: calls go down, features have a front door)."""

import ast
import subprocess
import sys
from pathlib import Path

import grimp
import pytest

from app.config import ROOT
from app.features import FEATURES, parts

APP = ROOT / "app"
FRONT_DOOR = {"service", "tables", "schemas", "events", "errors"}
SOURCES = sorted(path for folder in ("app", "workers") for path in (ROOT / folder).rglob("*.py"))
# Who may look at the environment: the settings, the commands that hand it on to their children, the crash points that
# must work before any setting is read, and what Piccolo and initdb read from it themselves.
READS_ENVIRONMENT = {
    "app/config.py",
    "app/cli.py",
    "app/kit/crash.py",
    "app/kit/migrate.py",
    "app/kit/embedded_postgres.py",
}


@pytest.fixture(scope="module")
def graph():
    return grimp.build_graph("app", exclude_type_checking_imports=True, cache_dir=None)


def name(path):
    return str(path.relative_to(ROOT))


def test_imports_go_in_the_agreed_direction():
    command = [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_every_feature_folder_is_in_the_list_and_the_other_way_round():
    folders = {path.name for path in APP.iterdir() if any(path.glob("*.py"))} - {"kit"}
    assert set(FEATURES) >= folders
    assert len(set(FEATURES)) == len(FEATURES)


def test_features_meet_at_the_front_door(graph):
    behind = [
        f"{importer} imports {imported}"
        for importer in graph.modules
        for imported in graph.find_modules_directly_imported_by(importer)
        if (feature := _feature(imported)) and importer.startswith("app.") and _feature(importer) not in (feature, None)
        if len(imported.split(".")) > 2 and imported.split(".")[2] not in FRONT_DOOR
    ]
    assert behind == []


def _feature(module):
    names = module.split(".")
    return names[1] if len(names) > 1 and names[1] in FEATURES else None


def test_parts_are_found_in_the_order_of_the_features():
    found = [module.__name__.split(".")[1] for module in parts("tables")]
    assert found == [feature for feature in FEATURES if feature in found]
    assert parts("no_such_part") == []


def test_only_the_settings_read_the_environment():
    readers = {name(path) for path in SOURCES if "os.environ" in path.read_text() or "getenv" in path.read_text()}
    assert readers <= READS_ENVIRONMENT


def test_every_feature_says_what_it_is():
    silent = [feature for feature in FEATURES if not _docstring(APP / feature / "__init__.py")]
    assert silent == []


def _docstring(path):
    return ast.get_docstring(ast.parse(path.read_text())) if path.exists() else None


def test_nothing_names_this_machine_or_a_registry():
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split("\n")
    places = [f"/{folder}/" for folder in ("work", "root", "opt/pypi", "opt/wheels")] + [
        "py" + "pi.org/simple",
        "--find" + "-links",
    ]
    found = []
    for file in filter(None, listed):
        path = ROOT / file
        if path.suffix in {".py", ".txt", ".toml", ".md", ".yml", ".yaml", ".sh", ""} and path.is_file():
            text = path.read_text(errors="ignore")
            found += [f"{file}: {place}" for place in places if place in text]
    assert found == []
