#include "inference/logits_file.h"

#include <hdf5.h>

#include <mutex>
#include <string>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/hdf5_lock.h"

namespace brownout {
namespace {

void writeArray(hid_t file, const char* name, hid_t fileType, hid_t memoryType, int rank,
                const hsize_t* sizes, const void* values) {
    const hid_t space = H5Screate_simple(rank, sizes, nullptr);
    const hid_t dataset =
        H5Dcreate2(file, name, fileType, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    const bool written =
        dataset >= 0 && H5Dwrite(dataset, memoryType, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0;
    const bool closed = dataset < 0 || H5Dclose(dataset) >= 0;
    H5Sclose(space);
    if (!written || !closed) throw Error(std::string("/") + name, "cannot be written");
}

/// The bytes of a file that the library made in memory.
std::string bytesOf(hid_t file) {
    std::string bytes;
    if (H5Fflush(file, H5F_SCOPE_LOCAL) < 0) return bytes;
    const ssize_t size = H5Fget_file_image(file, nullptr, 0);
    if (size <= 0) return bytes;
    bytes.resize(static_cast<std::size_t>(size));
    if (H5Fget_file_image(file, bytes.data(), bytes.size()) != size) bytes.clear();
    return bytes;
}

}  // namespace

void writeLogits(const std::filesystem::path& path, Span<const float> logits, std::size_t classes,
                 Span<const std::int32_t> predictions) {
    const std::lock_guard<std::recursive_mutex> lock(hdf5Lock());
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    // Made in memory and written by ourselves: HDF5 1.10 doesn't survive a full disk.
    constexpr std::size_t kGrowBy = 1 << 20;
    const hid_t inMemory = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_fapl_core(inMemory, kGrowBy, 0);
    const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, inMemory);
    H5Pclose(inMemory);
    if (file < 0) throw Error(path.string(), "cannot be made in memory");
    const hsize_t sizes[] = {predictions.size(), classes};
    std::string bytes;
    try {
        writeArray(file, "logits", H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, 2, sizes, logits.data());
        writeArray(file, "predictions", H5T_STD_I32LE, H5T_NATIVE_INT32, 1, sizes,
                   predictions.data());
        bytes = bytesOf(file);
    } catch (const Error& error) {
        H5Fclose(file);
        throw Error(path.string(), error.what());
    }
    H5Fclose(file);
    if (bytes.empty()) throw Error(path.string(), "cannot be made in memory");
    writeAtomically(path, bytes);
}

}  // namespace brownout
