#pragma once

#include <string>

#include "hardware/supply/scpi_link.h"

namespace brownout {

/// An instrument that speaks VXI-11, whose port the portmapper of its host knows.
struct LxiAddress {
    std::string host;
    std::string device = "inst0";  ///< name of the instrument at its host
};

/// Throws UsageError naming `option` if this program was built without liblxi.
void requireLxi(const std::string& option);

/// Returns what connects to an instrument over VXI-11, by liblxi. Each command is a message of its
/// own and each question is followed by a read. `answer` is the time that the instrument is allowed
/// for a message; `name` is what errors call it.
OpenScpiLink scpiOverLxi(LxiAddress address, std::string name, std::chrono::milliseconds answer);

}  // namespace brownout
