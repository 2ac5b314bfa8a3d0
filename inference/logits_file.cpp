#include "inference/logits_file.h"

#include <hdf5.h>

#include <mutex>

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

}  // namespace

void writeLogits(const std::filesystem::path& path, Span<const float> logits, std::size_t classes,
                 Span<const std::int32_t> predictions) {
    const std::lock_guard<std::recursive_mutex> lock(hdf5Lock());
    writeAtomically(path, [&](const std::filesystem::path& temporary) {
        H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
        const hid_t file = H5Fcreate(temporary.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
        if (file < 0) throw Error(path.string(), "cannot be written");
        const hsize_t sizes[] = {predictions.size(), classes};
        try {
            writeArray(file, "logits", H5T_IEEE_F32LE, H5T_NATIVE_FLOAT, 2, sizes, logits.data());
            writeArray(file, "predictions", H5T_STD_I32LE, H5T_NATIVE_INT32, 1, sizes,
                       predictions.data());
        } catch (const Error& error) {
            H5Fclose(file);
            throw Error(path.string(), error.what());
        }
        // A full disk may show only now.
        if (H5Fclose(file) < 0) throw Error(path.string(), "cannot be written");
    });
}

}  // namespace brownout
