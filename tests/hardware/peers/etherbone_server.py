"""A server of 64 KiB at 0x20000000 that speaks Etherbone over TCP as LiteX's does: answers carry address 0.

Written from the description of the packets, not from Brownout's code. Prints "listening at PORT".
"""

import socket
import struct
import sys

BASE = 0x20000000
MEMORY = [0] * 16384


def receive(link: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        more = link.recv(count - len(data))
        if not more:
            raise ConnectionError
        data += more
    return data


def serve(link: socket.socket) -> None:
    while True:
        head = receive(link, 12)
        magic, sizes, writes, reads = struct.unpack(">HxB4xxxBB", head)
        assert magic == 0x4E6F and sizes == 0x44
        words = struct.unpack(f">{1 + writes + reads}I", receive(link, 4 * (1 + writes + reads)))
        if writes:
            for i, word in enumerate(words[1:]):
                MEMORY[(words[0] - BASE) // 4 + i] = word
        if reads:
            got = [MEMORY[(address - BASE) // 4] for address in words[1:]]
            link.sendall(struct.pack(">HBBIBBBB", 0x4E6F, 0x10, 0x44, 0, 0, 0x0F, len(got), 0))
            link.sendall(struct.pack(f">{1 + len(got)}I", 0, *got))


def main() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        print("listening at", server.getsockname()[1], flush=True)
        while True:
            link, _ = server.accept()
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                serve(link)
            except ConnectionError:
                pass


if __name__ == "__main__":
    sys.exit(main())
