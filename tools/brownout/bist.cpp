#include "hardware/debugger/open_target.h"
#include "tools/brownout/bist_device.h"
#include "tools/brownout/bist_simulated.h"
#include "tools/brownout/commands.h"
#include "tools/brownout/device_options.h"

namespace brownout {
namespace po = boost::program_options;

ExitStatus runBist(const std::vector<std::string>& arguments) {
    CommandLine line(
        "bist (--profile FILE | --target gdb://HOST:PORT) --voltages LIST --out FILE [options]",
        "Tests chips of a profile in the simulated hardware as their maker would: at each supply, "
        "the chip's faults\n"
        "are loaded, a March test runs, and the addresses and failing bits that it reports are "
        "written as a measured\n"
        "profile (encoding counts), which 'sweep' takes like any other. The RTL tests itself "
        "(weight_buffer_bist);\n"
        "on the SystemC memory an initiator runs the same March test.\n\n"
        "Cells that fail only sometimes are drawn afresh for each of --repeats runs; a run in "
        "which "
        "a cell failed in\n"
        "any read counts as one failing read of so many.\n\n"
        "With --target gdb://HOST:PORT the memory and its supply are real "
        "(docs/hardware-in-the-loop.md), and\n"
        "so are the fails.",
        "  brownout bist -p chip.h5 -v 0.9,0.85,0.8 -o measured.h5\n"
        "  brownout bist -p profiles/14nm.h5 --chips 4 -v 0.833 --algorithm march-ss --repeats 20 "
        "-o measured.h5\n"
        "  brownout bist --target gdb://127.0.0.1:3333 --memory-base 0x20000000 --words 16384 "
        "--supply-control scpi://bench --limits 0.5V:0.9V --nominal 0.9V -v 0.8V:0.6V:0.02V "
        "--repeats 100 -o chip.h5");
    line.options().add_options()                                                      //
        ("profile,p", po::value<std::string>()->value_name("FILE"), "chips to test")  //
        ("chip", po::value<std::string>()->value_name("N")->default_value("0"),
         "chip of the profile, from 0")  //
        ("chips", po::value<std::string>()->value_name("N"),
         "instead of one: the first N chips")  //
        ("voltages,v", po::value<std::string>()->value_name("LIST")->default_value("profile"),
         "supplies, as for 'sweep'")  //
        ("algorithm", po::value<std::string>()->value_name("NAME")->default_value("march-c-"),
         "March test: mats+ (5N), march-c- (10N) or march-ss (22N)")  //
        ("target", po::value<std::string>()->value_name("WHAT")->default_value("rtl"),
         "simulated hardware: rtl or systemc; or a real memory, gdb://HOST:PORT")  //
        ("repeats", po::value<std::string>()->value_name("N")->default_value("1"),
         "runs at each supply, each with cells that fail sometimes drawn afresh")  //
        ("out,o", po::value<std::string>()->value_name("FILE"), "the profile to write");
    addBistSimulation(line);
    addDeviceOptions(line);
    if (!line.parse(arguments)) return ExitStatus::kSuccess;
    line.require("out", "the profile to write");
    const auto& target = line.get<std::string>("target");
    if (isTargetUrl(target)) return bistDevice(target, line);
    refuseDeviceOptions(line, target);
    return bistSimulated(line);
}

}  // namespace brownout
