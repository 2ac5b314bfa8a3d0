#include "model/memory_map.h"

#include <algorithm>

#include "base/error.h"

namespace brownout {

std::string toString(BitOrder order) {
    return order == BitOrder::kLsbFirst ? "lsb-first" : "msb-first";
}

std::string toString(Interleave interleave) {
    return interleave == Interleave::kLinear ? "linear" : "banks";
}

BitOrder bitOrderFromString(const std::string& name) {
    if (name == "lsb-first") return BitOrder::kLsbFirst;
    if (name == "msb-first") return BitOrder::kMsbFirst;
    throw UsageError("bit order", "'" + name + "'; expected lsb-first or msb-first");
}

Interleave interleaveFromString(const std::string& name) {
    if (name == "linear") return Interleave::kLinear;
    if (name == "banks") return Interleave::kBanks;
    throw UsageError("interleave", "'" + name + "'; expected linear or banks");
}

MemoryMap::MemoryMap(const SramGeometry& geometry, std::vector<CodeTensor> tensors,
                     const LayoutSettings& layout, std::uint32_t blockWords)
    : geometry_(geometry), blockWords_(blockWords), tensors_(std::move(tensors)), layout_(layout) {
    geometry_.validate();
    wordBits_ = geometry_.wordBits();
    words_ = geometry_.words();
    if (geometry_.wordsPerArray() % blockWords_ != 0 || layout_.offset % blockWords_ != 0) {
        throw Error("memory map",
                    "blocks of " + std::to_string(blockWords_) + " words in arrays of " +
                        std::to_string(geometry_.wordsPerArray()) + " words, offset " +
                        std::to_string(layout_.offset) + "; expected multiples of the block");
    }
    blocksPerArray_ = geometry_.wordsPerArray() / blockWords_;
    layout_.offset %= words_;
    std::uint64_t end = 0;
    std::uint32_t domain = tensors_.empty() ? 0 : tensors_[0].domain;
    for (const CodeTensor& tensor : tensors_) {
        if (tensor.domain != domain) {
            const std::uint64_t perArray = geometry_.wordsPerArray();
            end = (end + perArray - 1) / perArray * perArray;
            domain = tensor.domain;
        }
        firstWord_.push_back(end);
        if (tensor.codes == 0 || tensor.bits == 0 || tensor.bits > kMaxCodeBits ||
            tensor.bits > wordBits_) {
            throw Error("memory map", std::to_string(tensor.codes) + " codes of " +
                                          std::to_string(tensor.bits) + " bits in words of " +
                                          std::to_string(wordBits_) + " bits");
        }
        if (tensor.order && tensor.order->size() != tensor.codes) {
            throw Error("memory map", "an order of " + std::to_string(tensor.order->size()) +
                                          " of " + std::to_string(tensor.codes) + " codes");
        }
        const auto known =
            std::find_if(bitPlaces_.begin(), bitPlaces_.end(),
                         [&](const BitPlaces& places) { return places.bits == tensor.bits; });
        const auto number = static_cast<std::uint32_t>(placesOfTensor_.size());
        placesOfTensor_.push_back(static_cast<std::uint32_t>(known - bitPlaces_.begin()));
        const std::uint32_t perWord = wordBits_ / tensor.bits;
        codesPerWord_.push_back(perWord);
        if (known == bitPlaces_.end()) bitPlaces_.push_back(bitPlacesOf(slotsOf(number)));
        end += (tensor.codes + perWord - 1) / perWord;
    }
    firstWord_.push_back(end);
    imageWords_ = (firstWord_.back() + blockWords_ - 1) / blockWords_ * blockWords_;
}

WordCodes MemoryMap::slotsOf(std::uint32_t tensor) const {
    WordCodes slots;
    slots.tensor = tensor;
    slots.bits = tensors_[tensor].bits;
    slots.count = codesPerWord_[tensor];
    const auto bits = static_cast<std::int32_t>(slots.bits);
    const bool lsbFirst = layout_.bitOrder == BitOrder::kLsbFirst;
    slots.origin = lsbFirst ? 0 : static_cast<std::int32_t>(wordBits_) - bits;
    slots.stride = lsbFirst ? bits : -bits;
    if (tensors_[tensor].order) slots.order = tensors_[tensor].order->data();
    return slots;
}

MemoryMap::BitPlaces MemoryMap::bitPlacesOf(const WordCodes& slots) const {
    BitPlaces places;
    places.bits = slots.bits;
    places.slot.fill(0xFF);
    places.shift.fill(0);
    for (std::uint32_t slot = 0; slot < slots.count; ++slot) {
        const std::uint32_t shift = slots.shiftOf(slot);
        for (std::uint32_t bit = shift; bit < shift + slots.bits; ++bit) {
            places.slot[bit] = static_cast<std::uint8_t>(slot);
            places.shift[bit] = static_cast<std::uint8_t>(shift);
        }
    }
    return places;
}

std::uint64_t MemoryMap::reuse() const {
    return (imageWords() + geometry_.words() - 1) / geometry_.words();
}

std::uint64_t MemoryMap::physicalWord(std::uint64_t imageWord) const {
    const std::uint64_t place = (imageWord + layout_.offset) % words_;
    if (layout_.interleave == Interleave::kLinear) return place;
    const std::uint64_t block = place / blockWords_;
    return (block % geometry_.arrays * blocksPerArray_ + block / geometry_.arrays) * blockWords_ +
           place % blockWords_;
}

WordCodes MemoryMap::codesOf(std::uint64_t imageWord) const {
    return Cursor(*this).codesOf(imageWord);
}

void MemoryMap::Cursor::moveTo(std::uint64_t imageWord) {
    const auto& starts = map_.firstWord_;
    const auto after = std::upper_bound(starts.begin(), starts.end() - 1, imageWord);
    const auto tensor = static_cast<std::uint32_t>(after - starts.begin() - 1);
    // Spare words that fill up the last block count as the last tensor's.
    const bool last = tensor + 1 == map_.tensors_.size();
    firstWord_ = starts[tensor];
    endWord_ = last ? map_.imageWords_ : starts[tensor + 1];
    codes_ = map_.tensors_[tensor].codes;
    perWord_ = map_.codesPerWord_[tensor];
    slots_ = map_.slotsOf(tensor);
}

std::vector<Word> MemoryMap::pack(Span<const Span<const Code>> codes) const {
    if (codes.size() != tensors_.size()) {
        throw Error("memory map", std::to_string(codes.size()) + " tensors; expected " +
                                      std::to_string(tensors_.size()));
    }
    std::vector<Word> image(imageWords(), 0);
    for (std::size_t t = 0; t < tensors_.size(); ++t) {
        const std::uint32_t bits = tensors_[t].bits;
        if (codes[t].size() != tensors_[t].codes) {
            throw Error("memory map", "tensor " + std::to_string(t) + " has " +
                                          std::to_string(codes[t].size()) + " codes; expected " +
                                          std::to_string(tensors_[t].codes));
        }
        const std::uint32_t perWord = codesPerWord_[t];
        const WordCodes slots = slotsOf(static_cast<std::uint32_t>(t));
        for (std::uint64_t i = 0; i < codes[t].size(); ++i) {
            const Word code = codes[t][slots.order == nullptr ? i : slots.order[i]];
            if (code >> bits != 0) {
                throw Error("memory map", "code " + std::to_string(code) + " of tensor " +
                                              std::to_string(t) + " has more than " +
                                              std::to_string(bits) + " bits");
            }
            image[firstWord_[t] + i / perWord] |=
                code << slots.shiftOf(static_cast<std::uint32_t>(i % perWord));
        }
    }
    return image;
}

}  // namespace brownout
