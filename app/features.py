"""The features, lowest first, and their parts: the one list that asgi, cli, workers and Piccolo read."""

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

FEATURES = (
    "idempotency",
    "audit",
    "events",
    "clinics",
    "staff",
    "integrations",
    "contacts",
    "channels",
    "inbox",
    "auth",
    "ai",
    "widget",
    "desk",
    "onboarding",
    "simulator",
    "ops",
    "realtime",
)


def parts(name: str) -> list[ModuleType]:
    """Every feature's module of that name (`api`, `tables`, `jobs`, ...) where it has one, in the order of FEATURES."""
    names = (f"app.{feature}.{name}" for feature in FEATURES)
    return [import_module(module) for module in names if find_spec(module) is not None]
