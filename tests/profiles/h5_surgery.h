#pragma once

#include <hdf5.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace brownout {

/// A file opened with the HDF5 library itself, to damage it or to make one without our writer.
/// Every call replaces what was there.
class H5Surgery {
 public:
    /// Opens a file for changes, and takes its seal off.
    explicit H5Surgery(const std::filesystem::path& path);
    ~H5Surgery() { H5Fclose(file_); }
    H5Surgery(const H5Surgery&) = delete;
    H5Surgery& operator=(const H5Surgery&) = delete;

    /// Makes a new file in the oldest format, as h5py does if nothing else is asked for.
    static void create(const std::filesystem::path& path);

    void group(const std::string& path);
    void remove(const std::string& path);
    void removeAttribute(const std::string& object, const std::string& name);
    void softLink(const std::string& path, const std::string& target);
    void externalLink(const std::string& path, const std::string& file);

    /// Attributes: scalars of a type, or one dimension.
    void text(const std::string& object, const std::string& name, const std::string& value);
    void variableText(const std::string& object, const std::string& name, const std::string& value);
    void number(const std::string& object, const std::string& name, double value);
    void integer(const std::string& object, const std::string& name, std::int64_t value);
    void integers(const std::string& object, const std::string& name,
                  const std::vector<std::int64_t>& values);

    /// Datasets of one dimension.
    void doubles(const std::string& path, const std::vector<double>& values);
    void floats(const std::string& path, const std::vector<double>& values);
    void words(const std::string& path, const std::vector<std::int64_t>& values);
    void signedWords(const std::string& path, const std::vector<std::int64_t>& values);
    /// Zeros in several dimensions.
    void zeros(const std::string& path, hid_t type, const std::vector<hsize_t>& shape);
    /// A dataset that claims `size` elements and stores none; in chunks if `chunk` isn't zero.
    void hollow(const std::string& path, hid_t type, hsize_t size, hsize_t chunk);
    /// A dataset of `size` elements whose bytes are those of another file.
    void elsewhere(const std::string& path, hid_t type, hsize_t size, const std::string& file);

    /// Counts over several dimensions, in chunks if `chunk` isn't empty; never written if `values`
    /// is empty. The fill value is left to the library if it is negative.
    void grid(const std::string& path, hid_t type, const std::vector<hsize_t>& shape,
              const std::vector<hsize_t>& chunk, std::int64_t fill,
              const std::vector<std::uint32_t>& values);
    /// Strings of fixed length in one dimension.
    void texts(const std::string& path, const std::vector<std::string>& values);

    std::vector<double> read(const std::string& path);

 private:
    void attribute(const std::string& object, const std::string& name, hid_t type, hid_t space,
                   hid_t memoryType, const void* value);
    void dataset(const std::string& path, hid_t type, const std::vector<hsize_t>& shape,
                 hid_t memoryType, const void* values);

    hid_t file_;
};

/// Overwrites the seal with zeros, as FORMAT.md tells people to.
void removeSeal(const std::filesystem::path& path);

/// Makes a small file in threshold encoding with the HDF5 library alone, strings of variable
/// length, formats as old as they come: what h5py writes by default.
void makeForeignProfile(const std::filesystem::path& path);

/// The same in counts encoding: two chips of one array of 16 x 8 cells, voltages 0.5 and 0.6 V, 25
/// and 85 degrees, two patterns, ten reads; u8, chunked, parts of it never written.
void makeForeignCounts(const std::filesystem::path& path);

}  // namespace brownout
