#include <csignal>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/input.h"
#include "hardware/bench/bench_server.h"
#include "hardware/debugger/target_memory.h"
#include "profiles/profile_chips.h"
#include "tools/brownout/chip_option.h"
#include "tools/brownout/command_line.h"
#include "tools/brownout/commands.h"
#include "tools/brownout/device_options.h"
#include "tools/brownout/tried_files.h"
#include "tools/brownout/voltage.h"

namespace brownout {
namespace {

namespace po = boost::program_options;

volatile std::sig_atomic_t ended = 0;

/// Makes SIGTERM and SIGINT the way to end the bench, which loses nothing by it.
void endOnSignals() {
    struct sigaction action {};
    action.sa_handler = [](int) { ended = 1; };
    ::sigaction(SIGTERM, &action, nullptr);
    ::sigaction(SIGINT, &action, nullptr);
}

/// Returns the volts, above 0, that an option has.
double positiveVoltsIn(const CommandLine& line, const char* option) {
    const double volts = voltsIn(line, option);
    if (volts > 0) return volts;
    throw UsageError(std::string("--") + option, "expected more than 0 V");
}

/// Returns the conversion of volts at the instrument to supplies of the profile. Above the highest
/// supply that the profile knows, the chip is as it is there.
BenchMemory::Conversion conversionFor(const Profile& profile, const CommandLine& line) {
    const Device& device = profile.device();
    double unitV = 1;
    if (device.unit == VoltageUnit::kVmin) {
        if (line.has("vmin")) {
            unitV = positiveVoltsIn(line, "vmin");
        } else if (device.vminV) {
            unitV = *device.vminV;
        } else {
            throw UsageError("--vmin", "is missing: " + profile.path().string() +
                                           " doesn't say how many volts Vmin is");
        }
    } else if (line.has("vmin")) {
        throw UsageError("--vmin", profile.path().string() + " is in volts already");
    }
    const auto temperature = profile.supplies().temperature(std::nullopt);
    return [profile, unitV, temperature](double volts) {
        const SupplyRange& range = profile.supplies();
        const double supply = std::min(volts / unitV, range.highest());
        return OperatingPoint{range.supply({supply, range.unit()}, temperature), temperature, {}};
    };
}

std::unique_ptr<BenchMemory> memoryFor(const Profile& profile, const CommandLine& line) {
    const std::uint32_t chip = chipNumber(line, "chip", profile);
    const auto& failure = line.get<std::string>("failure");
    if (failure != "read" && failure != "retention") {
        throw UsageError("--failure", quoted(failure) + "; expected read or retention");
    }
    return std::make_unique<BenchMemory>(
        std::make_shared<ProfileChips>(profile), LoadId{line.common().seed, chip, 0},
        conversionFor(profile, line), memoryBaseIn(line),
        failure == "read" ? BenchFailure::kRead : BenchFailure::kRetention);
}

}  // namespace

ExitStatus runBench(const std::vector<std::string>& arguments) {
    CommandLine line(
        "bench --profile FILE --gdb HOST:PORT --scpi HOST:PORT [options]",
        "Serves a bench without hardware: a GDB stub, behind which lies the memory of one chip of "
        "a "
        "profile, and\n"
        "an instrument that speaks SCPI, which is the supply of that chip. The memory fails as the "
        "chip does at\n"
        "the voltage that the instrument's output is at, also on its way from one voltage to the "
        "next. Writes\n"
        "always succeed. Everything that sets a supply and reads a memory can be tried on it "
        "before "
        "it meets\n"
        "silicon. One line says when both ports listen (port 0 is one that the system chooses); "
        "SIGTERM ends it.\n\n"
        "Cells that fail in some reads only are drawn anew for every request of the debugger. "
        "Above "
        "the highest\n"
        "supply that the profile knows, the chip is as it is there.",
        "  brownout bench -p chip.h5 --gdb 127.0.0.1:3333 --scpi 127.0.0.1:5025\n"
        "  brownout bench -p profiles/14nm.h5 --vmin 0.6V --chip 3 --gdb 127.0.0.1:0 --scpi "
        "127.0.0.1:0");
    line.options().add_options()                                                                //
        ("profile,p", po::value<std::string>()->value_name("FILE"), "the profile of the chip")  //
        ("chip", po::value<std::string>()->value_name("N")->default_value("0"),
         "chip of the profile, from 0")  //
        ("gdb", po::value<std::string>()->value_name("HOST:PORT"),
         "where the debugger's port listens")  //
        ("scpi", po::value<std::string>()->value_name("HOST:PORT"),
         "where the instrument listens")  //
        ("memory-base",
         po::value<std::string>()->value_name("ADDRESS")->default_value("0x20000000"),
         "address of the chip's first word")  //
        ("nominal", po::value<std::string>()->value_name("V")->default_value("0.9V"),
         "voltage of the output at the beginning")  //
        ("vmin", po::value<std::string>()->value_name("V"),
         "Vmin in volts, for a profile that doesn't say")  //
        ("slew", po::value<std::string>()->value_name("V/s")->default_value("10"),
         "rate at which the output moves")  //
        ("failure", po::value<std::string>()->value_name("WHEN")->default_value("read"),
         "when cells fail: at each read, by the supply of that moment (read), or in what is "
         "stored, "
         "by the lowest supply since it was written (retention)");
    if (!line.parse(arguments)) return ExitStatus::kSuccess;
    line.require("profile", "the profile of the chip");
    line.require("gdb", "where the debugger's port listens");
    line.require("scpi", "where the instrument listens");
    const Profile profile = openProfile(line.get<std::string>("profile"));
    auto memory = memoryFor(profile, line);
    BenchServer::Settings settings;
    settings.gdb = parseTcpAddress("--gdb", line.get<std::string>("gdb"));
    settings.scpi = parseTcpAddress("--scpi", line.get<std::string>("scpi"));
    settings.nominalV = positiveVoltsIn(line, "nominal");
    settings.voltsPerSecond = parseNumber("--slew", line.get<std::string>("slew"));
    if (settings.voltsPerSecond <= 0) throw UsageError("--slew", "expected more than 0 V/s");
    settings.identity = "Brownout,Bench," +
                        profile.chipsFingerprint(profile.chipCount()).substr(0, 12) + " chip " +
                        line.get<std::string>("chip") + "," BROWNOUT_VERSION;
    const std::uint64_t base = memory->base();
    BenchServer server(std::move(memory), settings);
    endOnSignals();
    const std::string gdb = "gdb://" + server.gdbAddress().text();
    const std::string scpi = "scpi://" + server.scpiAddress().text();
    const SramGeometry& geometry = profile.device().geometry;
    if (line.common().json) {
        std::cout << nlohmann::ordered_json{{"gdb", gdb},
                                            {"scpi", scpi},
                                            {"memory_base", base},
                                            {"words", geometry.words()},
                                            {"word_bits", geometry.wordBits()}}
                         .dump()
                  << std::endl;
    } else {
        std::cout << "listening: " << gdb << " (" << geometry.words() << " words of "
                  << geometry.wordBits() << " bits at " << hexAddress(base) << ") and " << scpi
                  << std::endl;
    }
    server.run([] { return ended != 0; });
    return ExitStatus::kSuccess;
}

}  // namespace brownout
