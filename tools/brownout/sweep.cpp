#include <filesystem>
#include <string>
#include <vector>

#include "base/atomic_file.h"
#include "base/error.h"
#include "emulation/campaign.h"
#include "hardware/debugger/open_target.h"
#include "hardware/device/device_memory.h"
#include "tools/brownout/campaign_run.h"
#include "tools/brownout/commands.h"
#include "tools/brownout/device_options.h"
#include "tools/brownout/sweep_request.h"

namespace brownout {
namespace po = boost::program_options;

namespace {

/// Runs a sweep through a real memory, of which all threads take turns.
ExitStatus sweepDevice(const std::string& url, const Shard& shard, const CommandLine& line,
                       const std::vector<std::string>& arguments) {
    std::string log;
    if (line.has("out")) {
        makeWritableFolder(line.get<std::string>("out"));
        log = (std::filesystem::path(line.get<std::string>("out")) / "bench.log").string();
    }
    GuardedDevice bench(line, "--memory", url, log);
    return bench.during([&] {
        Campaign campaign = line.named([&] { return Campaign(sweepRequest(line, bench.spec())); });
        for (const PointSpec& point : campaign.spec().points) {
            bench.device()->supply().requireWithinLimits(*point.voltage);
        }
        campaign.putThrough("device", [device = bench.device()](auto protection) {
            return CampaignMemory{std::make_unique<DeviceMemory>(device, std::move(protection)),
                                  nullptr};
        });
        return runAndPutOut(campaign, shard, line, "sweep", arguments);
    });
}

}  // namespace

ExitStatus runSweep(const std::vector<std::string>& arguments) {
    CommandLine line(
        "sweep --model FILE... --data DATA (--profile FILE [--voltages LIST] | --ber LIST) "
        "[options]",
        "Lays each network's weights out in the SRAM of each chip, lowers the supply, "
        "reads the\n"
        "weights back as the failing cells give them, and classifies the images: error and energy "
        "against\n"
        "voltage, with 95 % intervals over chips. With --ber, errors are uniform and there is no "
        "energy.\n\n"
        "A network carries the number format and store it was trained for in its metadata "
        "(brownout.format, or\n"
        "brownout.bits and brownout.quantizer; brownout.store); the options override them. Several "
        "formats\n"
        "('--format fp32,bf16,int8') are run on the same chips and compared.\n\n"
        "With --protection, words carry check bits, which live in arrays of the same chip and fail "
        "like\n"
        "any other cell. The results then say which share of words was corrected, detected, "
        "miscorrected\n"
        "(\"corrected\" to wrong data) and silent (wrong, and nobody knew). Energy is relative to "
        "an access\n"
        "without check bits at Vmin, so that protection shows its price.\n\n"
        "With --precision, a point takes chips until its 95 % interval is as narrow as asked, each "
        "on images\n"
        "drawn where faults change most. The table says what was asked, what was reached, and what "
        "all images\n"
        "would have taken. docs/statistics.md has the method.\n\n"
        "With --out, every trial is on the disk before the next begins: interrupt the sweep as you "
        "like, and\n"
        "the same command goes on where it stopped. The folder then holds results.sqlite, "
        "report.html,\n"
        "summary.csv, trials.csv and sweep.json. Memory: for each thread a copy of the weights of "
        "every\n"
        "network (4 bytes a weight) and one chip (16 bytes a failing cell).",
        "  brownout sweep -m inference/zoo/fashion-rquant.onnx -d fashion-mnist -p "
        "profiles/14nm.h5\n"
        "  brownout sweep -m a.onnx -m b.onnx -d images.h5 --ber 1e-4,1e-3,1e-2 --chips 50 --out "
        "results/\n"
        "  brownout sweep -m a.onnx -d cifar-10-batches-bin -p chip.h5 -v 0.60V:0.50V:0.01 "
        "--offsets 16\n"
        "  brownout sweep -m inference/zoo/fashion-rquant.onnx -d fashion-mnist -p "
        "profiles/14nm.h5 "
        "--protection none,parity-byte,secded\n"
        "  brownout sweep -m inference/zoo/fashion-rquant.onnx -d fashion-mnist --ber "
        "1e-4,1e-3,1e-2 --precision 0.2");
    addSweepOptions(line);
    addRunOptions(line);
    line.options().add_options()  //
        ("memory", po::value<std::string>()->value_name("WHAT"),
         "put every word through a memory: the models functional, systemc or rtl, or an FPGA that "
         "plays the chips (rtl/fpga) at tcp://HOST:PORT or uart:///dev/ttyUSB0?baud=1000000, which "
         "all give the results of none; or a real one, gdb://HOST:PORT (a debugger's port: "
         "OpenOCD, "
         "J-Link, QEMU, gdbserver), see docs/hardware-in-the-loop.md")  //
        ("shard", po::value<std::string>()->value_name("I/N"),
         "run part I of N of the trials, counted from 0, into a folder of its own; 'brownout "
         "merge' "
         "joins the parts");
    addDeviceOptions(line);
    if (!line.parse(arguments)) return ExitStatus::kSuccess;

    Shard shard;
    if (line.has("shard")) {
        shard = shardFromString("--shard", line.get<std::string>("shard"));
        line.require("out", "the folder of the shard");
        if (line.has("precision") || (line.get<bool>("berzad") && !line.has("ber"))) {
            throw UsageError("--shard",
                             "doesn't go with --precision or a search, whose trials follow from "
                             "one another");
        }
    }

    const std::string memory = line.has("memory") ? line.get<std::string>("memory") : "";
    if (isTargetUrl(memory)) return sweepDevice(memory, shard, line, arguments);
    refuseDeviceOptions(line, memory.empty() ? "simulated faults" : memory);
    Campaign campaign = line.named([&] { return Campaign(sweepRequest(line)); });
    if (!memory.empty()) line.named([&] { campaign.putThrough(memory); });
    return runAndPutOut(campaign, shard, line, "sweep", arguments);
}

}  // namespace brownout
