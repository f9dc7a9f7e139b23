"""Takes from scripts and styles what only people read: a program, ``{path: text}`` as JSON on its input and output.

It runs as a short-lived process beside ``static_files``: the library carries a whole Go runtime, ten megabytes and
threads that a web process would keep for ever.
"""

import json
import sys

import minify

MEDIA_TYPES = {"js": "application/javascript", "css": "text/css"}


def main() -> None:
    """Minify what comes in."""
    texts: dict[str, str] = json.load(sys.stdin)
    json.dump(
        {path: minify.string(MEDIA_TYPES[path.rpartition(".")[2]], text) for path, text in texts.items()}, sys.stdout
    )


if __name__ == "__main__":
    main()
