"""What channels refuse."""

from __future__ import annotations

from app.kit.errors import BadRequest, Conflict, Forbidden, Invalid


class Forged(Forbidden):
    """The signature of a provider's call does not fit: nothing of it may be read or stored."""

    code = "forged"

    def __init__(self, detail: str = "The signature does not fit.") -> None:
        super().__init__(detail)


class Malformed(BadRequest):
    """A genuine call whose shape we cannot read."""

    code = "malformed"


class ChannelTaken(Conflict):
    """The clinic has this number or address connected already."""

    code = "channel_taken"


class NoChannel(Invalid):
    """The clinic has no channel of that kind to send by."""

    code = "no_channel"


class TemplateNotSendable(Invalid):
    """The provider has not approved this text, or it has parts that nobody can fill in here."""

    code = "template_not_sendable"


class ListUnavailable(Conflict):
    """The provider's list of approved texts cannot be had; what was known stays. ``is_final``: do not ask again."""

    code = "templates_unavailable"

    def __init__(self, detail: str, *, is_final: bool = False) -> None:
        super().__init__(detail)
        self.is_final = is_final
