#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "tests/rtl/march_text.h"
#include "tests/rtl/rtl_buffer.h"

namespace brownout::rtl_test {

/// Words and bits a word that the verilated march_bist is made for (CMakeLists.txt).
constexpr std::uint32_t kMarchWords = 40;
constexpr std::uint32_t kMarchBits = 70;

/// A wrong read as the BIST reports it.
struct MarchFailure {
    std::uint32_t word;
    Wide syndrome, expected;
};

/// A memory for the BIST to test; it may do to its cells whatever a defect does.
class MarchMemory {
 public:
    virtual ~MarchMemory() = default;
    virtual void write(std::uint32_t word, Wide value) = 0;
    virtual Wide read(std::uint32_t word) = 0;
};

/// The course and the result of a test.
struct MarchRun {
    std::vector<MarchAccess> accesses;  ///< values relative to the background
    std::vector<MarchFailure> failures;
    std::uint64_t cycles = 0;  ///< from the start to done
    bool failed = false;
    bool contractBroken = false;
};

/// The course that a test is to take.
struct MarchSettings {
    std::uint8_t algorithm = 0;
    std::uint32_t last = kMarchWords - 1;
    Wide background;
    /// Returns whether the reader of failures is ready in the coming cycle.
    std::function<bool()> ready = [] { return true; };
    /// Rules to break: the background changes in the middle, or the test is started again.
    bool changeBackground = false;
    bool startAgain = false;
};

/// Runs the verilated march_bist on `memory` until it is done. Throws std::runtime_error if it
/// never is.
MarchRun runMarch(MarchMemory& memory, const MarchSettings& settings);

}  // namespace brownout::rtl_test
