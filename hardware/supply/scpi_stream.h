#pragma once

#include "hardware/connection/tcp_stream.h"
#include "hardware/supply/scpi_link.h"

namespace brownout {

/// Returns what connects to an instrument that speaks SCPI over a raw TCP socket: commands and
/// answers are lines, and all commands of an exchange go in one piece. `name` is what errors call
/// the instrument.
OpenScpiLink scpiOverTcp(TcpAddress address, std::string name);

}  // namespace brownout
