#include <string>
#include <vector>

#include "base/error.h"
#include "emulation/campaign.h"
#include "tools/brownout/campaign_run.h"
#include "tools/brownout/commands.h"
#include "tools/brownout/sweep_request.h"

namespace brownout {

ExitStatus runSensitivity(const std::vector<std::string>& arguments) {
    CommandLine line(
        "sensitivity --model FILE... --data DATA [--by bit|layer|bit,layer] [options]",
        "Lets the cells of one part of the stored weights fail alone, part by part (each bit "
        "position, each\n"
        "layer, or each bit position of each layer), and tells the largest bit error rate among "
        "the "
        "cells of\n"
        "that part which the network stands:\n\n"
        "  BERZAD    no drop of accuracy is seen: the 95 % interval of the mean drop over fault "
        "maps "
        "reaches 0\n"
        "  BERZAD_d  the mean drop is shown to be below --drop percentage points, with 95 % "
        "confidence,\n"
        "            whatever the maps that were not drawn are like\n\n"
        "Rates are searched upwards, from one expected fault, in steps of 1, 2, 5; the search "
        "stops "
        "at the\n"
        "first rate at which the drop is not shown to be small. Every decision is in the results "
        "with what it\n"
        "rests on. Maps without a fault cost nothing. To show a drop below 1 point takes at least "
        "314 maps: one\n"
        "dead map in a hundred would cost as much.\n\n"
        "With --out, every trial is on the disk before the next begins, and the same command goes "
        "on "
        "where it\n"
        "stopped. The folder then holds results.sqlite, report.html (with a map of layers and "
        "bits),\n"
        "sensitivity.json, sensitivity.csv and trials.csv.",
        "  brownout sensitivity -m inference/zoo/fashion-rquant.onnx -d fashion-mnist\n"
        "  brownout sensitivity -m inference/zoo/fashion-rquant.onnx -d fashion-mnist --by layer "
        "--drop 2\n"
        "  brownout sensitivity -m net.onnx -d images.h5 --format fp32,bf16,int8 --by bit,layer "
        "--out sensitivity/");
    addSensitivityOptions(line);
    addRunOptions(line);
    if (!line.parse(arguments)) return ExitStatus::kSuccess;
    const Campaign campaign = line.named([&] { return Campaign(sensitivityRequest(line)); });
    return runAndPutOut(campaign, Shard(), line, "sensitivity", arguments);
}

}  // namespace brownout
