#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "hardware/debugger/target_memory.h"
#include "hardware/supply/controlled_supply.h"
#include "model/geometry.h"

namespace brownout {

/// The way in which words meet the low supply.
enum class DeviceAccess {
    kAtSupply,   ///< written at nominal, read at the low supply
    kRetention,  ///< written at nominal, held at the low supply for a while, read at nominal
};

/// Returns "at-supply" or "retention".
std::string nameOf(DeviceAccess access);
/// Returns the access of a name that nameOf gives. Throws UsageError naming `option` for another.
DeviceAccess deviceAccessOf(const std::string& option, const std::string& name);

/// The part of a target's memory that is used, and how.
struct DeviceSettings {
    std::uint64_t base = 0;  ///< address of word 0
    SramGeometry geometry;   ///< arrays of the memory, of words of 8, 16, 32 or 64 bits
    DeviceAccess access = DeviceAccess::kAtSupply;
    std::chrono::milliseconds hold{0};  ///< time at the low supply, for kRetention
};

/// Work that a device has done.
struct DeviceWork {
    std::uint64_t wordsWritten = 0;
    std::uint64_t wordsRead = 0;  ///< without those that were read back after a write
    double seconds = 0;           ///< time that went into both
};

/// A real memory behind a debugger and the real supply under it. Word w of the memory, check words
/// included, lies at base + w * bytes of a word, its least significant byte first.
class HardwareDevice {
 public:
    /// Takes over both. Throws Error if words are no whole bytes.
    HardwareDevice(std::unique_ptr<TargetMemory> target, std::unique_ptr<ControlledSupply> supply,
                   const DeviceSettings& settings);

    /// Brings the supply to nominal and ends both connections; nothing can be done with the device
    /// afterwards.
    void close();

    const DeviceSettings& settings() const { return settings_; }
    ControlledSupply& supply() { return *supply_; }
    TargetMemory& target() { return *target_; }
    const DeviceWork& work() const { return work_; }
    /// Returns a mutex that is held by whoever uses the device, from the first write of a load to
    /// its end.
    std::mutex& mutex() { return mutex_; }

    /// Writes consecutive words, reads them back and compares. Throws Error as writeChecked does.
    void writeChecked(std::uint64_t first, Span<const Word> words);
    /// Writes consecutive words and trusts the target's answer.
    void write(std::uint64_t first, Span<const Word> words);
    void read(std::uint64_t first, Span<Word> words);

 private:
    std::uint64_t addressOf(std::uint64_t word) const { return settings_.base + word * bytes_; }
    Span<const std::uint8_t> packed(Span<const Word> words);
    /// Calls `access(first, count)` for pieces of so many words, with a sign of life after each.
    void inPieces(std::size_t words, const std::function<void(std::size_t, std::size_t)>& access);

    std::unique_ptr<TargetMemory> target_;
    std::unique_ptr<ControlledSupply> supply_;
    DeviceSettings settings_;
    std::uint64_t bytes_;
    std::mutex mutex_;
    std::vector<std::uint8_t> buffer_;
    DeviceWork work_;
};

}  // namespace brownout
