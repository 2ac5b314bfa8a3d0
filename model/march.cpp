#include "model/march.h"

#include "base/error.h"

namespace brownout {
namespace {

struct Name {
    MarchAlgorithm algorithm;
    const char* name;
};
constexpr Name kNames[] = {{MarchAlgorithm::kMatsPlus, "mats+"},
                           {MarchAlgorithm::kMarchCMinus, "march-c-"},
                           {MarchAlgorithm::kMarchSs, "march-ss"}};

constexpr MarchOp r0{false, false}, r1{false, true}, w0{true, false}, w1{true, true};

}  // namespace

std::string nameOf(MarchAlgorithm algorithm) {
    for (const Name& entry : kNames) {
        if (entry.algorithm == algorithm) return entry.name;
    }
    return "";
}

MarchAlgorithm marchAlgorithmOf(const std::string& name) {
    for (const Name& entry : kNames) {
        if (entry.name == name) return entry.algorithm;
    }
    throw UsageError("--algorithm", "'" + name + "'; expected mats+, march-c- or march-ss");
}

std::vector<MarchElement> elementsOf(MarchAlgorithm algorithm) {
    switch (algorithm) {
        case MarchAlgorithm::kMatsPlus:
            return {{false, {w0}}, {false, {r0, w1}}, {true, {r1, w0}}};
        case MarchAlgorithm::kMarchCMinus:
            return {{false, {w0}},    {false, {r0, w1}}, {false, {r1, w0}},
                    {true, {r0, w1}}, {true, {r1, w0}},  {false, {r0}}};
        case MarchAlgorithm::kMarchSs:
            break;
    }
    return {{false, {w0}},
            {false, {r0, r0, w0, r0, w1}},
            {false, {r1, r1, w1, r1, w0}},
            {true, {r0, r0, w0, r0, w1}},
            {true, {r1, r1, w1, r1, w0}},
            {false, {r0}}};
}

void MarchFindings::add(std::uint64_t word, Word syndrome, Word expected) {
    if (word >= words()) {
        throw Error("BIST", "reports word " + std::to_string(word) + "; the chip has " +
                                std::to_string(words()));
    }
    fails01_[word] |= syndrome & ~expected;
    fails10_[word] |= syndrome & expected;
}

}  // namespace brownout
