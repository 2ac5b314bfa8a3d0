// Measures how fast the engine runs a network on one thread: a worker of peers/speed.py, which
// describes the protocol.
//
//   brownout-network-speed NETWORK [--exact]

#include <ctime>
#include <iostream>
#include <string>
#include <vector>

#include "base/error.h"
#include "inference/engines/engine.h"
#include "inference/onnx/onnx_import.h"

namespace brownout {
namespace {

double processSeconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// Returns the images a second in batches of `batch`, measured for `seconds`.
double speed(Engine& engine, std::size_t batch, double seconds) {
    std::vector<float> images(batch * engine.imageElements());
    for (std::size_t i = 0; i < images.size(); ++i) images[i] = static_cast<float>(i % 17) / 17;
    std::vector<float> outputs(batch * engine.outputs());
    engine.run(images.data(), batch, outputs.data());
    const double begin = processSeconds();
    double spent = 0;
    std::size_t done = 0;
    while (spent < seconds) {
        engine.run(images.data(), batch, outputs.data());
        done += batch;
        spent = processSeconds() - begin;
    }
    return static_cast<double>(done) / spent;
}

void answer(const char* network, bool exact) {
    const auto engine = makeEngine(importOnnx(network), {EngineOutputs::kOwn, {}, exact});
    std::size_t batch = 0;
    double seconds = 0;
    while (std::cin >> batch >> seconds) std::cout << speed(*engine, batch, seconds) << std::endl;
}

}  // namespace
}  // namespace brownout

int main(int count, char** arguments) {
    const bool exact = count == 3 && std::string(arguments[2]) == "--exact";
    if (count != 2 && !exact) {
        std::cerr << "usage: brownout-network-speed NETWORK [--exact]\n";
        return 2;
    }
    try {
        brownout::answer(arguments[1], exact);
    } catch (const brownout::Error& error) {
        std::cerr << "brownout-network-speed: " << error.what() << "\n";
        return 1;
    }
    return 0;
}
