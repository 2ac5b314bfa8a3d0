#include "emulation/injection.h"

#include <algorithm>

#include "base/error.h"

namespace brownout {
namespace {

std::uint64_t countBits(const CodedWord& word) {
    return static_cast<std::uint64_t>(__builtin_popcountll(word.data) +
                                      __builtin_popcount(word.check));
}

/// Takes words as they were decoded: counts what the codec made of them and patches the codes that
/// differ from the stored ones.
class Reader {
 public:
    Reader(const MemoryMap& map, const StoredNetwork& network, Engine& engine)
        : map_(map), network_(network), engine_(engine), cursor_(map) {
        counts_.wordsRead = network.image.size();
        counts_.bitsRead =
            network.image.size() * (network.codec->wordBits() + network.codec->checkBits());
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
        const MemoryMap::Codes codes = cursor_.codesOf(imageWord);
        Word used = read.data;
        if (read.status == WordStatus::kDetected && !network_.substitutes.empty()) {
            used = map_.withCodes(
                codes, used, network_.codec->suspectBits(read),
                [&](std::uint64_t code) { return network_.substitutes[codes.tensor]->zero(code); });
        }
        map_.forEachChangedCode(codes, stored, used,
                                [&](std::uint32_t tensor, std::uint64_t code, Code value) {
                                    engine_.patch(tensor, code, value);
                                    ++counts_.codesChanged;
                                });
    }

    /// What no port shows: cells that can fail, and those that read wrong.
    void countCells(const CodedFault& fault, const CodedWord& stored, const CodedWord& read) {
        counts_.failingCells += countBits(fault.faulty());
        counts_.bitsWrong += countBits(
            {stored.data ^ read.data, static_cast<std::uint8_t>(stored.check ^ read.check)});
    }

    const InjectionCounts& counts() const { return counts_; }

 private:
    const MemoryMap& map_;
    const StoredNetwork& network_;
    Engine& engine_;
    MemoryMap::Cursor cursor_;
    InjectionCounts counts_;
};

/// Calls `visit(imageWord, fault, stored, read)` for every image word that a faulty coded word
/// holds.
template <typename Visitor>
void forEachFaultyWord(const CodedOverlay& faults, const MemoryMap& map,
                       const StoredNetwork& network, Visitor&& visit) {
    const Codec& codec = *network.codec;
    const bool isProtected = codec.checkBits() > 0;
    faults.forEachWord([&](const CodedFault& fault) {
        map.forEachImageWord(fault.word, [&](std::uint64_t word) {
            const Word data = network.image[word];
            const CodedWord stored{data, isProtected ? codec.encode(data) : std::uint8_t{0}};
            visit(word, fault, stored, fault.read(stored));
        });
    });
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
                           std::shared_ptr<const Codec> codec, DetectedPolicy policy) {
    StoredNetwork stored;
    std::vector<Span<const Code>> codes;
    for (const StoredTensor& tensor : network.storedTensors()) {
        codes.emplace_back(tensor.codes);
        if (policy == DetectedPolicy::kZeroWeight) {
            stored.substitutes.push_back(tensor.format);
        }
    }
    stored.image = map.pack(codes);
    stored.codec = std::move(codec);
    return stored;
}

InjectionCounts inject(const CodedOverlay& faults, const MemoryMap& map,
                       const StoredNetwork& network, Engine& engine) {
    Reader reader(map, network, engine);
    forEachFaultyWord(faults, map, network,
                      [&](std::uint64_t word, const CodedFault& fault, const CodedWord& stored,
                          const CodedWord& read) {
                          reader.countCells(fault, stored, read);
                          // Stuck cells often agree with what is stored.
                          if (!(read == stored)) reader.take(word, network.codec->decode(read));
                      });
    return reader.counts();
}

InjectionCounts injectThrough(WeightMemory& memory, double supply, const CodedOverlay& faults,
                              const MemoryMap& map, const StoredNetwork& network, Engine& engine) {
    Reader reader(map, network, engine);
    forEachFaultyWord(faults, map, network,
                      [&](std::uint64_t, const CodedFault& fault, const CodedWord& stored,
                          const CodedWord& read) { reader.countCells(fault, stored, read); });
    const std::uint64_t perTurn = map.geometry().words();
    if (memory.words() != perTurn) {
        throw Error("memory", "has " + std::to_string(memory.words()) +
                                  " words; the network is laid out over " +
                                  std::to_string(perTurn));
    }
    memory.setSupply(supply);
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
                reader.take(run[i].imageWord, {words[i], statuses[i]});
            }
        });
    }
    return reader.counts();
}

}  // namespace brownout
