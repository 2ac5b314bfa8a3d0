#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "base/span.h"
#include "profiles/fail_counts.h"
#include "profiles/profile_info.h"

namespace brownout {

/// The writer of a measured profile (FORMAT.md, "counts"), array by array, in any order; what is
/// never added is "not measured". The file appears under its name on commit(), complete; without it
/// nothing stays behind. One thread at a time.
///
/// Memory: 4 bytes for each array, condition and direction, a few arrays, and 16 MiB for each
/// direction in use. Fastest and smallest if the arrays of a chip under one condition come one
/// after the other.
///
/// Every function throws Error: naming the file if it can't be written, or the chip, array or cell
/// that doesn't fit. After an error of add() the writer goes on as if the call hadn't been made;
/// after one that names the file only cancel() makes sense.
class CountsWriter {
 public:
    /// Begins the file. `header.referenceVoltages` and the version in `header` are ignored: a
    /// counts profile has its own.
    CountsWriter(const std::filesystem::path& path, const ProfileHeader& header,
                 const CountsShape& shape);
    ~CountsWriter();
    CountsWriter(const CountsWriter&) = delete;
    CountsWriter& operator=(const CountsWriter&) = delete;

    /// Adds one array: `fails` of every cell of it, row by row, out of `trials` reads; kNotMeasured
    /// for cells that were left out. No place may be added twice.
    void add(const CountsPlace& place, std::uint32_t trials, Span<const std::uint32_t> fails);

    /// Adds the cells that failed (or were not measured), in any order, none twice; all
    /// others were read `trials` times and never failed.
    void addSparse(const CountsPlace& place, std::uint32_t trials, Span<const CellFails> failing);

    /// Completes the file. Throws Error if nothing was added.
    void commit();

    /// Gives up: removes what was written. Nothing may be called afterwards.
    void cancel();

 private:
    class Output;
    std::unique_ptr<Output> output_;
};

}  // namespace brownout
