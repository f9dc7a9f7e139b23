"""The front door of staff."""

from app.staff.service.founding import create_clinic
from app.staff.service.team import (
    add_staff,
    cancel_invitation,
    change_staff,
    find_invited,
    get_staff,
    invite,
    join,
    list_team,
    remove_staff,
)

__all__ = [
    "add_staff",
    "cancel_invitation",
    "change_staff",
    "create_clinic",
    "find_invited",
    "get_staff",
    "invite",
    "join",
    "list_team",
    "remove_staff",
]
