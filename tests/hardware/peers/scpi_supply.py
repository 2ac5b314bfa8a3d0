"""A supply with one channel, 0 to 2 V, that speaks SCPI: written from SCPI-1999 and not from Brownout's code.

It serves one connection at a time, as many instruments do. Prints "listening at PORT". Answers end with carriage
return and line feed, numbers are in exponents.
"""

import contextlib
import socket
import sys


class Supply:
    def __init__(self, name: str = "Schoolbook,PSU1,42,1.0") -> None:
        self.name = name
        self.volts, self.enable, self.errors = 0.9, 0, []

    def answer(self, line: str) -> str | None:
        command, _, argument = line.strip().partition(" ")
        command = command.upper()
        if command == "*IDN?":
            return self.name
        if command == "*CLS":
            self.errors.clear()
        elif command == "*ESE":
            self.enable = int(argument)
        elif command == "*ESE?":
            return f"{self.enable}"
        elif command in ("VOLT", "SOUR:VOLT"):
            if 0 <= float(argument) <= 2:
                self.volts = float(argument)
            else:
                self.errors.append('-222,"Data out of range"')
        elif command == "MEAS:VOLT?":
            return f"{self.volts + 0.0004:+.5E}"
        elif command == "SYST:ERR?":
            return self.errors.pop(0) if self.errors else '+0,"No error"'
        else:
            self.errors.append('-113,"Undefined header"')
        return None


def serve(supply: Supply, server: socket.socket, lock=contextlib.nullcontext()) -> None:
    """Serves one connection after the other; holds `lock` while the supply does something."""
    while True:
        link, _ = server.accept()
        try:
            for line in link.makefile("r", newline="\n"):
                with lock:
                    answer = supply.answer(line)
                if answer is not None:
                    link.sendall(answer.encode() + b"\r\n")
        except OSError:
            pass  # the program at the other end has gone
        finally:
            link.close()


def main() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        print("listening at", server.getsockname()[1], flush=True)
        serve(Supply(), server)


if __name__ == "__main__":
    sys.exit(main())
