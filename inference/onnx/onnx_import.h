#pragma once

#include <filesystem>
#include <string>

#include "inference/network.h"

namespace brownout {

/// Reads a network from an ONNX file (opsets 1 to 17; parameters in fp32, fp16 or bf16, which
/// become float). The onnx library's checker and shape inference must accept it, every operator
/// must be one that we run (supportedOperators()), every parameter finite and inside the file.
/// Batch normalisation behind a convolution or Gemm is folded into it. Throws Error naming the
/// file, and the node and operator where there is one.
Network importOnnx(const std::filesystem::path& path);

/// Reads a network from the bytes of an ONNX file, which messages call `file`. `foldBatchNorm`
/// false keeps the graph as it is. Throws Error like importOnnx.
Network importOnnxBytes(const std::string& bytes, const std::string& file,
                        bool foldBatchNorm = true);

}  // namespace brownout
