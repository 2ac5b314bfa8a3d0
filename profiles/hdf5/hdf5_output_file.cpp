#include "profiles/hdf5/hdf5_output_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#if H5_VERSION_GE(1, 13, 0)
#include <H5FDdevelop.h>
#endif

namespace brownout {

struct Hdf5OutputFile::State {
    int errorNumber = 0;
};

namespace {

/// What the library finds in the properties.
struct DriverInfo {
    Hdf5OutputFile::State* state;
};

/// Bytes that couldn't be written; later ones lie over earlier ones.
struct LostBytes {
    std::uint64_t offset;
    std::string bytes;
};

/// The library's view of the open file: begins with its own part, as its drivers do.
struct OutputFile {
    H5FD_t library;
    Hdf5OutputFile::State* state;
    int descriptor;
    haddr_t end;         // of the space the library has taken
    std::uint64_t size;  // of the file, lost bytes included
    std::vector<LostBytes> lost;
};

OutputFile& self(H5FD_t* file) { return *reinterpret_cast<OutputFile*>(file); }
const OutputFile& self(const H5FD_t* file) { return *reinterpret_cast<const OutputFile*>(file); }

void keepError(const OutputFile& file) {
    if (file.state->errorNumber == 0) file.state->errorNumber = errno;
}

H5FD_t* openFile(const char* name, unsigned /*flags*/, hid_t access, haddr_t /*most*/) {
    const auto* info = static_cast<const DriverInfo*>(H5Pget_driver_info(access));
    const int descriptor = ::open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (descriptor < 0) {
        info->state->errorNumber = errno;
        return nullptr;
    }
    auto* file = new OutputFile{{}, info->state, descriptor, 0, 0, {}};
    return &file->library;
}

herr_t closeFile(H5FD_t* library) {
    OutputFile* file = &self(library);
    if (::close(file->descriptor) != 0) keepError(*file);
    delete file;
    return 0;
}

int compareFiles(const H5FD_t* a, const H5FD_t* b) { return a < b ? -1 : a > b ? 1 : 0; }

herr_t features(const H5FD_t* /*file*/, unsigned long* flags) {
    // Those of the library's usual driver that change how it lays a file out.
    if (flags != nullptr) {
        *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA |
                 H5FD_FEAT_DATA_SIEVE | H5FD_FEAT_AGGREGATE_SMALLDATA;
    }
    return 0;
}

haddr_t getEnd(const H5FD_t* file, H5FD_mem_t /*type*/) { return self(file).end; }

herr_t setEnd(H5FD_t* file, H5FD_mem_t /*type*/, haddr_t end) {
    self(file).end = end;
    return 0;
}

haddr_t getSize(const H5FD_t* file, H5FD_mem_t /*type*/) { return self(file).size; }

herr_t readFile(H5FD_t* library, H5FD_mem_t /*type*/, hid_t /*transfer*/, haddr_t offset,
                std::size_t count, void* out) {
    const OutputFile& file = self(library);
    auto* bytes = static_cast<char*>(out);
    std::memset(bytes, 0, count);
    for (std::size_t done = 0; done < count;) {
        const ssize_t got =
            ::pread(file.descriptor, bytes + done, count - done, static_cast<off_t>(offset + done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) keepError(file);
        if (got <= 0) break;
        done += static_cast<std::size_t>(got);
    }
    for (const LostBytes& lost : file.lost) {
        const std::uint64_t first = std::max<std::uint64_t>(offset, lost.offset);
        const std::uint64_t last =
            std::min<std::uint64_t>(offset + count, lost.offset + lost.bytes.size());
        if (first < last) {
            std::memcpy(bytes + (first - offset), &lost.bytes[first - lost.offset], last - first);
        }
    }
    return 0;
}

herr_t writeFile(H5FD_t* library, H5FD_mem_t /*type*/, hid_t /*transfer*/, haddr_t offset,
                 std::size_t count, const void* in) {
    OutputFile& file = self(library);
    const auto* bytes = static_cast<const char*>(in);
    file.size = std::max<std::uint64_t>(file.size, offset + count);
    std::size_t done = 0;
    // Once a write has failed nothing goes to the disk any more, or parts could overtake others.
    while (done < count && file.state->errorNumber == 0) {
        const ssize_t written = ::pwrite(file.descriptor, bytes + done, count - done,
                                         static_cast<off_t>(offset + done));
        if (written >= 0) {
            done += static_cast<std::size_t>(written);
        } else if (errno != EINTR) {
            keepError(file);
        }
    }
    if (done < count) file.lost.push_back({offset + done, {bytes + done, count - done}});
    return 0;
}

herr_t truncateFile(H5FD_t* library, hid_t /*transfer*/, hbool_t /*closing*/) {
    OutputFile& file = self(library);
    if (file.size == file.end || file.state->errorNumber != 0) return 0;
    if (::ftruncate(file.descriptor, static_cast<off_t>(file.end)) != 0) keepError(file);
    file.size = file.end;
    return 0;
}

H5FD_class_t driverClass() {
    H5FD_class_t driver{};
#ifdef H5FD_CLASS_VERSION
    driver.version = H5FD_CLASS_VERSION;
    driver.value = static_cast<H5FD_class_value_t>(384);  // of the range for private use
#endif
    driver.name = "brownout-output";
    driver.maxaddr = (haddr_t{1} << 62) - 1;
    driver.fc_degree = H5F_CLOSE_WEAK;
    driver.fapl_size = sizeof(DriverInfo);
    driver.open = openFile;
    driver.close = closeFile;
    driver.cmp = compareFiles;
    driver.query = features;
    driver.get_eoa = getEnd;
    driver.set_eoa = setEnd;
    driver.get_eof = getSize;
    driver.read = readFile;
    driver.write = writeFile;
    driver.truncate = truncateFile;
    const H5FD_mem_t map[] = H5FD_FLMAP_DICHOTOMY;
    std::copy(std::begin(map), std::end(map), driver.fl_map);
    return driver;
}

}  // namespace

Hdf5OutputFile::Hdf5OutputFile() : state_(std::make_unique<State>()) {
    static const H5FD_class_t driver = driverClass();
    driver_ = H5FDregister(&driver);
}

Hdf5OutputFile::~Hdf5OutputFile() { H5FDunregister(driver_); }

void Hdf5OutputFile::useIn(const PropertyHandle& access) {
    const DriverInfo info{state_.get()};
    H5Pset_driver(access.get(), driver_, &info);
}

int Hdf5OutputFile::errorNumber() const { return state_->errorNumber; }

}  // namespace brownout
