"""Messages that wait for their time, over HTTP. Routes of ``api``."""

from __future__ import annotations

from uuid import UUID

from litestar import patch
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody

from app.inbox import service
from app.inbox.schemas import MessageView, ScheduledChange
from app.kit.principal import Principal

BASE = "/api/v1/clinics/{cid:str}"
Caller = NamedDependency[Principal]


@patch(
    f"{BASE}/messages/{{message_id:uuid}}",
    opt={"operation": "inbox.write"},
    summary="Change a message that waits for its time",
    responses={
        409: ResponseSpec(
            dict,
            description="already_on_its_way: it does not wait any more; thread_moved_on: somebody wrote since `seen`; "
            "whatsapp_window_closed: WhatsApp's 24 hours are over by then",
        )
    },
)
async def change_scheduled(caller: Caller, message_id: FromPath[UUID], data: JSONBody[ScheduledChange]) -> MessageView:
    """Its words and its time; ``send_at`` null sends it now. Fields left out stay."""
    return await service.change_scheduled(caller, message_id, data)


ROUTES = [change_scheduled]
