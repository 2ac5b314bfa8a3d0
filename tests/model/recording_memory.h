#pragma once

#include <map>
#include <vector>

#include "model/weight_memory.h"

namespace brownout::test {

/// A memory that wraps nothing of ours, as a back end for silicon would be: keeps what is written,
/// word by word, flips the cells that a test planted, and writes down what was asked of its port.
/// It has one chip and no socket, so nothing is known about its cells.
class RecordingMemory final : public WeightMemory {
 public:
    RecordingMemory(std::uint64_t words, std::shared_ptr<const Protection> protection)
        : protection_(std::move(protection)), stored_(words) {}

    /// Makes bits of the cells of a data word flip, at every supply below `supply`.
    void plant(std::uint64_t word, CodedWord flips, double supply) {
        planted_[word] = {flips, supply};
    }

    std::uint64_t words() const override { return stored_.size(); }
    const Protection& protection() const override { return *protection_; }
    void setSupply(const OperatingPoint& at) override {
        supply_ = at.supply;
        supplies.push_back(at.supply);
    }
    void write(std::uint64_t first, Span<const Word> words) override {
        checkAccess(first, words.size(), 0);
        wordsWritten += words.size();
        for (const Word word : words) stored_[first++] = protection_->encode(word);
    }
    void read(std::uint64_t first, Span<Word> words, Span<WordStatus> statuses) override {
        checkAccess(first, words.size(), statuses.size());
        wordsRead += words.size();
        for (std::size_t i = 0; i < words.size(); ++i) {
            CodedWord cells = stored_[first + i];
            const auto planted = planted_.find(first + i);
            if (planted != planted_.end() && supply_ < planted->second.supply) {
                cells.data ^= planted->second.flips.data;
                cells.check ^= planted->second.flips.check;
            }
            const DecodedWord decoded = protection_->decode(cells);
            words[i] = decoded.data;
            if (!statuses.empty()) statuses[i] = decoded.status;
        }
    }
    using WeightMemory::read;
    using WeightMemory::setSupply;

    std::vector<double> supplies;  ///< that were set, in order
    std::uint64_t wordsWritten = 0;
    std::uint64_t wordsRead = 0;

 private:
    struct Planted {
        CodedWord flips;
        double supply;
    };

    std::shared_ptr<const Protection> protection_;
    std::vector<CodedWord> stored_;
    std::map<std::uint64_t, Planted> planted_;
    double supply_ = 1;
};

}  // namespace brownout::test
