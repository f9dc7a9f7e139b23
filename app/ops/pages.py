"""The status page: is it well, in words; and the jobs that gave up."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from app.channels.service import list_channels
from app.kit.format import CHANNEL_WORDS, phone
from app.kit.page import go_to, staff_page
from app.kit.principal import Principal
from app.ops import service

OPERATION = {"operation": "jobs.manage"}
Caller = NamedDependency[Principal]
VERSION = "0.1.0"

JOB_WORDS = {
    "message_send": "Send a message",
    "message_reconcile": "Find out what became of a message",
    "thread_wake": "End a snooze",
}


@get("/status", opt=OPERATION, include_in_schema=False)
async def status(request: Request[Any, Any, Any], caller: Caller) -> Response[str]:
    """Cards in plain words."""
    health = await service.check_health()
    cards: list[dict[str, Any]] = [
        {
            "name": part.name[0].upper() + part.name[1:],
            "state": "working" if part.ok else "down",
            "words": part.words,
            "since": None,
            "advice": None if part.ok else "Nothing for you to do: it is tried again all the time.",
        }
        for part in health.parts
    ]
    for channel in await list_channels(caller.clinic_id):
        bad = channel.state == "attention"
        cards.append(
            {
                "name": f"{CHANNEL_WORDS[channel.kind]} on {phone(channel.address)}"
                if channel.address
                else CHANNEL_WORDS[channel.kind],
                "state": "slow" if bad else "working",
                "since": channel.last_error_at if bad else None,
                "words": channel.last_error or ""
                if bad
                else "Messages come and go."
                if channel.state == "working"
                else "No message has come in yet.",
                "advice": "Check the channel in Settings." if bad else None,
            }
        )
    waiting, review = await service.count_waiting(caller.clinic_id)
    dead = await service.list_jobs(caller.clinic_id, "dead", None, 20)
    return await staff_page(
        request,
        caller,
        "ops/status.html",
        nav="status",
        cards=cards,
        version=VERSION,
        numbers=[
            {"label": "Jobs waiting", "value": waiting},
            {"label": "Messages that need your look", "value": review},
        ],
        failed_jobs=[
            {
                "id": str(one.id),
                "name": JOB_WORDS.get(one.type, one.type),
                "reason": one.error or "",
                "failed_at": one.finished_at,
                "attempts": one.attempts,
            }
            for one in dead.items
        ],
    )


@post("/status/jobs/{job_id:uuid}/retry", opt=OPERATION, include_in_schema=False)
async def retry(caller: Caller, job_id: FromPath[UUID]) -> Response[None]:
    """Try a job again."""
    await service.retry_job(caller, job_id)
    return go_to("/status?saved=1")


ROUTES = [status, retry]
