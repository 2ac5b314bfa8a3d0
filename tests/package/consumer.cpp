#include <cstdio>
#include <memory>

#include "emulation/trial.h"
#include "inference/formats/encoded_network.h"
#include "inference/network.h"
#include "inference/onnx/onnx_import.h"
#include "model/functional_memory.h"
#include "profiles/profile.h"
#include "profiles/profile_chips.h"

// Reads a chip of an installed profile through the memory model, and lays out an installed network.
int main(int, char** argv) {
    using namespace brownout;
    const Profile profile = Profile::open(argv[1]);
    const auto chips = std::make_shared<ProfileChips>(profile);
    FunctionalMemory memory(chips, makeProtection("none", chips->geometry().wordBits()));
    memory.setSupply(profile.supplies().lowest());
    std::vector<Word> words(memory.words());
    memory.read(0, words);
    std::size_t wrong = 0;
    for (const Word word : words) wrong += word != 0;

    const EncodedNetwork network(importOnnx(argv[2]), numberFormat("rquant8"),
                                 StoreScope::kParameters);
    const MemoryMap map = layOut(network, profile.device().geometry, {});
    std::printf("%zu words read wrong, %llu words hold the network\n", wrong,
                static_cast<unsigned long long>(map.imageWords()));
    return wrong > 0 && map.imageWords() > 0 ? 0 : 1;
}
