"""An accent colour that can be read: WCAG contrast, and the nearest shade that has enough of it."""

from __future__ import annotations

WHITE, DARK = "#ffffff", "#161e22"
ENOUGH = 4.5


def _channels(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _luminance(color: str) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in _channels(color))]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21 (WCAG 2.2, 1.4.3)."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def readable(color: str, against: str) -> str:
    """Return the colour, moved towards black or white until it stands out against the other."""
    towards = 0 if _luminance(against) > 0.4 else 255
    for step in range(21):
        mixed = "#" + "".join(f"{round(v + (towards - v) * step / 20):02x}" for v in _channels(color))
        if contrast(mixed, against) >= ENOUGH:
            return mixed
    return "#ffffff" if towards else "#000000"


def accents(color: str) -> tuple[str, str]:
    """Return the accent for light and for dark pages: as text on them, and as a ground for white or dark text."""
    return readable(color, WHITE), readable(color, DARK)
