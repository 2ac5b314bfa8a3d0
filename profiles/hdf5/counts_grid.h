#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/hdf5/hdf5_handle.h"
#include "profiles/fail_counts.h"
#include "profiles/profile_info.h"

namespace brownout {

/// Returns a place as messages name it: "chip 0, array 3, voltage 1, ...".
std::string describe(const CountsPlace& place);

/// The places of each array of each chip under each condition in the datasets of a counts profile,
/// and the numbers they hold: unsigned, of the fewest bytes that `mostTrials` and "not measured"
/// need.
class CountsGrid {
 public:
    /// Lays out a profile of this shape. Throws Error for one that no profile can have.
    CountsGrid(const ProfileHeader& header, CountsShape shape);

    const CountsShape& shape() const { return shape_; }
    const SramGeometry& geometry() const { return geometry_; }
    /// Returns the number of arrays of all chips under all conditions.
    std::size_t places() const;
    bool contains(const CountsPlace& place) const;
    /// Returns the number of a place, whatever its direction.
    std::size_t indexOf(const CountsPlace& place) const;
    /// Returns the place with the number `index`; the direction in it says nothing.
    CountsPlace placeOf(std::size_t index) const;

    /// Returns the shape of a dataset with an element for each cell.
    std::vector<hsize_t> wholeShape() const;
    /// Returns the shape of its chunks.
    std::vector<hsize_t> chunk() const;
    /// Returns where the box of an array begins in it.
    std::vector<hsize_t> startOf(const CountsPlace& place) const;
    /// Returns the shape of the box of an array in it.
    std::vector<hsize_t> boxOfArray() const;

    hid_t fileType() const;
    hid_t memoryType() const;
    /// Returns the number that means "not measured", the greatest of the type.
    std::uint32_t fill() const;
    /// Returns the numbers in the type of the file, to which the library converts far more slowly;
    /// kNotMeasured becomes fill(). Valid until the next call.
    const void* narrowed(const std::uint32_t* values, std::size_t count);

 private:
    SramGeometry geometry_;
    CountsShape shape_;
    std::vector<std::uint8_t> narrow8_;
    std::vector<std::uint16_t> narrow16_;
};

}  // namespace brownout
