#include "emulation/injection.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "emulation/network_codes.h"

namespace brownout {
namespace {

std::uint64_t countBits(Word data, unsigned check) {
    return static_cast<std::uint64_t>(__builtin_popcountll(data) + __builtin_popcount(check));
}

/// Takes words as they were decoded: counts what became of them and patches the codes that differ
/// from the stored ones.
class Reader {
 public:
    Reader(const MemoryMap& map, const StoredNetwork& network, Engine& engine,
           const FaultSelection* selection = nullptr)
        : map_(map), network_(network), engine_(engine), cursor_(map) {
        const Protection& protection = *network.protection;
        counts_.wordsRead = network.image.size();
        counts_.bitsRead =
            selection != nullptr
                ? selection->cells()
                : network.image.size() * protection.wordBits() +
                      network.image.size() / protection.blockWords() * protection.checkBits();
    }

    void take(std::uint64_t imageWord, const DecodedWord& read) {
        const Word stored = network_.image[imageWord];
        const bool right = read.data == stored;
        switch (read.status) {
            case WordStatus::kClean:
                counts_.wordsSilent += right ? 0 : 1;
                break;
            case WordStatus::kCorrected:
                ++(right ? counts_.wordsCorrected : counts_.wordsMiscorrected);
                break;
            case WordStatus::kDetected:
                ++counts_.wordsDetected;
                break;
        }
        const WordCodes codes = cursor_.codesOf(imageWord);
        Word used = read.data;
        if (read.status == WordStatus::kDetected && network_.substitutes != nullptr) {
            used = codes.withCodes(used, network_.protection->worthlessBits(read),
                                   [&](std::uint64_t element) {
                                       return network_.substitutes->zeroCode(codes.tensor, element);
                                   });
        }
        map_.forEachChangedCode(codes, stored, used,
                                [&](std::uint32_t tensor, std::uint64_t code, Code value) {
                                    engine_.patch(tensor, code, value);
                                    ++counts_.codesChanged;
                                });
    }

    /// Counts what no port shows, in a block: cells that can fail, and those that read wrong.
    void countCells(Span<const CodedFault> faults, Span<const Word> stored, std::uint8_t check,
                    Span<const Word> read, std::uint8_t readCheck) {
        for (const CodedFault& fault : faults) {
            const CodedWord faulty = fault.faulty();
            *counts_.failingCells += countBits(faulty.data, faulty.check);
        }
        *counts_.bitsWrong += countBits(0, static_cast<unsigned>(check ^ readCheck));
        for (std::size_t i = 0; i < stored.size(); ++i) {
            *counts_.bitsWrong += countBits(stored[i] ^ read[i], 0);
        }
    }

    /// Goes on without the counts of cells, as far as the port doesn't show them.
    void knowsNoCells() {
        counts_.failingCells.reset();
        counts_.bitsWrong.reset();
        if (network_.protection->showsCells()) counts_.bitsWrong = 0;
    }

    /// Counts the wrong bits of a word of cells that the port shows.
    void countShown(std::uint64_t imageWord, Word read) {
        if (counts_.failingCells || !counts_.bitsWrong) return;
        *counts_.bitsWrong += countBits(network_.image[imageWord] ^ read, 0);
    }

    /// Adds the supplies that were measured, V, rounded to microvolts.
    void countSupplies(Span<const double> measured) {
        if (measured.empty()) return;
        std::uint64_t sum = 0;
        for (const double volts : measured) {
            sum += static_cast<std::uint64_t>(std::llround(std::max(0.0, volts) * 1e6));
        }
        counts_.supplyMicrovolts = sum;
        counts_.supplyReadings = measured.size();
    }

    const InjectionCounts& counts() const { return counts_; }

 private:
    const MemoryMap& map_;
    const StoredNetwork& network_;
    Engine& engine_;
    MemoryMap::Cursor cursor_;
    InjectionCounts counts_;
};

/// A faulty block of a network as its cells hold it and as they are read.
class FaultyBlock {
 public:
    explicit FaultyBlock(const Protection& protection)
        : protection_(protection),
          stored_(protection.blockWords()),
          read_(protection.blockWords()) {}

    /// Encodes the block that begins with an image word, and reads it through its faults.
    void read(Span<const CodedFault> faults, const Word* image) {
        std::copy_n(image, stored_.size(), stored_.begin());
        check_ = protection_.encode(stored_);
        if (stored_.size() == 1) {
            const CodedWord read = faults[0].read({stored_[0], check_});
            read_[0] = read.data;
            readCheck_ = read.check;
        } else {
            std::copy(stored_.begin(), stored_.end(), read_.begin());
            readCheck_ = readBlock(faults, read_, check_);
        }
    }

    /// Returns whether a cell read wrong. Stuck cells often agree with what is stored.
    bool isWrong() const {
        return check_ != readCheck_ || !std::equal(stored_.begin(), stored_.end(), read_.begin());
    }

    void countCells(Span<const CodedFault> faults, Reader& reader) const {
        reader.countCells(faults, stored_, check_, read_, readCheck_);
    }

    /// Decodes the block and gives its words to the reader, the first one as `imageWord`.
    void decode(std::uint64_t imageWord, Reader& reader) {
        const WordStatus status = protection_.decode(read_, readCheck_);
        for (std::size_t i = 0; i < read_.size(); ++i) {
            reader.take(imageWord + i, {read_[i], status});
        }
    }

 private:
    const Protection& protection_;
    std::vector<Word> stored_, read_;
    std::uint8_t check_ = 0;
    std::uint8_t readCheck_ = 0;
};

/// The faults of a block that hit cells which may fail.
class SelectedFaults {
 public:
    SelectedFaults(const MemoryMap& map, const FaultSelection* selection)
        : cursor_(map), selection_(selection) {}

    /// Returns those of `words`, the faults of the block whose first word is `first`, for the block
    /// that begins with `imageWord`.
    Span<const CodedFault> of(Span<const CodedFault> words, std::uint64_t first,
                              std::uint64_t imageWord) {
        if (selection_ == nullptr) return words;
        kept_.clear();
        for (CodedFault fault : words) {
            const Word mask = selection_->maskOf(cursor_.codesOf(imageWord + fault.word - first));
            fault.andMask |= ~mask;
            fault.orMask &= mask;
            fault.xorMask &= mask;
            fault.checkAnd = 0xFF;
            fault.checkOr = 0;
            fault.checkXor = 0;
            if (fault.faulty().data != 0) kept_.push_back(fault);
        }
        return kept_;
    }

 private:
    MemoryMap::Cursor cursor_;
    const FaultSelection* selection_;
    std::vector<CodedFault> kept_;
};

/// Calls `visit(imageWord, faults, block)` for every block of the image that a faulty block of the
/// memory holds: with its first image word, the faults, and what reading it gives.
template <typename Visitor>
void forEachFaultyBlock(const CodedOverlay& faults, const MemoryMap& map,
                        const StoredNetwork& network, const FaultSelection* selection,
                        Visitor&& visit) {
    FaultyBlock block(*network.protection);
    const std::uint32_t size = network.protection->blockWords();
    SelectedFaults selected(map, selection);
    faults.forEachBlock([&](Span<const CodedFault> words) {
        const std::uint64_t first = size == 1 ? words[0].word : words[0].word / size * size;
        map.forEachImageWord(first, [&](std::uint64_t imageWord) {
            const Span<const CodedFault> failing = selected.of(words, first, imageWord);
            if (failing.empty()) return;
            block.read(failing, network.image.data() + imageWord);
            visit(imageWord, failing, block);
        });
    });
}

/// Prepares every block of the image, and notes the codes that this changes.
void prepare(StoredNetwork& stored, const EncodedNetwork& network, const MemoryMap& map) {
    const Protection& protection = *stored.protection;
    const NetworkCodes values(network);
    const std::size_t size = protection.blockWords();
    MemoryMap::Cursor cursor(map);
    std::vector<WordCodes> codes(size);
    std::vector<Word> decoded(size);
    for (std::size_t first = 0; first < stored.image.size(); first += size) {
        for (std::size_t i = 0; i < size; ++i) codes[i] = cursor.codesOf(first + i);
        const Span<Word> block = Span<Word>(stored.image).subspan(first, size);
        const std::vector<Word> before(block.begin(), block.end());
        protection.prepare(block, codes, values);
        decoded.assign(block.begin(), block.end());
        const WordStatus status = protection.decode(decoded, protection.encode(decoded));
        if (status != WordStatus::kClean ||
            !std::equal(decoded.begin(), decoded.end(), block.begin())) {
            throw Error("protection " + protection.name(),
                        "doesn't decode the words that it prepared to themselves");
        }
        for (std::size_t i = 0; i < size; ++i) {
            map.forEachChangedCode(codes[i], before[i], block[i],
                                   [&](std::uint32_t tensor, std::uint64_t element, Code code) {
                                       stored.prepared.push_back({tensor, element, code});
                                   });
        }
    }
}

/// Image words [first, end) and where they lie, by ascending physical word. No two share one.
struct Placed {
    std::uint64_t physicalWord;
    std::uint64_t imageWord;
};

std::vector<Placed> inPhysicalOrder(const MemoryMap& map, std::uint64_t first, std::uint64_t end) {
    std::vector<Placed> words;
    words.reserve(end - first);
    for (std::uint64_t word = first; word < end; ++word) {
        words.push_back({map.physicalWord(word), word});
    }
    std::sort(words.begin(), words.end(),
              [](const Placed& a, const Placed& b) { return a.physicalWord < b.physicalWord; });
    return words;
}

/// Calls `visit(run)` for every longest run of consecutive physical words.
template <typename Visitor>
void forEachRun(const std::vector<Placed>& words, Visitor&& visit) {
    for (std::size_t begin = 0; begin < words.size();) {
        std::size_t end = begin + 1;
        while (end < words.size() && words[end].physicalWord == words[end - 1].physicalWord + 1) {
            ++end;
        }
        visit(Span<const Placed>(words.data() + begin, end - begin));
        begin = end;
    }
}

}  // namespace

StoredNetwork storeNetwork(const EncodedNetwork& network, const MemoryMap& map,
                           std::shared_ptr<const Protection> protection, DetectedPolicy policy) {
    if (protection->blockWords() != map.blockWords()) {
        throw Error("protection " + protection->name(),
                    "has blocks of " + std::to_string(protection->blockWords()) +
                        " words; the network is laid out in blocks of " +
                        std::to_string(map.blockWords()));
    }
    StoredNetwork stored;
    std::vector<Span<const Code>> codes;
    for (const StoredTensor& tensor : network.storedTensors()) {
        codes.emplace_back(tensor.codes);
    }
    requireCodes(*protection, network);
    if (policy == DetectedPolicy::kZeroWeight || protection->masksWeights()) {
        stored.substitutes = std::make_shared<const NetworkCodes>(network);
    }
    stored.image = map.pack(codes);
    stored.protection = std::move(protection);
    if (stored.protection->altersData()) prepare(stored, network, map);
    return stored;
}

InjectionCounts inject(const CodedOverlay& faults, const MemoryMap& map,
                       const StoredNetwork& network, Engine& engine,
                       const FaultSelection* selection) {
    Reader reader(map, network, engine, selection);
    forEachFaultyBlock(
        faults, map, network, selection,
        [&](std::uint64_t imageWord, Span<const CodedFault> words, FaultyBlock& block) {
            block.countCells(words, reader);
            if (block.isWrong()) block.decode(imageWord, reader);
        });
    return reader.counts();
}

InjectionCounts injectThrough(WeightMemory& memory, const ChipSocket* cells,
                              const OperatingPoint& at, const MemoryMap& map,
                              const StoredNetwork& network, Engine& engine) {
    Reader reader(map, network, engine);
    const std::uint64_t perTurn = map.geometry().words();
    if (memory.words() != perTurn) {
        throw Error("memory", "has " + std::to_string(memory.words()) +
                                  " words; the network is laid out over " +
                                  std::to_string(perTurn));
    }
    memory.setSupply(at);
    if (cells != nullptr) {
        const CheckPlacement placement(cells->geometry(), *network.protection);
        forEachFaultyBlock(CodedOverlay(cells->faults(), placement), map, network, nullptr,
                           [&](std::uint64_t, Span<const CodedFault> words, FaultyBlock& block) {
                               block.countCells(words, reader);
                           });
    } else {
        reader.knowsNoCells();
    }
    std::vector<Word> words;
    std::vector<WordStatus> statuses;
    for (std::uint64_t first = 0; first < network.image.size(); first += perTurn) {
        const std::uint64_t end = std::min<std::uint64_t>(first + perTurn, network.image.size());
        const std::vector<Placed> placed = inPhysicalOrder(map, first, end);
        forEachRun(placed, [&](Span<const Placed> run) {
            words.clear();
            for (const Placed& word : run) words.push_back(network.image[word.imageWord]);
            memory.write(run.front().physicalWord, words);
        });
        forEachRun(placed, [&](Span<const Placed> run) {
            words.resize(run.size());
            statuses.resize(run.size());
            memory.read(run.front().physicalWord, words, statuses);
            for (std::size_t i = 0; i < run.size(); ++i) {
                reader.countShown(run[i].imageWord, words[i]);
                reader.take(run[i].imageWord, {words[i], statuses[i]});
            }
        });
    }
    reader.countSupplies(memory.measuredSupplies());
    memory.release();
    return reader.counts();
}

}  // namespace brownout
