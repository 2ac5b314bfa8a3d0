#pragma once

// For the .cpp files that use HDF5, which doesn't show in the headers that others include.

#include <hdf5.h>

#include <mutex>
#include <string>
#include <utility>

namespace brownout {

/// An HDF5 identifier that is closed by the function for its kind.
template <herr_t (*Close)(hid_t)>
class Hdf5Handle {
 public:
    Hdf5Handle() = default;
    explicit Hdf5Handle(hid_t id) : id_(id) {}
    ~Hdf5Handle() { close(); }
    Hdf5Handle(Hdf5Handle&& other) noexcept : id_(std::exchange(other.id_, H5I_INVALID_HID)) {}
    Hdf5Handle& operator=(Hdf5Handle&& other) noexcept {
        if (this != &other) {
            close();
            id_ = std::exchange(other.id_, H5I_INVALID_HID);
        }
        return *this;
    }

    hid_t get() const { return id_; }
    explicit operator bool() const { return id_ >= 0; }

    /// Closes the identifier now. Returns false if the library reports a failure, for example a
    /// full disk.
    bool close() {
        if (id_ < 0) return true;
        return Close(std::exchange(id_, H5I_INVALID_HID)) >= 0;
    }

 private:
    hid_t id_ = H5I_INVALID_HID;
};

using FileHandle = Hdf5Handle<H5Fclose>;
using GroupHandle = Hdf5Handle<H5Gclose>;
using DatasetHandle = Hdf5Handle<H5Dclose>;
using AttributeHandle = Hdf5Handle<H5Aclose>;
using TypeHandle = Hdf5Handle<H5Tclose>;
using SpaceHandle = Hdf5Handle<H5Sclose>;
using PropertyHandle = Hdf5Handle<H5Pclose>;
using ObjectHandle = Hdf5Handle<H5Oclose>;

/// A scope in which the library may be used. It holds the program's one lock, because the library
/// as distributions build it is not thread-safe and two files share its state, and keeps the
/// library from printing its error stack. A session inside another one of the same thread does
/// nothing.
class Hdf5Session {
 public:
    Hdf5Session();
    ~Hdf5Session();
    Hdf5Session(const Hdf5Session&) = delete;
    Hdf5Session& operator=(const Hdf5Session&) = delete;

 private:
    std::unique_lock<std::mutex> lock_;
    H5E_auto2_t printer_ = nullptr;
    void* printerData_ = nullptr;
};

/// Returns the reason at the bottom of the library's error stack, in a few words, for example "No
/// space left on device" or "file signature not found"; clears the stack.
std::string takeHdf5Reason();

}  // namespace brownout
