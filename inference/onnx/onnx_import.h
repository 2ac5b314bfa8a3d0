#pragma once

#include <filesystem>
#include <string>

#include "inference/network.h"

namespace brownout {

/// The form in which a graph is read.
enum class GraphForm {
    kSimplified,  ///< constants computed and batch normalisation folded, as it is stored and run
    kAsInFile,    ///< node by node as in the file
};

/// Reads a network from an ONNX file of any version of the format and of the operators. Every
/// operator must be one that we run (supportedOperators()). Nodes may be in any order; tensors may
/// be in other files in the folder of `path` or below. Floating-point numbers of any precision
/// become float. Constants become parameters, and what is computed of parameters only is computed
/// once, so that what multiplies an activation is a parameter; batch normalisation behind a
/// convolution or Gemm is folded into it. Throws Error naming the file, and the node and operator
/// where there is one.
Network importOnnx(const std::filesystem::path& path);

/// Reads a network from the bytes of an ONNX file, which messages call `file`; all of its tensors
/// must be in them. Throws Error like importOnnx.
Network importOnnxBytes(const std::string& bytes, const std::string& file,
                        GraphForm form = GraphForm::kSimplified);

}  // namespace brownout
