#pragma once

#include <onnx/onnx_pb.h>

#include <string>

namespace brownout {

/// Replaces the nodes of a graph that call functions of the file by the nodes of these functions.
/// Throws Error naming `file` if functions call each other in a circle, or if that makes more than
/// kMaxNodes nodes.
void inlineFunctions(onnx::ModelProto& model, const std::string& file);

}  // namespace brownout
