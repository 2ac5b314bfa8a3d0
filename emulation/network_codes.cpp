#include "emulation/network_codes.h"

namespace brownout {

NetworkCodes::NetworkCodes(const EncodedNetwork& network) {
    for (const StoredTensor& tensor : network.storedTensors()) formats_.push_back(tensor.format);
}

void requireCodes(const Protection& protection, const EncodedNetwork& network) {
    const NetworkCodes values(network);
    WordCodes codes;
    for (const StoredTensor& tensor : network.storedTensors()) {
        codes.bits = tensor.bits;
        codes.count = 1;
        protection.requireCodes(codes, values);
        ++codes.tensor;
    }
}

std::shared_ptr<const Protection> protectionFor(const std::string& name, std::uint32_t wordBits,
                                                const EncodedNetwork& network) {
    auto protection = makeProtection(name, wordBits, network.codeBits().value_or(0));
    requireCodes(*protection, network);
    return protection;
}

}  // namespace brownout
