#pragma once

#include <cstdint>
#include <vector>

#include "model/march.h"
#include "profiles/counts_writer.h"

namespace brownout {

/// How often each cell of a chip failed under one condition.
class CellCounts {
 public:
    explicit CellCounts(const SramGeometry& geometry);

    /// Adds the findings of one run.
    void add(const MarchFindings& findings);

    /// Adds all arrays of the chip to the file, as counted in `trials` runs.
    void writeTo(CountsWriter& writer, CountsPlace place, std::uint32_t trials) const;

 private:
    void addWord(std::vector<std::uint32_t>& fails, std::uint64_t word, Word bits) const;
    std::vector<CellFails> failingIn(const std::vector<std::uint32_t>& fails,
                                     std::uint32_t array) const;

    SramGeometry geometry_;
    std::vector<std::uint32_t> fails01_;
    std::vector<std::uint32_t> fails10_;
};

}  // namespace brownout
