"""Jobs of the chat."""

from __future__ import annotations

from app.kit.jobs import schedule
from app.widget import service


@schedule("visitor_prune", seconds=24 * 3600)
async def visitor_prune() -> None:
    """Forget visitors who never wrote, and those who have not come back for a year."""
    await service.prune()
