"""Writes what the settings say about themselves into README.md and .env.example: `python scripts/settings_docs.py`.

`tests/test_docs.py` fails when either differs from `app/config.py`.
"""

from pathlib import Path
from typing import Any

import msgspec

from app.config import ALIASES, Settings

ROOT = Path(__file__).resolve().parents[1]
BEGIN, END = "<!-- settings: begin -->", "<!-- settings: end -->"


def rows() -> list[tuple[str, str, str]]:
    """Name (with its second names), default and meaning of every variable, in the order of the class."""
    return [
        (
            " or ".join(f"`{name}`" for name in (field.name.upper(), *ALIASES.get(field.name, ()))),
            _default(field),
            field.type.__metadata__[0].description,
        )
        for field in msgspec.structs.fields(Settings)
    ]


def _default(field: msgspec.structs.FieldInfo) -> str:
    default: Any = field.default
    if isinstance(default, Path):
        return f"`{default.name}`"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return f"`{default:g}`" if isinstance(default, (int, float)) else f"`{default}`" if default else ""


def table() -> str:
    """The table of README.md."""
    lines = ["| variable | default | what it says |", "| --- | --- | --- |"]
    return "\n".join([*lines, *(f"| {name} | {default} | {meaning} |" for name, default, meaning in rows())])


def example() -> str:
    """The whole of .env.example: names and meanings, no values, so that copying it changes nothing."""
    lines = ["# Copy to .env and fill in what you have. Everything is optional; an empty line counts as absent.", ""]
    for field in msgspec.structs.fields(Settings):
        lines += [f"# {field.type.__metadata__[0].description}", f"{field.name.upper()}="]
    return "\n".join(lines) + "\n"


def with_table(readme: str) -> str:
    """The README with a fresh table between its two marks."""
    before, _, rest = readme.partition(BEGIN)
    return f"{before}{BEGIN}\n{table()}\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    readme = ROOT / "README.md"
    readme.write_text(with_table(readme.read_text()))
    (ROOT / ".env.example").write_text(example())
