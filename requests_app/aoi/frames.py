"""The only language spoken across the sandbox wall: a JSON header and byte strings. No pickles."""

import json
import socket
import struct
from dataclasses import dataclass
from typing import Any

from requests_app.aoi.limits import MAXIMUM_REPLY_BYTES

_PREFIX = struct.Struct(">II")
_PIECE_BYTES = 1 << 20


class BrokenFrame(Exception):
    """The other side closed in the middle of a frame, or sent something else."""


@dataclass(frozen=True)
class Frame:
    header: dict[str, Any]  # JSON as received: every reader checks what it takes
    blobs: tuple[bytes, ...]


def send_frame(connection: socket.socket, header: dict[str, Any], *blobs: bytes) -> None:
    head = json.dumps({**header, "blob_sizes": [len(blob) for blob in blobs]}).encode()
    body = b"".join(blobs)
    connection.sendall(_PREFIX.pack(len(head), len(body)) + head)
    connection.sendall(body)


def receive_frame(
    connection: socket.socket, *, maximum_bytes: int = MAXIMUM_REPLY_BYTES
) -> Frame | None:
    """None when the other side has closed. Raises BrokenFrame, and TimeoutError of the socket."""
    prefix = _receive(connection, _PREFIX.size)
    if not prefix:
        return None
    if len(prefix) < _PREFIX.size:
        raise BrokenFrame("cut short")
    head_bytes, body_bytes = _PREFIX.unpack(prefix)
    if head_bytes + body_bytes > maximum_bytes:
        raise BrokenFrame("too long")
    head, body = _receive(connection, head_bytes), _receive(connection, body_bytes)
    if len(head) < head_bytes or len(body) < body_bytes:
        raise BrokenFrame("cut short")
    return _frame(head, body)


def _frame(head: bytes, body: bytes) -> Frame:
    try:
        header = json.loads(head)
        sizes = [int(size) for size in header.pop("blob_sizes")]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise BrokenFrame("not a frame") from error
    if min(sizes, default=0) < 0 or sum(sizes) != len(body):
        raise BrokenFrame("sizes disagree")
    blobs, at = [], 0
    for size in sizes:
        blobs.append(body[at : at + size])
        at += size
    return Frame(header, tuple(blobs))


def _receive(connection: socket.socket, size: int) -> bytes:
    pieces, left = [], size
    while left and (piece := connection.recv(min(left, _PIECE_BYTES))):
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)
