#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "model/rtl_buffer_shape.h"
#include "sim/rtl_model.h"

namespace brownout {

/// A buffer, and the model that simulates it.
struct RtlBufferModel : RtlBufferShape {
    std::unique_ptr<RtlModel> model;
};

/// Makes our own weight buffer, verilated with Banks = 32, Rows = 512, DataWidth = 64 and the
/// protection that `codec` names. Returns null if there is none with that protection.
std::unique_ptr<RtlModel> makeBuiltInBuffer(const std::string& codec);

}  // namespace brownout
