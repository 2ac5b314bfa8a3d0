#include <string>
#include <vector>

#include "base/error.h"
#include "emulation/campaign.h"
#include "tools/brownout/campaign_run.h"
#include "tools/brownout/commands.h"
#include "tools/brownout/sweep_request.h"

namespace brownout {
namespace po = boost::program_options;

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
         "put every word through a memory model: functional, systemc or rtl. All give the same "
         "results; without it, only faulty words are looked at, which is far faster")  //
        ("shard", po::value<std::string>()->value_name("I/N"),
         "run part I of N of the trials, counted from 0, into a folder of its own; 'brownout "
         "merge' "
         "joins the parts");
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

    Campaign campaign = line.named([&] { return Campaign(sweepRequest(line)); });
    if (line.has("memory")) {
        const auto& name = line.get<std::string>("memory");
        line.named([&] { campaign.putThrough(name); });
    }
    return runAndPutOut(campaign, shard, line, "sweep", arguments);
}

}  // namespace brownout
