#include "base/hdf5/hdf5_handle.h"

namespace brownout {
namespace {

herr_t keepInnermost(unsigned /*n*/, const H5E_error2_t* error, void* data) {
    auto& reason = *static_cast<std::string*>(data);
    if (error->desc != nullptr && *error->desc != '\0') reason = error->desc;
    return 0;
}

std::mutex& libraryLock() {
    static std::mutex lock;
    return lock;
}

thread_local int sessionsOfThisThread = 0;

}  // namespace

Hdf5Session::Hdf5Session() {
    if (sessionsOfThisThread++ > 0) return;
    lock_ = std::unique_lock<std::mutex>(libraryLock());
    // Nothing of ours is left open when the program ends. What HDF5 1.10 itself leaves behind after
    // damaged files it would complain about on stderr, at length.
    static const herr_t noCleaning = H5dont_atexit();
    static_cast<void>(noCleaning);
    H5Eget_auto2(H5E_DEFAULT, &printer_, &printerData_);
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

Hdf5Session::~Hdf5Session() {
    if (--sessionsOfThisThread == 0) H5Eset_auto2(H5E_DEFAULT, printer_, printerData_);
}

std::string takeHdf5Reason() {
    std::string reason;
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, keepInnermost, &reason);
    H5Eclear2(H5E_DEFAULT);
    // A failed system call carries its reason in the middle of file names, times and addresses.
    const std::string key = "error message = '";
    const auto begin = reason.find(key);
    if (begin != std::string::npos) {
        const auto end = reason.find('\'', begin + key.size());
        reason = reason.substr(begin + key.size(), end - begin - key.size());
    }
    return reason.empty() ? "HDF5 gives no reason" : reason;
}

}  // namespace brownout
