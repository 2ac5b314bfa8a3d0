#include "sim/cosim_traffic.h"

#include <algorithm>
#include <numeric>

#include "model/random.h"

namespace brownout {
namespace {

constexpr std::size_t kPieceOps = 1 << 16;

using Take = std::function<void(const TrafficPiece&)>;

MemoryOp writeOf(std::uint64_t address, Word data) {
    return {static_cast<std::uint32_t>(address), true, data};
}
MemoryOp readOf(std::uint64_t address) { return {static_cast<std::uint32_t>(address), false, 0}; }

/// A word that belongs to an address: a few rounds of a mixing function.
Word hashOf(std::uint64_t address) {
    Word word = address * 0x9E3779B97F4A7C15;
    word ^= word >> 29;
    word *= 0xBF58476D1CE4E5B9;
    return word ^ (word >> 32);
}

class Generator {
 public:
    Generator(const TrafficSettings& settings, const Take& take)
        : settings_(settings),
          take_(take),
          words_(settings.data.words()),
          mask_(~Word{0} >> (64 - settings.data.wordBits())) {}

    void image() const {
        const std::size_t atOnce = std::min<std::uint64_t>(words_, kPieceOps / 2);
        for (std::size_t first = 0; first < settings_.image.size(); first += atOnce) {
            const std::size_t end = std::min(first + atOnce, settings_.image.size());
            TrafficPiece piece{"image", BackPressure::kNone, {}};
            for (std::size_t i = first; i < end; ++i) {
                piece.ops.push_back(writeOf(settings_.image[i].first, settings_.image[i].second));
            }
            for (std::size_t i = first; i < end; ++i) {
                piece.ops.push_back(readOf(settings_.image[i].first));
            }
            take_(piece);
        }
    }

    /// Every word written with `content(address)`, then all read in the order of `place(i)`.
    template <typename Content, typename Place>
    void fill(const std::string& name, const Content& content, const Place& place) const {
        TrafficPiece piece{name, BackPressure::kNone, {}};
        for (std::uint64_t i = 0; i < words_; ++i) piece.ops.push_back(writeOf(i, content(i)));
        for (std::uint64_t i = 0; i < words_; ++i) piece.ops.push_back(readOf(place(i)));
        take_(piece);
    }

    void patterns() const {
        const auto inOrder = [](std::uint64_t i) { return i; };
        fill(
            "all zeros", [](std::uint64_t) { return Word{0}; }, inOrder);
        fill(
            "all ones", [&](std::uint64_t) { return mask_; }, inOrder);
        const Word even = 0x5555555555555555 & mask_;
        const auto board = [&](Word first) {
            return [=](std::uint64_t i) { return i % 2 == 0 ? first : ~first & mask_; };
        };
        fill("checkerboard", board(even), inOrder);
        fill("inverse checkerboard", board(~even & mask_), inOrder);
        // A step that has no factor in common with the number of words, about a bank and a half.
        std::uint64_t step = settings_.data.wordsPerArray() * 3 / 2 + 1;
        while (std::gcd(step, words_) != 1) ++step;
        fill(
            "a content for each address", [&](std::uint64_t i) { return hashOf(i) & mask_; },
            [=](std::uint64_t i) { return i * step % words_; });
    }

    void walkingBits() const {
        TrafficPiece piece{"walking bits", BackPressure::kNone, {}};
        const std::uint64_t perArray = settings_.data.wordsPerArray();
        for (std::uint64_t array = 0; array < settings_.data.arrays; ++array) {
            for (const std::uint64_t word : {array * perArray, (array + 1) * perArray - 1}) {
                for (std::uint32_t bit = 0; bit < settings_.data.wordBits(); ++bit) {
                    const Word one = Word{1} << bit;
                    for (const Word content : {one, ~one & mask_}) {
                        piece.ops.push_back(writeOf(word, content));
                        piece.ops.push_back(readOf(word));
                    }
                }
            }
            if (piece.ops.size() >= kPieceOps) flush(piece);
        }
        flush(piece);
    }

    void backToBack() const {
        TrafficPiece piece{"read after write", BackPressure::kNone, {}};
        const std::uint64_t perArray = settings_.data.wordsPerArray();
        for (std::uint64_t i = 0; i < 2048; ++i) {
            const std::uint64_t here = hashOf(i) % words_;
            const std::uint64_t elsewhere = (here + perArray) % words_;  // same row, next bank
            for (const MemoryOp& op :
                 {writeOf(here, hashOf(i + 1) & mask_), readOf(here), readOf(elsewhere),
                  writeOf(here, hashOf(i + 2) & mask_), readOf(here), readOf(here),
                  writeOf(elsewhere, hashOf(i + 3) & mask_), readOf(here), readOf(elsewhere)}) {
                piece.ops.push_back(op);
            }
        }
        take_(piece);
    }

    void backPressure() const {
        random("back-pressure at random", BackPressure::kRandom, 4096, 1);
        random("back-pressure held", BackPressure::kHeld, 4096, 2);
    }

    /// `count` words written at random addresses and read again, writes ahead of reads.
    void random(const char* name, BackPressure pressure, std::uint64_t count,
                std::uint32_t stream) const {
        RandomStream addresses(settings_.seed, RandomDomain::kTraffic, stream, 0);
        RandomStream contents(settings_.seed, RandomDomain::kTraffic, stream, 1);
        TrafficPiece piece{name, pressure, {}};
        std::vector<std::uint64_t> places;
        for (std::uint64_t done = 0; done < count;) {
            // Runs of a few, so that reads meet words that were overwritten in between.
            const std::uint64_t run =
                std::min<std::uint64_t>(count - done, 1 + contents.next() % 15);
            places.clear();
            for (std::uint64_t i = 0; i < run; ++i) {
                places.push_back(addresses.next() % words_);
                piece.ops.push_back(writeOf(places.back(), contents.next() & mask_));
            }
            for (const std::uint64_t place : places) piece.ops.push_back(readOf(place));
            done += run;
            if (piece.ops.size() >= kPieceOps) flush(piece);
        }
        flush(piece);
    }

 private:
    void flush(TrafficPiece& piece) const {
        if (!piece.ops.empty()) take_(piece);
        piece.ops.clear();
    }

    const TrafficSettings& settings_;
    const Take& take_;
    std::uint64_t words_;
    Word mask_;
};

}  // namespace

void forEachPiece(const TrafficSettings& settings, const Take& take) {
    const Generator generator(settings, take);
    generator.image();
    generator.patterns();
    generator.walkingBits();
    generator.backToBack();
    generator.backPressure();
    generator.random("random", BackPressure::kNone, settings.randomWords, 3);
}

std::uint64_t comparedWords(const TrafficSettings& settings) {
    TrafficSettings directed = settings;
    directed.randomWords = 0;
    std::uint64_t reads = settings.randomWords;
    forEachPiece(directed, [&](const TrafficPiece& piece) {
        reads += static_cast<std::uint64_t>(std::count_if(
            piece.ops.begin(), piece.ops.end(), [](const MemoryOp& op) { return !op.write; }));
    });
    return reads;
}

}  // namespace brownout
