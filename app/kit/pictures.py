"""Pictures from strangers: decoded, turned the right way up and written anew, with nothing but their pixels.

What hides in a picture's file (where it was taken, by which camera, a second file behind it) is gone afterwards.
"""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING

import msgspec
from PIL import Image, ImageDraw, ImageOps, ImageSequence, UnidentifiedImageError

if TYPE_CHECKING:
    from collections.abc import Iterator

FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/gif": "GIF", "image/webp": "WEBP"}
MOST_PIXELS = 40_000_000
"""Of one picture, and of all the frames of a moving one: 290 MB at the peak (measured with a photograph of 39)."""
LONGEST_SIDE = 4096
THUMBNAIL = 320
MOST_FRAMES = 300
_SMOOTH = frozenset({"RGB", "RGBA", "L", "CMYK", "YCbCr"})

# Pillow's own stop, for decoders that find out about a picture's size late.
Image.MAX_IMAGE_PIXELS = MOST_PIXELS


class NotAPicture(Exception):
    """It cannot be shown; the message says why, for people."""


class Picture(msgspec.Struct, frozen=True):
    """A picture as it is kept. ``thumbnail`` is a JPEG, or a PNG where the picture is see-through."""

    data: bytes
    type: str
    width: int
    height: int
    thumbnail: bytes
    thumbnail_type: str


def redraw(data: bytes, kind: str) -> Picture:
    """Return the picture written anew. Takes up to a second: call it beside the event loop. Raises ``NotAPicture``."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _redraw(data, kind)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise NotAPicture(_TOO_LARGE) from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError):
        # All of them are what Pillow's decoders raise for broken files.
        raise NotAPicture("The picture is damaged and cannot be shown.") from None


_TOO_LARGE = f"The picture is larger than {MOST_PIXELS // 1_000_000} megapixels."


def _redraw(data: bytes, kind: str) -> Picture:
    with Image.open(io.BytesIO(data), formats=[FORMATS[kind]]) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            raise NotAPicture(_TOO_LARGE)
        frames = getattr(opened, "n_frames", 1) if kind == "image/gif" else 1
        if frames > 1:
            return _moving(opened, frames)
        if opened.mode in _SMOOTH and max(opened.size) > LONGEST_SIDE:
            # First of all, and in place: every further step makes a copy.
            opened.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
        return _still(ImageOps.exif_transpose(opened) or opened, kind)


def _plain(image: Image.Image) -> Image.Image:
    """Only pixels: RGB, or RGBA where something can be seen through."""
    clear = image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info
    mode = "RGBA" if clear else "RGB"
    plain = image if image.mode == mode else image.convert(mode)
    plain.info = {}
    return plain


def _still(image: Image.Image, was: str) -> Picture:
    plain = _plain(image)
    if max(plain.size) > LONGEST_SIDE:
        plain.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    # Drawings and screenshots stay sharp as PNG; the rest is a photograph, and those are small as JPEG.
    kind = "image/png" if plain.mode == "RGBA" or was == "image/png" else "image/jpeg"
    return Picture(_encoded(plain, kind), kind, *plain.size, *_thumbnail(plain))


def _encoded(image: Image.Image, kind: str) -> bytes:
    out = io.BytesIO()
    if kind == "image/jpeg":
        image.save(out, "JPEG", quality=88, optimize=True, progressive=True)
    else:
        image.save(out, "PNG", optimize=image.width * image.height < 1_000_000)
    return out.getvalue()


def _thumbnail(image: Image.Image) -> tuple[bytes, str]:
    small = image.copy()
    small.thumbnail((THUMBNAIL, THUMBNAIL), Image.Resampling.LANCZOS)
    kind = "image/png" if small.mode == "RGBA" else "image/jpeg"
    return _encoded(small, kind), kind


def _moving(opened: Image.Image, frames: int) -> Picture:
    if frames > MOST_FRAMES or frames * opened.width * opened.height > MOST_PIXELS:
        raise NotAPicture("The moving picture is too long.")
    durations: list[int] = []

    def drawn() -> Iterator[Image.Image]:
        for frame in ImageSequence.Iterator(opened):
            durations.append(int(frame.info.get("duration", 100)))
            plain = frame.convert("RGBA")
            plain.info = {}
            yield plain

    first, *rest = drawn()
    out = io.BytesIO()
    first.save(out, "GIF", save_all=True, append_images=rest, duration=durations, loop=0, disposal=2)
    return Picture(out.getvalue(), "image/gif", *first.size, *_thumbnail(first))


def practice_picture() -> bytes:
    """Return a picture that says what it is, for practice runs."""
    image = ImageOps.colorize(Image.linear_gradient("L").resize((480, 360)), (13, 94, 88), (206, 233, 229))
    ImageDraw.Draw(image).text((24, 24), "Practice picture", fill=(255, 255, 255), font_size=40)
    return _encoded(image, "image/jpeg")
