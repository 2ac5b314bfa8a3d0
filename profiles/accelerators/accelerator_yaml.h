#pragma once

#include <map>
#include <string>

#include "base/input.h"
#include "model/accelerator/accelerator.h"

namespace brownout {

/// An accelerator as a file describes it (docs/accelerators.md).
struct AcceleratorDescription {
    Accelerator accelerator;
    /// Profiles whose energy a memory has, by the memory's name; paths as in the file.
    std::map<std::string, std::string> profiles;
};

/// Reads the description of an accelerator. Throws Error naming the file, the line, what was found
/// and what was expected.
AcceleratorDescription readAccelerator(Input& input);

/// Returns the file of an accelerator: `name` itself if there is such a file, or the shipped
/// description of that name, "edge-16x16". Throws UsageError naming `option` and the shipped ones.
std::string findAccelerator(const std::string& name, const std::string& option);

}  // namespace brownout
