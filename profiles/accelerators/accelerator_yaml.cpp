#include "profiles/accelerators/accelerator_yaml.h"

#include "base/error.h"
#include "profiles/accelerators/description_reader.h"

namespace brownout {
namespace {

class AcceleratorReader : DescriptionReader {
 public:
    explicit AcceleratorReader(const Input& input) : DescriptionReader(input), input_(input) {}

    AcceleratorDescription read(const YAML::Node& root) {
        Accelerator& a = read_.accelerator;
        bool hasArray = false, hasMemories = false;
        readKeys(root, {{"name", [&](const auto& node) { a.name = shortText(node, "a name"); }},
                        {"array",
                         [&](const auto& node) {
                             hasArray = true;
                             a.array = readArray(input_, node);
                         }},
                        {"bits", [&](const auto& node) { readBits(node); }},
                        {"memories", [&](const auto& node) {
                             hasMemories = true;
                             MemoryDescriptions memories = readMemories(input_, node);
                             a.memories = std::move(memories.memories);
                             read_.profiles = std::move(memories.profiles);
                         }}});
        need(root, !a.name.empty(), "name");
        need(root, hasArray, "array");
        need(root, hasMemories, "memories");
        return std::move(read_);
    }

 private:
    void readBits(const YAML::Node& node) {
        Accelerator& a = read_.accelerator;
        readKeys(node, {{"weights",
                         [&](const auto& one) {
                             a.weightBits = static_cast<std::uint32_t>(whole(one, 1, 32));
                         }},
                        {"activations", wholeTo(a.activationBits, 32)},
                        {"accumulators", wholeTo(a.accumulatorBits, 64)}});
    }

    const Input& input_;
    AcceleratorDescription read_;
};

}  // namespace

AcceleratorDescription readAccelerator(Input& input) {
    AcceleratorDescription description =
        AcceleratorReader(input).read(loadYaml(input, "an accelerator"));
    try {
        description.accelerator.validate();
    } catch (const Error& error) {
        throw input.error(error.what());
    }
    return description;
}

}  // namespace brownout
