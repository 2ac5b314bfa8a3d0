#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "tests/rtl/march_text.h"
#include "tests/rtl/rtl_buffer.h"

namespace brownout::rtl_test {

/// The verilated march_bist is made for so many words of so many bits (CMakeLists.txt).
constexpr std::uint32_t kMarchWords = 40;
constexpr std::uint32_t kMarchBits = 70;

/// A wrong read as the BIST reports it.
struct MarchFailure {
    std::uint32_t word;
    Wide syndrome, expected;
};

/// A memory for the BIST to test: may do to its cells whatever a defect does.
class MarchMemory {
 public:
    virtual ~MarchMemory() = default;
    virtual void write(std::uint32_t word, Wide value) = 0;
    virtual Wide read(std::uint32_t word) = 0;
};

struct MarchRun {
    std::vector<MarchAccess> accesses;  ///< values relative to the background
    std::vector<MarchFailure> failures;
    std::uint64_t cycles = 0;  ///< from the start to done
    bool failed = false;
    bool contractBroken = false;
};

struct MarchSettings {
    std::uint8_t algorithm = 0;
    std::uint32_t last = kMarchWords - 1;
    Wide background;
    /// Whether the reader of failures is ready in the coming cycle.
    std::function<bool()> ready = [] { return true; };
    /// Breaks a rule: changes the background in the middle, or starts again.
    bool changeBackground = false;
    bool startAgain = false;
};

/// Runs the verilated march_bist on `memory` until it is done. Throws std::runtime_error if it
/// never is.
MarchRun runMarch(MarchMemory& memory, const MarchSettings& settings);

}  // namespace brownout::rtl_test
