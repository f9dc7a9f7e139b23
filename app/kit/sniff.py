"""What a file is by its content; what its sender says about it is never believed.

Only types we know are named. ``application/octet-stream`` is everything else, ``application/x-executable`` what could
run on the computer of whoever opens it.
"""

from __future__ import annotations

import io
import re
import zipfile

UNKNOWN, PROGRAM = "application/octet-stream", "application/x-executable"
HTML, SVG, XML = "text/html", "image/svg+xml", "application/xml"

_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"#!AMR", "audio/amr"),
    (b"\x1a\x45\xdf\xa3", "video/webm"),
    (b"MZ", PROGRAM),
    (b"\x7fELF", PROGRAM),
    (b"\xfe\xed\xfa", PROGRAM),
    (b"\xcf\xfa\xed\xfe", PROGRAM),
    (b"\xca\xfe\xba\xbe", PROGRAM),
    (b"\x4c\x00\x00\x00\x01\x14\x02\x00", PROGRAM),  # a Windows shortcut
    (b"#!", PROGRAM),
)
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wav"}
# The first frame of a recording without a head: MPEG layer 3 of each generation, and ADTS.
_FRAMES = {
    **{bytes((0xFF, second)): "audio/mpeg" for second in (0xFB, 0xFA, 0xF3, 0xF2, 0xE3, 0xE2)},
    **{bytes((0xFF, second)): "audio/aac" for second in (0xF1, 0xF9)},
}
_BRANDS = {
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"mif1": "image/heic",
    b"avif": "image/avif",
    b"qt  ": "video/quicktime",
    b"M4A ": "audio/mp4",
}
_OFFICE = "application/vnd.openxmlformats-officedocument."
_ZIPPED = {
    "word/": f"{_OFFICE}wordprocessingml.document",
    "xl/": f"{_OFFICE}spreadsheetml.sheet",
    "ppt/": f"{_OFFICE}presentationml.presentation",
}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_NAMES = {
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
}
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_MARKUP = re.compile(rb"<\s*(?:!doctype\s+html|html|head|body|script|iframe|title|a|div|img|meta|style)\b")
LOOKED_AT = 4096
"""Characters of a text in which markup is looked for."""

DANGEROUS_NAMES = frozenset(
    "bat chm cmd com cpl dll exe hta iso jar js jse lnk msc msi ps1 reg scr sh vbe vbs wsf".split()  # noqa: SIM905
)


def sniff(data: bytes, name: str = "") -> str:  # noqa: PLR0911 - one return a kind of file reads best
    """Return the type of the content. The name only tells apart what looks the same, as ``.doc`` and ``.xls`` do."""
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    if ending in DANGEROUS_NAMES:
        return PROGRAM
    for start, kind in _STARTS:
        if data.startswith(start):
            return kind
    if data.startswith(b"RIFF"):
        return _RIFF.get(data[8:12], UNKNOWN)
    if data[4:8] == b"ftyp":
        brand = data[8:12]
        return "video/3gpp" if brand.startswith(b"3g") else _BRANDS.get(brand, "video/mp4")
    if data.startswith(b"PK\x03\x04"):
        return _zipped(data)
    if data.startswith(_OLE):
        return _OLE_NAMES.get(ending, UNKNOWN)
    if data[:2] in _FRAMES:
        return _FRAMES[data[:2]]
    return _text(data, ending)


def _zipped(data: bytes) -> str:
    try:
        names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return UNKNOWN
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        return PROGRAM  # a document with a program inside
    if "[Content_Types].xml" in names:
        for start, kind in _ZIPPED.items():
            if any(name.startswith(start) for name in names):
                return kind
    return "application/zip"


def _text(data: bytes, ending: str) -> str:  # noqa: PLR0911 - as above
    if not data or _CONTROLS.search(data):
        return UNKNOWN
    try:
        data.decode()
    except UnicodeDecodeError:
        return UNKNOWN
    start = data[:LOOKED_AT].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if b"<svg" in start:
        return SVG
    if _MARKUP.search(start):
        return HTML
    if start.startswith(b"<"):
        return XML
    if start.startswith(b"begin:vcard"):
        return "text/vcard"
    if start.startswith(b"begin:vcalendar"):
        return "text/calendar"
    return "text/csv" if ending == "csv" else "text/plain"
