"""Every route of the application, read from the application itself: what crawls them cannot forget one."""

from __future__ import annotations

import re
from functools import cache
from typing import Any, NamedTuple
from uuid import uuid4

from litestar.routes import HTTPRoute

from app.asgi import create_app
from app.config import load
from tests.support.postgres import SECRETS

SOMEWHERE = load(
    {
        **SECRETS,
        "DATABASE_URL": "postgresql://app@nowhere/none",
        "DATABASE_OWNER_URL": "postgresql://owner@nowhere/none",
    }
)
"""Settings that are good enough to build the application; nothing connects."""

_PARAMETER = re.compile(r"\{(\w+):(\w+)\}")


class Route(NamedTuple):
    """One method of one path. ``operation`` is None for the public ones."""

    method: str
    path: str
    operation: str | None

    @property
    def parameters(self) -> list[str]:
        """The names in the path."""
        return [name for name, _ in _PARAMETER.findall(self.path)]

    def at(self, **values: Any) -> str:
        """The address with these values; what is not given is a fresh id."""
        return _PARAMETER.sub(lambda found: str(values.get(found[1], uuid4())), self.path)


@cache
def routes() -> tuple[Route, ...]:
    """All routes with an operation, and the public ones that are ours."""
    app = create_app(SOMEWHERE)
    found = []
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                if "operation" in handler.opt or "public" in handler.opt:
                    found += [
                        Route(str(method), route.path, handler.opt.get("operation"))
                        for method in sorted(handler.http_methods - {"OPTIONS"})
                    ]
    return tuple(sorted(found))
