"""The front door of the desk: what realtime pushes with events."""

from app.desk.fragments import load_context, render_event

__all__ = ["load_context", "render_event"]
