"""Where a provider's files lie, and how one is asked for: its own hosts, with its own sign-in, and nobody else's."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from app.config import settings
from app.kit.outside import Places

if TYPE_CHECKING:
    from app.channels.adapters.base import MediaSource
    from app.channels.service.loading import ConnectedChannel

_HOSTS: dict[str, tuple[str, ...]] = {
    # Twilio's API answers with a redirect to its store: first its own names, then Amazon's for the same bucket.
    "twilio": (
        "api.twilio.com",
        ".twilio.com",
        ".twiliocdn.com",
        "s3-external-1.amazonaws.com",
        "media.twiliocdn.com.s3-external-1.amazonaws.com",
    ),
    "whatsapp_cloud": ("graph.facebook.com", "lookaside.fbsbx.com", ".fbsbx.com", ".whatsapp.net"),
    "gallabox": ("server.gallabox.com", ".gallabox.com"),
}
_BASES = {"twilio": "twilio_api_url", "whatsapp_cloud": "whatsapp_api_url", "gallabox": "gallabox_api_url"}


def media_places(provider: str) -> Places:
    """Return where files of this provider may come from; nowhere for a provider that brings its files along."""
    base = getattr(settings(), _BASES[provider]) if provider in _BASES else ""
    return Places(_HOSTS.get(provider, ()), base)


async def locate_media(channel: ConnectedChannel, source: str) -> tuple[str, dict[str, str]]:
    """Return the address of a file and the headers that open it, for ``source`` as the delivery named it.

    Raises one of ``LOOKUP_ERRORS`` when the provider has to be asked for the address and does not tell.
    """
    if not hasattr(channel.adapter, "media_url"):
        return source, {}
    return await cast("MediaSource", channel.adapter).media_url(source)
