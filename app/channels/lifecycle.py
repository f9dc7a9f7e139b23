"""What channels need running: every process hears of changed channels; the worker plays the simulated providers."""

from __future__ import annotations

from app.channels.adapters.calling import close_connections
from app.channels.adapters.smtp_pool import close_mail_connections
from app.channels.player import Player
from app.channels.service import TOPIC, forget, simulated_folder
from app.events.service import bus

_players: list[Player] = []


async def start(_dsn: str) -> None:
    """Listen for changes of channels."""
    the_bus = bus()
    if the_bus is not None:
        the_bus.subscribe(TOPIC, forget)


async def stop() -> None:
    """Close connections to providers."""
    close_mail_connections()
    await close_connections()


async def start_player() -> None:
    """Begin to play the simulated providers of this machine (worker only)."""
    player = Player(simulated_folder())
    player.start()
    _players.append(player)


async def stop_player() -> None:
    """Stop playing."""
    while _players:
        await _players.pop().stop()
