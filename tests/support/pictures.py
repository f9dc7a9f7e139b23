"""Pictures for tests, with and without what a stranger may have put into them."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image

SECRET = b"1 Privacy Lane"


def photo(width: int = 640, height: int = 480, *, kind: str = "JPEG", turned: bool = False) -> bytes:
    """A picture whose file says where and with what it was taken; ``turned``: and that it lies on its side."""
    image = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    exif = Image.Exif()
    exif[0x010F] = SECRET.decode()  # the camera's maker
    if turned:
        exif[0x0112] = 6
    exif.get_ifd(0x8825)[0x001D] = SECRET.decode()  # of the place
    out = io.BytesIO()
    image.save(out, kind, exif=exif, comment=SECRET)
    return out.getvalue()


def moving(frames: int = 3) -> bytes:
    """A moving GIF with a comment."""
    drawn = [Image.new("RGB", (40, 30), (80 * (number % 3), number % 256, number // 256)) for number in range(frames)]
    out = io.BytesIO()
    drawn[0].save(out, "GIF", save_all=True, append_images=drawn[1:], duration=100, comment=SECRET)
    return out.getvalue()


def bomb(side: int = 30_000) -> bytes:
    """A PNG of some hundred kilobytes that would be gigabytes when drawn."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(1_000_000)))
        + chunk(b"IEND", b"")
    )
