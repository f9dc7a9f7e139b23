"""Documentation that fails when it lies: settings, commands, targets and decisions are where people look for them."""

import re
import sys

import click
import pytest

from app.cli import orasync
from app.config import ALIASES, ROOT, Settings

sys.path.insert(0, str(ROOT / "scripts"))
import settings_docs

README = (ROOT / "README.md").read_text()


def test_the_readme_lists_every_setting_as_the_code_describes_it():
    assert settings_docs.with_table(README) == README, "run: python scripts/settings_docs.py"


def test_the_example_environment_names_every_setting_and_no_value():
    example = (ROOT / ".env.example").read_text()
    assert example == settings_docs.example(), "run: python scripts/settings_docs.py"
    assert not re.findall(r"^[A-Z_0-9]+=.+$", example, re.MULTILINE)


def test_every_variable_of_the_compose_file_exists():
    compose = (ROOT / "docker-compose.yml").read_text()
    known = {name.upper() for name in Settings.__struct_fields__} | {
        alias for names in ALIASES.values() for alias in names
    }
    named = set(re.findall(r"^\s+([A-Z][A-Z0-9_]+):", compose, re.MULTILINE))
    assert {name for name in named if not name.startswith("POSTGRES_")} <= known


def test_every_command_of_the_core_is_in_the_readme():
    context = click.Context(orasync)
    for name in ("up", "web", "worker", "migrate", "doctor"):
        assert f"orasync {name}" in README
        assert orasync.get_command(context, name) is not None


@pytest.mark.parametrize("target", ["run", "test", "soak", "bench", "check"])
def test_every_make_target_exists_and_is_in_the_readme(target):
    assert re.search(rf"^{target}:.*##", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert f"make {target}" in README


def test_the_two_commands_stand_at_the_top():
    top = README[:400]
    assert "make run" in top
    assert "make test" in top


def test_links_lead_somewhere():
    for document in ("README.md", "CONTRIBUTING.md", "DECISIONS.md"):
        text = (ROOT / document).read_text()
        for target in re.findall(r"\]\(([^)#:]+)\)", text):
            assert (ROOT / target).exists(), f"{document} links to {target}"


def test_every_direct_dependency_has_a_reason():
    decisions = (ROOT / "DECISIONS.md").read_text()
    project = (ROOT / "pyproject.toml").read_text().split("[project.scripts]")[0]
    names = re.findall(r'^    "([a-z0-9-]+)', project, re.MULTILINE)
    assert len(names) > 20
    assert [name for name in names if f"**{name}**" not in decisions] == []


def test_decisions_are_numbered_and_complete():
    text = (ROOT / "DECISIONS.md").read_text()
    parts = re.split(r"^## (\d+)\. ", text, flags=re.MULTILINE)[1:]
    assert [int(number) for number in parts[::2]] == list(range(1, len(parts) // 2 + 1))
    for number, body in zip(parts[::2], parts[1::2], strict=True):
        for word in ("Context:", "Decision:", "Consequences:", "Alternatives:"):
            assert word in body, f"decision {number} does not say {word}"
