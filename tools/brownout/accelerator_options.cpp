#include "tools/brownout/accelerator_options.h"

#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "base/fingerprint.h"
#include "emulation/accelerator_energy.h"
#include "profiles/accelerators/accelerator_yaml.h"
#include "tools/brownout/tried_files.h"

namespace brownout {

AcceleratorMemory* memoryNamed(Accelerator& accelerator, const std::string& name) {
    const auto found =
        std::find_if(accelerator.memories.begin(), accelerator.memories.end(),
                     [&](const AcceleratorMemory& memory) { return memory.name == name; });
    return found == accelerator.memories.end() ? nullptr : &*found;
}

AcceleratorRequest acceleratorNamed(const CommandLine& line) {
    AcceleratorRequest request;
    request.path = findAccelerator(line.get<std::string>("accelerator"), "--accelerator");
    AcceleratorDescription description = readAccelerator(*openInput(request.path));
    request.fingerprint = fingerprintOfFile(request.path);
    request.accelerator = std::move(description.accelerator);
    for (const auto& [name, path] : description.profiles) {
        const auto profile = std::filesystem::path(request.path).parent_path() / path;
        takeEnergy(*memoryNamed(request.accelerator, name), openProfile(profile.string()));
    }
    return request;
}

}  // namespace brownout
