#pragma once

// All of this is called inside an Hdf5Session.

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "profiles/hdf5/counts_layout.h"
#include "profiles/hdf5/hdf5_stored_array.h"

namespace brownout {

using GridPoint = std::array<hsize_t, kCountsDimensions>;

/// A dataset of counts over six dimensions, unsigned integers whose greatest number means "not
/// measured". A dimension of size 1 holds for every index, as numpy's broadcasting has it. Errors
/// name the file and the dataset.
class Hdf5Grid {
 public:
    /// Opens a dataset. Throws Error if it is stored in a way that profiles don't use, or if it has
    /// chunks that were never written and a fill value other than "not measured".
    Hdf5Grid(hid_t parent, const std::string& name, std::string place);

    /// Checks the shape. Throws Error if it is neither `shape` nor, where `broadcasts`, 1 in some
    /// dimensions.
    void requireShape(const GridPoint& shape, bool broadcasts) const;
    bool isOne(unsigned dimension) const { return array_.shape()[dimension] == 1; }
    const std::string& place() const { return array_.place(); }
    void close() { array_.close(); }

    /// Reads the rows [firstRow, firstRow + rows) of one condition: rows * columns numbers, or
    /// fewer where the rows or columns are one for all; kNotMeasured where nothing was measured.
    /// `scratch` is memory to work in, best kept from call to call.
    void readRows(GridPoint first, std::uint64_t rows, std::vector<std::uint32_t>& out,
                  std::vector<std::uint16_t>& scratch) const;

    /// Reads the chunks that are stored, 64 million cells at most, and drops them: for finding out
    /// whether that goes well.
    void readAll() const;

    [[noreturn]] void fail(const std::string& problem) const { array_.fail(problem); }

 private:
    void checkFill() const;
    void readContiguous() const;
    void readChunks() const;
    std::uint64_t chunksOfGrid() const;
    void readBox(const GridPoint& first, const GridPoint& extent, std::vector<std::uint32_t>& out,
                 std::vector<std::uint16_t>& scratch) const;

    Hdf5StoredArray array_;
};

}  // namespace brownout
