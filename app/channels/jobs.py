"""Jobs of channels."""

from __future__ import annotations

from uuid import UUID

import structlog

from app.channels import service
from app.channels.errors import ListUnavailable
from app.kit.errors import NotFound
from app.kit.jobs import job, schedule
from app.kit.principal import system

SIX_HOURS = 6 * 3600

log = structlog.get_logger()


@job("template_sync", retries=4, timeout=120)
async def template_sync(clinic_id: UUID, channel_id: UUID) -> None:
    """Fetch the texts WhatsApp has approved for a number."""
    try:
        await service.sync_templates(system(clinic_id), channel_id)
    except NotFound:
        return  # disconnected meanwhile
    except ListUnavailable as error:
        if not error.is_final:
            raise
        log.warning("templates.refused", channel=str(channel_id))


@schedule("template_sync_all", seconds=SIX_HOURS)
async def template_sync_all() -> None:
    """Fetch them for every live number."""
    await service.sync_all_templates()
