#pragma once

// All of this is called inside an Hdf5Session.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/hdf5/hdf5_handle.h"
#include "base/span.h"
#include "profiles/hdf5/hdf5_output_file.h"

namespace brownout {

/// A file being written. Errors name the file the user asked for and the reason, for example a full
/// disk.
///
/// Equal calls give equal bytes: objects carry no times. Metadata is in the formats of HDF5
/// 1.8, which have checksums and which every library since reads.
class Hdf5Output {
 public:
    /// Creates `temporary`, with room for a seal. `name` is what errors call the file.
    Hdf5Output(const std::filesystem::path& temporary, std::string name);
    Hdf5Output(const Hdf5Output&) = delete;
    Hdf5Output& operator=(const Hdf5Output&) = delete;

    GroupHandle root();
    GroupHandle makeGroup(const GroupHandle& parent, const std::string& name);

    void setText(hid_t object, const std::string& name, const std::string& value);
    void setTexts(hid_t object, const std::string& name, const std::vector<std::string>& values);
    void setNumber(hid_t object, const std::string& name, double value);
    void setIntegers(hid_t object, const std::string& name,
                     const std::vector<std::uint32_t>& values);
    void setInteger(hid_t object, const std::string& name, std::uint32_t value);
    void setInteger64(hid_t object, const std::string& name, std::uint64_t value);

    /// Writes a short table's column, stored inside the object's header, with its unit (none if
    /// empty).
    DatasetHandle addColumn(const GroupHandle& parent, const std::string& name,
                            const std::vector<double>& values, const std::string& unit);
    /// Writes a short column of texts, stored inside the object's header.
    DatasetHandle addTextColumn(const GroupHandle& parent, const std::string& name,
                                const std::vector<std::string>& values);
    /// Makes `scale` the scale of a dimension of `columns`, named after it.
    void attachScale(const DatasetHandle& scale, const std::string& name,
                     const std::vector<const DatasetHandle*>& columns, unsigned dimension = 0);
    void labelDimension(const DatasetHandle& dataset, unsigned dimension, const std::string& label);

    /// Makes a dataset that starts empty and grows: chunks, shuffle, deflate, fletcher32.
    DatasetHandle addGrowing(const GroupHandle& parent, const std::string& name, hid_t fileType);
    /// Appends `count` values at element `size`, where the dataset ends so far.
    void append(const DatasetHandle& dataset, std::uint64_t size, hid_t memoryType,
                const void* values, std::uint64_t count);

    /// Makes a dataset of several dimensions that holds `fill` where nothing is written: chunks,
    /// shuffle, deflate, fletcher32. `fill` is of the type itself.
    DatasetHandle addGrid(const GroupHandle& parent, const std::string& name, hid_t fileType,
                          const std::vector<hsize_t>& shape, const std::vector<hsize_t>& chunk,
                          std::uint32_t fill);
    /// Writes a box of a dataset that addGrid made.
    void writeBox(const DatasetHandle& dataset, const std::vector<hsize_t>& start,
                  const std::vector<hsize_t>& extent, hid_t memoryType, const void* values);

    /// Flushes and closes. Every handle of the file must be closed before.
    void finish();

 private:
    /// Checks the outcome of a call. Throws Error if it failed or anything couldn't be written so
    /// far.
    void check(bool good);
    void setAttribute(hid_t object, const std::string& name, hid_t fileType, hid_t memoryType,
                      const SpaceHandle& space, const void* value);

    std::string name_;
    Hdf5OutputFile output_;
    FileHandle file_;
};

}  // namespace brownout
