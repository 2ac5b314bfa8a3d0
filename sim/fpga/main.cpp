// fpga-simulation: the FPGA designs of rtl/fpga in simulation, at a TCP port or a pseudo-terminal.

#include <fcntl.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <iostream>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/input.h"
#include "hardware/connection/serial_stream.h"
#include "hardware/connection/tcp_stream.h"
#include "sim/fpga/fpga_server.h"

namespace brownout {
namespace {

constexpr const char* kUsage =
    "Usage: fpga-simulation [--codec NAME] [--uart] [--listen HOST:PORT | --pty]\n"
    "\n"
    "Simulates the weight buffer of rtl/fpga that plays failing chips: 32 banks of 512 x 64, with "
    "a\n"
    "codec of --protection (none). Says in one line where it is, then serves one client after the\n"
    "other until it gets SIGTERM or SIGINT. Stored words and masks stay between clients.\n"
    "\n"
    "  --codec NAME        none, parity, parity-byte, secded, op-8, op-16, op-32, op-64 or\n"
    "                      in-place-ecc\n"
    "  --uart              through the serial pins, bit by bit; codec none only\n"
    "  --listen HOST:PORT  at a TCP port (127.0.0.1:0: a free one)\n"
    "  --pty               at a new pseudo-terminal\n";

volatile std::sig_atomic_t stopped = 0;
void stopSoon(int) { stopped = 1; }
bool isStopped() { return stopped != 0; }

struct Options {
    std::string codec = "none";
    bool uart = false;
    bool pty = false;
    std::string listen = "127.0.0.1:0";
};

Options parse(const std::vector<std::string>& arguments) {
    Options options;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string& argument = arguments[i];
        const auto value = [&]() -> const std::string& {
            if (++i == arguments.size()) throw UsageError(argument, "a value is missing");
            return arguments[i];
        };
        if (argument == "--codec") {
            options.codec = value();
        } else if (argument == "--uart") {
            options.uart = true;
        } else if (argument == "--listen") {
            options.listen = value();
        } else if (argument == "--pty") {
            options.pty = true;
        } else {
            throw UsageError(argument, "unknown; see --help");
        }
    }
    return options;
}

void serveTcp(FpgaModel& fpga, const TcpAddress& address) {
    TcpListener listener(address);
    std::cout << "listening at tcp://" << listener.address().text() << std::endl;
    while (!isStopped()) {
        const auto client = listener.accept(Deadline::in(std::chrono::milliseconds(100)));
        if (!client) continue;
        try {
            serve(fpga, *client, isStopped);
        } catch (const Error&) {
            // The client is gone; the next one may come.
        }
    }
}

void servePseudoTerminal(FpgaModel& fpga) {
    const int master = ::posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (master < 0 || ::grantpt(master) != 0 || ::unlockpt(master) != 0) {
        throw ioError("/dev/ptmx", "gives no pseudo-terminal", errno);
    }
    SerialStream stream(master, "pseudo-terminal");
    const std::string name = ::ptsname(master);
    // Held open, so that the terminal outlives its clients; raw from the start, so that it echoes
    // nothing.
    const auto held = SerialStream::open(name, 115200);
    std::cout << "listening at uart://" << name << std::endl;
    serve(fpga, stream, isStopped);
}

void run(const std::vector<std::string>& arguments) {
    const Options options = parse(arguments);
    if (options.uart && options.codec != "none") {
        throw UsageError("--uart", "has the codec none only, not " + quoted(options.codec));
    }
    const auto fpga = options.uart ? makeUartFpga() : makeFpga(options.codec);
    if (!fpga) {
        throw UsageError("--codec", quoted(options.codec) + "; see --help for those there are");
    }
    if (options.pty) {
        servePseudoTerminal(*fpga);
    } else {
        serveTcp(*fpga, parseTcpAddress("--listen", options.listen));
    }
}

}  // namespace
}  // namespace brownout

int main(int count, char** values) {
    const std::vector<std::string> arguments(values + 1, values + count);
    for (const std::string& argument : arguments) {
        if (argument != "--help") continue;
        std::cout << brownout::kUsage;
        return 0;
    }
    std::signal(SIGTERM, brownout::stopSoon);
    std::signal(SIGINT, brownout::stopSoon);
    try {
        brownout::run(arguments);
    } catch (const brownout::Error& error) {
        std::cerr << "fpga-simulation: " << error.what() << "\n";
        return static_cast<int>(error.status());
    }
    return 0;
}
