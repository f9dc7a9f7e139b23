"""How often a clinic may ask a language model: so many calls a day, over all processes (reliability.md section 4).

The allowance grows back evenly, so a busy morning leaves something for the afternoon. Where it is used up, what answers
without a model answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from app.config import settings
from app.kit import database

if TYPE_CHECKING:
    from uuid import UUID

log = structlog.get_logger()

_SECONDS_A_DAY = 86_400


async def take_calls(clinic_id: UUID, count: int = 1) -> int:
    """Take calls out of the clinic's allowance; returns how many it may make, at most ``count``."""
    most = settings().ai_calls_a_day
    taken: int = await database.fetchval(
        "select rate_take_up_to($1, $2, $3, $4)", f"model:{clinic_id}", most / _SECONDS_A_DAY, float(most), count
    )
    if taken < count:
        log.warning("ai.allowance_used_up", clinic=str(clinic_id), left_out=count - taken)
    return taken
