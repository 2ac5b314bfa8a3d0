// The fuzzer of one target, BROWNOUT_FUZZ_TARGET: libFuzzer brings main().

#include <cstdlib>

#include "tests/fuzz/fuzz_targets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static void (*const run)(const std::uint8_t*, std::size_t) = [] {
        for (const auto& target : brownout::fuzz::fuzzTargets()) {
            if (target.name == BROWNOUT_FUZZ_TARGET) return target.run;
        }
        std::abort();
    }();
    run(data, size);
    return 0;
}
