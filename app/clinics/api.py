"""The clinic's settings over HTTP."""

from __future__ import annotations

from litestar import get, patch
from litestar.di import NamedDependency
from litestar.params import JSONBody

from app.clinics import service
from app.clinics.schemas import ClinicChange, ClinicView
from app.kit.principal import Principal

BASE = "/api/v1/clinics/{cid:str}/clinic"
Caller = NamedDependency[Principal]


@get(BASE, opt={"operation": "settings.read"}, summary="Read the clinic's settings")
async def read_clinic(caller: Caller) -> ClinicView:
    """Name, zone, hours and preferences."""
    return await service.get_clinic(caller.clinic_id)


@patch(BASE, opt={"operation": "settings.manage"}, summary="Change the clinic's settings")
async def change_clinic(caller: Caller, data: JSONBody[ClinicChange]) -> ClinicView:
    """Fields left out stay."""
    return await service.change_clinic(caller, data)


ROUTES = [read_clinic, change_clinic]
