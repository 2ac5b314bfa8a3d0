"""The supply of scpi_supply.py behind VXI-11, written from RFC 5531, RFC 1833 and VXI-11 1.0 and not from Brownout's code.

It has a loopback address of its own, with a portmapper at port 111 (UDP and TCP) and the core channel, and the same
supply behind a raw socket. Prints "listening at PORT of ADDRESS", the port of the raw socket, or "no port 111 here".

    vxi11_supply.py [--address A] [--name IDENTITY] [--mute] [--faults SEED:SHARE] [--slow MESSAGE]

--mute: the core channel takes calls and never answers. --faults: that share of the replies to reads and writes is
lost, late, cut, truncated, doubled, an error, of another call, or longer than anybody can want; each is printed. --slow: that message is carried out at
once, and its reply comes half a second later.
"""

import argparse
import contextlib
import os
import random
import socket
import struct
import sys
import threading
import time

from scpi_supply import Supply, serve

PORTMAPPER, CORE = 100000, 0x0607AF
CREATE_LINK, WRITE, READ, DESTROY_LINK = 10, 11, 12, 23
NO_LINK, TIMEOUT = 4, 15
FAULTS = ("lost", "late", "cut", "truncated", "doubled", "error", "another", "long")
LOCK = threading.Lock()


def word(number: int) -> bytes:
    return struct.pack(">I", number & 0xFFFFFFFF)


def opaque(data: bytes) -> bytes:
    return word(len(data)) + data + bytes(-len(data) % 4)


class Call:
    """A call of RFC 5531: its header, and arguments that are taken from the front."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.id, _, _, self.program, self.version, self.procedure = (self.take() for _ in range(6))
        for _ in range(2):  # credentials and verifier
            self.take()
            self.take_opaque()

    def take(self) -> int:
        (number,) = struct.unpack(">I", self.data[:4])
        self.data = self.data[4:]
        return number

    def take_opaque(self) -> bytes:
        size = self.take()
        data, self.data = self.data[:size], self.data[size + -size % 4 :]
        return data

    def reply(self, result: bytes) -> bytes:
        return word(self.id) + word(1) + word(0) + word(0) + word(0) + word(0) + result

    def refusal(self) -> bytes:
        """Says that only version 2 is spoken."""
        return word(self.id) + word(1) + word(0) + word(0) + word(0) + word(2) + word(2) + word(2)


def record(data: bytes) -> bytes:
    return word(0x80000000 | len(data)) + data


def records(link: socket.socket):
    file = link.makefile("rb")
    data = b""
    while len(head := file.read(4)) == 4:
        (mark,) = struct.unpack(">I", head)
        data += file.read(mark & 0x7FFFFFFF)
        if mark >> 31:
            yield data
            data = b""


def map_port(data: bytes, port: int) -> bytes:
    call = Call(data)
    if call.version != 2:
        return call.refusal()
    if call.procedure != 3:
        return call.reply(b"")
    known = call.take() == CORE and call.take() == 1
    return call.reply(word(port if known else 0))


class Link:
    """One link of the core channel: messages in, answers that wait to be read."""

    def __init__(self, supply: Supply) -> None:
        self.supply, self.output = supply, b""

    def carry_out(self, call: Call) -> bytes:
        if call.procedure == CREATE_LINK:
            for _ in range(3):
                call.take()
            good = call.take_opaque() == b"inst0"
            self.known = good
            return word(0 if good else 3) + word(7) + word(0) + word(1024)
        if call.take() != 7 or not self.known:
            return word(NO_LINK) + word(0) + word(0)
        if call.procedure == WRITE:
            for _ in range(3):
                call.take()
            message = call.take_opaque()
            with LOCK:
                if self.output:
                    self.supply.errors.append('-410,"Query INTERRUPTED"')
                answer = self.supply.answer(message.decode())
            self.output = b"" if answer is None else answer.encode() + b"\n"
            return word(0) + word(len(message))
        if call.procedure == READ:
            if not self.output:
                with LOCK:
                    self.supply.errors.append('-420,"Query UNTERMINATED"')
                return word(TIMEOUT) + word(0) + opaque(b"")
            size = call.take()
            data, self.output = self.output[:size], self.output[size:]
            return word(0) + word(1 if self.output else 4) + opaque(data)
        return word(0)


class Faults:
    def __init__(self, seed: int, share: float, slow: str) -> None:
        self.random, self.share, self.slow = random.Random(seed), share, slow

    def send(self, link: socket.socket, call: Call, result: bytes) -> None:
        reply = record(call.reply(result))
        with LOCK:
            hit = call.procedure in (WRITE, READ) and self.random.random() < self.share
            kind = self.random.choice(FAULTS) if hit else ""
            cut = self.random.randrange(len(reply))
        if hit:
            print(kind, flush=True)
        if kind == "late":
            time.sleep(1.2)
        elif kind == "cut":
            link.sendall(reply[:cut])
            link.shutdown(socket.SHUT_RDWR)
            return
        elif kind == "truncated":
            reply = record(reply[4 : max(cut, 5)])
        elif kind == "doubled":
            reply += reply
        elif kind == "error":
            reply = record(call.reply(word(17) + word(0) + word(0)))
        elif kind == "another":
            call.id ^= 1
            reply = record(call.reply(result))
        elif kind == "long":
            reply = record(call.reply(word(0) + word(4) + opaque(b"8" * 100_000)))
        if kind != "lost":
            link.sendall(reply)


def serve_core(link: socket.socket, supply: Supply, faults: Faults, mute: bool) -> None:
    state = Link(supply)
    try:
        for data in records(link):
            call = Call(data)
            slow = faults.slow and faults.slow.encode() in call.data
            if not mute:
                result = state.carry_out(call)
                time.sleep(0.5 if slow else 0)
                faults.send(link, call, result)
    except OSError:
        pass  # the program at the other end has gone
    finally:
        link.close()


def accept_all(server: socket.socket, work) -> None:
    while True:
        link, _ = server.accept()
        threading.Thread(target=work, args=(link,), daemon=True).start()


def map_over_tcp(link: socket.socket, port: int) -> None:
    with link, contextlib.suppress(OSError):
        for data in records(link):
            link.sendall(record(map_port(data, port)))


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    unique = os.getpid()
    options.add_argument("--address", default=f"127.{1 + unique // 62500 % 254}.{unique // 250 % 250}.{1 + unique % 250}")
    options.add_argument("--name", default="Schoolbook,PSU1,42,1.0")
    options.add_argument("--mute", action="store_true")
    options.add_argument("--faults", default="0:0")
    options.add_argument("--slow", default="")
    given = options.parse_args()
    seed, share = given.faults.split(":")
    faults = Faults(int(seed), float(share), given.slow)
    supply = Supply(given.name)
    try:
        mapper = socket.create_server((given.address, 111))
        datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        datagrams.bind((given.address, 111))
    except OSError as error:
        print("no port 111 here:", error, flush=True)
        return 1
    core = socket.create_server((given.address, 0))
    port = core.getsockname()[1]
    raw = socket.create_server((given.address, 0))

    def start(work, *arguments) -> None:
        threading.Thread(target=work, args=arguments, daemon=True).start()

    start(accept_all, core, lambda link: serve_core(link, supply, faults, given.mute))
    start(accept_all, mapper, lambda link: map_over_tcp(link, port))
    start(serve, supply, raw, LOCK)
    print("listening at", raw.getsockname()[1], "of", given.address, flush=True)
    while True:
        data, caller = datagrams.recvfrom(1500)
        datagrams.sendto(map_port(data, port), caller)


if __name__ == "__main__":
    sys.exit(main())
