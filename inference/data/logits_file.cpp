#include "inference/data/logits_file.h"

#include <string>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/hdf5/hdf5_handle.h"

namespace brownout {
namespace {

void writeArray(const FileHandle& file, const char* name, hid_t fileType, hid_t memoryType,
                int rank, const hsize_t* sizes, const void* values) {
    const SpaceHandle space(H5Screate_simple(rank, sizes, nullptr));
    // The same logits are the same bytes, whenever they are written.
    const PropertyHandle creation(H5Pcreate(H5P_DATASET_CREATE));
    H5Pset_obj_track_times(creation.get(), false);
    DatasetHandle dataset(H5Dcreate2(file.get(), name, fileType, space.get(), H5P_DEFAULT,
                                     creation.get(), H5P_DEFAULT));
    if (!dataset ||
        H5Dwrite(dataset.get(), memoryType, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0 ||
        !dataset.close()) {
        throw Error(std::string("/") + name, "cannot be written: " + takeHdf5Reason());
    }
}

/// The bytes of a file that the library made in memory.
std::string bytesOf(const FileHandle& file) {
    std::string bytes;
    if (H5Fflush(file.get(), H5F_SCOPE_LOCAL) < 0) return bytes;
    const ssize_t size = H5Fget_file_image(file.get(), nullptr, 0);
    if (size <= 0) return bytes;
    bytes.resize(static_cast<std::size_t>(size));
    if (H5Fget_file_image(file.get(), bytes.data(), bytes.size()) != size) bytes.clear();
    return bytes;
}

}  // namespace

void writeLogits(const std::filesystem::path& path, Span<const float> logits, std::size_t classes,
                 Span<const std::int32_t> predictions) {
    std::string bytes;
    {
        const Hdf5Session session;
        // Made in memory and written by ourselves: HDF5 1.10 doesn't survive a full disk.
        constexpr std::size_t kGrowBy = 1 << 20;
        const PropertyHandle inMemory(H5Pcreate(H5P_FILE_ACCESS));
        H5Pset_fapl_core(inMemory.get(), kGrowBy, 0);
        const FileHandle file(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, inMemory.get()));
        if (!file) {
            throw Error(path.string(), "cannot be made in memory: " + takeHdf5Reason());
        }
        const hsize_t sizes[] = {predictions.size(), classes};
        try {
            writeArray(file, "logits", H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, 2, sizes, logits.data());
            writeArray(file, "predictions", H5T_STD_I32LE, H5T_NATIVE_INT32, 1, sizes,
                       predictions.data());
        } catch (const Error& error) {
            throw Error(path.string(), error.what());
        }
        bytes = bytesOf(file);
    }
    if (bytes.empty()) throw Error(path.string(), "cannot be made in memory");
    writeAtomically(path, bytes);
}

}  // namespace brownout
