#pragma once

#include <memory>
#include <string>

#include "hardware/frames/frame_device.h"

namespace brownout {

/// Tells whether a text names a device behind the frame protocol: "tcp://..." or "uart://...".
bool namesFrameDevice(const std::string& text);

/// Connects to the device that `text` names: tcp://HOST:PORT or uart:///dev/ttyUSB0?baud=1000000,
/// of which ?baud=... may be left out. Throws UsageError naming `option` for another text, and
/// Error naming the device if it can't be reached.
std::unique_ptr<FrameDevice> openFrameDevice(const std::string& option, const std::string& text);

}  // namespace brownout
