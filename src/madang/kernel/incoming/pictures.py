"""PNG and JPEG: how large they are once unpacked, told from their header. Imports no Django."""

import struct
from typing import BinaryIO, Final

from madang.core.reasons import Reason
from madang.kernel.incoming.unwanted import Unwanted, damaged

MOST_MEGAPIXELS: Final = 200
"""As the largest telephones make them; a viewer needs four bytes for each pixel."""
_MOST_SEGMENTS: Final = 10_000
_MOST_PIECES: Final = 200_000  # each has some kilobytes
_FRAMES: Final = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}


def look_at_png(file: BinaryIO) -> None:
    file.seek(8)
    head = file.read(16)
    if len(head) < 16 or head[4:8] != b"IHDR":
        raise damaged()
    _fits(*struct.unpack(">II", head[8:16]))
    file.seek(8)
    for _ in range(_MOST_PIECES):
        piece = file.read(8)
        if len(piece) < 8:
            raise damaged()  # cut off before its end
        if piece[4:] == b"IEND":
            return
        file.seek(int.from_bytes(piece[:4], "big") + 4, 1)
    raise damaged()


def look_at_jpg(file: BinaryIO) -> None:
    at = 2
    for _ in range(_MOST_SEGMENTS):
        file.seek(at)
        mark = file.read(9)
        if len(mark) < 4 or mark[0] != 0xFF:
            raise damaged()
        if mark[1] == 0xFF:  # filling
            at += 1
        elif mark[1] in _FRAMES:
            if len(mark) < 9:
                raise damaged()
            _fits(*struct.unpack(">HH", mark[5:9]))
            return
        elif mark[1] in (0xD9, 0xDA):
            raise damaged()  # ends, or begins with its points, before it has said how many they are
        else:
            at += 2 if mark[1] in (0x01, *range(0xD0, 0xD9)) else 2 + int.from_bytes(mark[2:4], "big")
    raise damaged()


def _fits(width: int, height: int) -> None:
    if not width * height:
        raise damaged()
    if width * height > MOST_MEGAPIXELS * 10**6:
        told = {"width": width, "height": height, "most": MOST_MEGAPIXELS}
        raise Unwanted(Reason("file_picture_too_large", told))
