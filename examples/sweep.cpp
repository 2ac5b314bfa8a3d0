// Error and energy against the supply, from a C++ program: what `brownout sweep` does, as a
// library.
//
//     sweep NETWORK.onnx DATA PROFILE.h5
//
// prints a line for each of three supplies: its label, the mean error over five chips, and the
// energy of the weight memory for one inference in joules. CMakeLists.txt beside this file shows
// how to build it.
#include <cstdio>
#include <exception>

#include "emulation/campaign.h"
#include "inference/onnx/onnx_import.h"

int main(int argc, char** argv) {
    using namespace brownout;
    if (argc != 4) return std::fprintf(stderr, "usage: sweep NETWORK.onnx DATA PROFILE.h5\n"), 2;
    try {
        CampaignRequest request;
        request.networks.push_back(requestFor(importOnnx(argv[1])));
        request.data = openDataset(argv[2], 500);
        request.memory.profile = Profile::open(argv[3]);
        request.supplies = {{{1}, "1"}, {{0.875}, "0.875"}, {{0.833}, "0.833"}};
        request.chips = 5;

        const Summary summary = Campaign(std::move(request)).run();
        for (const SummaryRow& row : summary.rows) {
            std::printf("%s %.17g %.17g\n", summary.campaign.points[row.point].label.c_str(),
                        row.main().faulty->mean, row.energyPerInferenceJ.value_or(0));
        }
    } catch (const std::exception& error) {
        std::fprintf(stderr, "sweep: %s\n", error.what());
        return 1;
    }
}
