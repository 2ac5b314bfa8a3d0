#pragma once

#include <functional>
#include <memory>
#include <string>

#include "emulation/campaign_spec.h"
#include "hardware/device/device.h"
#include "hardware/guard/guardian.h"
#include "tools/brownout/command_line.h"

namespace brownout {

/// Adds the options of a real memory and its supply.
void addDeviceOptions(CommandLine& line);

/// Returns the address that --memory-base is. Throws UsageError.
std::uint64_t memoryBaseIn(const CommandLine& line);

/// Throws UsageError if an option of a real memory is given although there is none, the memory
/// being `what`.
void refuseDeviceOptions(const CommandLine& line, const std::string& what);

/// A real memory with its supply, and the guardian that puts nominal back whatever happens.
class GuardedDevice {
 public:
    /// Starts the guardian and connects to the target at `url`, as the options say; `url` was given
    /// as `option`. `log` is the file that the guardian's log goes to unless --bench-log names
    /// another; empty: none. Call it before any thread is started. Throws UsageError or Error.
    GuardedDevice(const CommandLine& line, const std::string& option, const std::string& url,
                  const std::string& log);

    const std::shared_ptr<HardwareDevice>& device() const { return device_; }
    /// Returns how a campaign describes the device.
    DeviceSpec spec() const;

    /// Does the work, closes the device and has nominal confirmed. Throws what `work` throws, and
    /// SupplyAwayError if nominal can't be confirmed.
    ExitStatus during(const std::function<ExitStatus()>& work);

 private:
    void finish();
    std::string workDone() const;

    std::unique_ptr<Guardian> guardian_;
    std::shared_ptr<HardwareDevice> device_;
    std::string url_;
    std::string supplyUrl_;
    bool quiet_;
};

}  // namespace brownout
