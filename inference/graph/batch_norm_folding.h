#pragma once

#include "inference/network.h"

namespace brownout {

/// Folds each BatchNormalization (inference form) whose input is the output of a Conv or Gemm that
/// no other node reads into the weights and bias of that node, as accelerators do:
/// w' = w s, b' = (b - mean) s + offset, with s = scale / sqrt(variance + epsilon) per channel.
Network foldBatchNormalization(Network network);

}  // namespace brownout
