#pragma once

#include <cstdint>
#include <functional>

#include "hardware/connection/byte_stream.h"
#include "sim/fpga/fpga_model.h"

namespace brownout {

/// Connects a design to a stream: clocks it as long as it has something to do, gives it the bytes
/// that arrive and sends those that come out. Returns when `stop` says so, asked every 100 ms or
/// more often; throws Error when the connection is gone.
void serve(FpgaModel& fpga, ByteStream& stream, const std::function<bool()>& stop);

}  // namespace brownout
