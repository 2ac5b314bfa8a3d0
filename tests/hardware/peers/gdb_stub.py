"""A GDB stub over 64 KiB at 0x20000000, written from the GDB manual and not from Brownout's code.

It does what is allowed and rare: answers with run lengths, asks for every fifth packet again, damages every
seventh answer until it is asked for again, takes no binary writes, has small packets, and sends answers in two
pieces. Listens at the port that is its argument, or at a free one. Prints "listening at PORT".
"""

import socket
import sys
import time

BASE = 0x20000000
MEMORY = bytearray(65536)


def checksum(body: bytes) -> bytes:
    return b"%02x" % (sum(body) & 255)


def with_runs(body: bytes) -> bytes:
    out = b""
    i = 0
    while i < len(body):
        run = 1
        while i + run < len(body) and body[i + run] == body[i] and run < 98:
            run += 1
        # Counts that would be '#', '$', '+' or '-' are not allowed.
        while run > 3 and chr(run - 1 + 29) in "#$+-":
            run -= 1
        if run > 3:
            out += bytes([body[i]]) + b"*" + bytes([run - 1 + 29])
        else:
            out += body[i : i + 1] * run
        i += run
    return out


def answer(body: bytes) -> bytes:
    if body.startswith(b"qSupported"):
        return b"PacketSize=190;qXfer:features:read-"
    if body == b"?":
        return b"T05thread:01;"
    if body.startswith(b"H"):
        return b"OK"
    if body[:1] in b"mM":
        head, _, data = body[1:].partition(b":")
        address, length = (int(part, 16) for part in head.split(b","))
        at = address - BASE
        if at < 0 or at + length > len(MEMORY):
            return b"E01"
        if body[:1] == b"m":
            return MEMORY[at : at + length].hex().encode()
        MEMORY[at : at + length] = bytes.fromhex(data.decode())
        return b"OK"
    return b""


def serve(link: socket.socket) -> None:
    pending, packets, last = b"", 0, b""
    while True:
        data = link.recv(4096)
        if not data:
            return
        pending += data
        while pending:
            if pending[:1] == b"-":
                link.sendall(last)
                pending = pending[1:]
            elif pending[:1] != b"$":
                pending = pending[1:]
            else:
                end = pending.find(b"#")
                if end < 0 or len(pending) < end + 3:
                    break
                body, total = pending[1:end], pending[end + 1 : end + 3]
                pending = pending[end + 3 :]
                packets += 1
                if checksum(body) != total or packets % 5 == 0:
                    link.sendall(b"-")
                    continue
                sent = with_runs(answer(body))
                last = b"$" + sent + b"#" + checksum(sent)
                link.sendall(b"+")
                out = last
                if packets % 7 == 0 and sent:
                    out = b"$" + bytes([sent[0] ^ 1]) + sent[1:] + b"#" + checksum(sent)
                link.sendall(out[:3])
                time.sleep(0.0002)
                link.sendall(out[3:])


def main() -> None:
    with socket.create_server(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 0)) as server:
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
