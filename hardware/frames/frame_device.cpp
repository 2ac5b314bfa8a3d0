#include "hardware/frames/frame_device.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "hardware/frames/little_endian.h"

namespace brownout {
namespace {

constexpr std::uint16_t kVersion = 1;
/// Words of a write: not the 64 that a request holds, so that another one fits into the 512 bytes
/// that may wait in the smallest device, escapes included.
constexpr std::size_t kWriteWords = 56;
constexpr std::size_t kReadWords = 255;
constexpr std::size_t kMasks = 16;
constexpr std::size_t kFailures = 255;
constexpr std::size_t kWordBytes = 8;
constexpr std::size_t kReadBytes = 9;      ///< a word and its status
constexpr std::size_t kCodedBytes = 9;     ///< {check, data}
constexpr std::size_t kFailureBytes = 22;  ///< address, syndrome, expected

constexpr std::array<const char*, 9> kCodecs{
    "none", "parity", "parity-byte", "secded", "op-8", "op-16", "op-32", "op-64", "in-place-ecc"};

/// Appends {check, data}, check bits right above `dataBits` bits of data.
void appendCoded(std::string& to, const CodedWord& word, std::uint32_t dataBits) {
    std::uint64_t low = word.data;
    std::uint64_t high = word.check;
    if (dataBits < 64) {
        low = (low & ~(~std::uint64_t{0} << dataBits)) | high << dataBits;
        high >>= 64 - dataBits;
    }
    appendLittleEndian(to, low, 8);
    appendLittleEndian(to, high, 1);
}

CodedWord codedAt(std::string_view from, std::size_t at, std::uint32_t dataBits) {
    const std::uint64_t low = littleEndian(from, at, 8);
    const auto high = static_cast<std::uint8_t>(from[at + 8]);
    if (dataBits == 64) return {low, high};
    const std::uint64_t check = low >> dataBits | std::uint64_t{high} << (64 - dataBits);
    return {low & ~(~std::uint64_t{0} << dataBits), static_cast<std::uint8_t>(check)};
}

/// The requests of some accesses, and where their words belong.
struct Burst {
    struct Place {
        Span<Word> words;
        Span<WordStatus> statuses;
    };
    std::vector<FrameRequest> requests;
    std::vector<Place> places;

    void add(const FrameAccess& access) {
        for (std::size_t done = 0; done < access.toWrite.size();) {
            const std::size_t count = std::min(kWriteWords, access.toWrite.size() - done);
            FrameRequest request{FrameOp::kWrite, static_cast<std::uint8_t>(count),
                                 access.address + static_cast<std::uint32_t>(done), "", 0};
            for (std::size_t i = 0; i < count; ++i) {
                appendLittleEndian(request.payload, access.toWrite[done + i], kWordBytes);
            }
            requests.push_back(std::move(request));
            places.emplace_back();
            done += count;
        }
        for (std::size_t done = 0; done < access.read.size();) {
            const std::size_t count = std::min(kReadWords, access.read.size() - done);
            requests.push_back({FrameOp::kRead, static_cast<std::uint8_t>(count),
                                access.address + static_cast<std::uint32_t>(done), "",
                                count * kReadBytes});
            places.push_back(
                {access.read.subspan(done, count),
                 access.statuses.empty() ? access.statuses : access.statuses.subspan(done, count)});
            done += count;
        }
    }
};

}  // namespace

std::optional<std::uint32_t> codecNumberOf(const std::string& protection) {
    // op-64-largest differs in the weight that gives its bit, which software chooses.
    const std::string name = protection == "op-64-largest" ? "op-64" : protection;
    const auto* const found = std::find(kCodecs.begin(), kCodecs.end(), name);
    if (found == kCodecs.end()) return std::nullopt;
    return static_cast<std::uint32_t>(found - kCodecs.begin());
}

std::string codecName(std::uint32_t number) {
    return number < kCodecs.size() ? kCodecs[number] : "codec " + std::to_string(number);
}

FrameDevice::FrameDevice(std::unique_ptr<ByteStream> stream, const FrameLinkSettings& settings)
    : link_(std::move(stream), settings) {
    const FrameRequest identify{FrameOp::kIdentify, 0, 0, "", 16};
    std::uint32_t newestTag = 0;
    const auto ask = [&] {
        link_.exchange({&identify, 1}, [&](std::size_t, std::string_view payload) {
            info_.version = static_cast<std::uint16_t>(littleEndian(payload, 0, 2));
            info_.requestBytes = static_cast<std::uint16_t>(littleEndian(payload, 2, 2));
            const auto capability = static_cast<std::uint32_t>(littleEndian(payload, 4, 4));
            const auto geometry = static_cast<std::uint32_t>(littleEndian(payload, 8, 4));
            info_.banks = capability & 0xFFFFU;
            info_.codec = capability >> 16 & 0xFU;
            info_.rows = geometry & 0xFF'FFFFU;
            info_.dataBits = geometry >> 24;
            newestTag = static_cast<std::uint32_t>(littleEndian(payload, 12, 4));
        });
    };
    ask();
    // A client before this one may have got further with its tags.
    if (!link_.continueFrom(newestTag)) {
        ask();
        if (!link_.continueFrom(newestTag)) {
            throw Error(name(), "doesn't take new tags; is it used by another program, too?");
        }
    }
    if (info_.version != kVersion) {
        throw Error(name(), "speaks version " + std::to_string(info_.version) +
                                " of the frame protocol; expected " + std::to_string(kVersion));
    }
    if (info_.words() == 0 || info_.dataBits == 0 || info_.dataBits > 64) {
        throw Error(name(), "has " + std::to_string(info_.words()) + " words of " +
                                std::to_string(info_.dataBits) + " bits");
    }
    link_.setWindow(info_.requestBytes);
}

void FrameDevice::execute(Span<const FrameAccess> accesses) {
    Burst burst;
    for (const FrameAccess& access : accesses) burst.add(access);
    link_.exchange(burst.requests, [&](std::size_t request, std::string_view payload) {
        const Burst::Place& place = burst.places[request];
        for (std::size_t i = 0; i < place.words.size(); ++i) {
            const std::size_t at = i * kReadBytes;
            place.words[i] = littleEndian(payload, at, kWordBytes);
            const auto status = static_cast<std::uint8_t>(payload[at + kWordBytes]);
            if (status > 2) {
                throw Error(name(), "gave a word the status " + std::to_string(status) +
                                        "; expected 0, 1 or 2");
            }
            if (!place.statuses.empty()) place.statuses[i] = static_cast<WordStatus>(status);
        }
    });
}

void FrameDevice::write(std::uint32_t address, Span<const Word> words) {
    const FrameAccess access{address, words, {}, {}};
    execute({&access, 1});
}

void FrameDevice::read(std::uint32_t address, Span<Word> words, Span<WordStatus> statuses) {
    const FrameAccess access{address, {}, words, statuses};
    execute({&access, 1});
}

void FrameDevice::exchangeOne(FrameRequest request) {
    link_.exchange({&request, 1}, [](std::size_t, std::string_view) {});
}

void FrameDevice::clearMasks() { exchangeOne({FrameOp::kClearMasks, 0, 0, "", 0}); }

void FrameDevice::loadMasks(Span<const CodedFault> faults) {
    std::vector<FrameRequest> requests;
    for (std::size_t i = 0; i < faults.size(); ++i) {
        if (i % kMasks == 0) requests.push_back({FrameOp::kLoadMasks, 0, 0, "", 0});
        FrameRequest& request = requests.back();
        const CodedFault& fault = faults[i];
        ++request.count;
        appendLittleEndian(request.payload, fault.word, 4);
        for (const CodedWord& mask :
             {CodedWord{fault.andMask, fault.checkAnd}, CodedWord{fault.orMask, fault.checkOr},
              CodedWord{fault.xorMask, fault.checkXor}}) {
            appendCoded(request.payload, mask, info_.dataBits);
        }
    }
    link_.exchange(requests, [](std::size_t, std::string_view) {});
}

std::vector<MarchFailure> FrameDevice::runBist(std::uint8_t algorithm, std::uint64_t words,
                                               const CodedWord& background) {
    if (words == 0 || words > info_.words()) {
        throw Error(name(), "has " + std::to_string(info_.words()) + " words; asked to test " +
                                std::to_string(words));
    }
    std::vector<MarchFailure> failures;
    for (std::uint64_t total = 1; failures.size() < total;) {
        FrameRequest request{FrameOp::kBist, kFailures, static_cast<std::uint32_t>(words - 1), "",
                             std::nullopt};
        appendLittleEndian(request.payload, algorithm, 1);
        appendCoded(request.payload, background, info_.dataBits);
        appendLittleEndian(request.payload, failures.size(), 4);
        link_.exchange({&request, 1}, [&](std::size_t, std::string_view payload) {
            const std::size_t count = payload.size() / kFailureBytes;
            const auto wrong = [&] {
                return Error(name(),
                             "answered the BIST with " + std::to_string(payload.size()) + " bytes");
            };
            if (payload.size() != count * kFailureBytes + 4) throw wrong();
            for (std::size_t i = 0; i < count; ++i) {
                const std::size_t at = i * kFailureBytes;
                failures.push_back({static_cast<std::uint32_t>(littleEndian(payload, at, 4)),
                                    codedAt(payload, at + 4, info_.dataBits),
                                    codedAt(payload, at + 4 + kCodedBytes, info_.dataBits)});
            }
            total = littleEndian(payload, count * kFailureBytes, 4);
            if (failures.size() > total || (count < kFailures && failures.size() != total)) {
                throw wrong();
            }
        });
    }
    return failures;
}

FrameCounters FrameDevice::counters() {
    const FrameRequest request{FrameOp::kReadCounters, 0, 0, "", 28};
    FrameCounters counters;
    link_.exchange({&request, 1}, [&](std::size_t, std::string_view payload) {
        counters.reads = littleEndian(payload, 0, 8);
        counters.corrected = littleEndian(payload, 8, 8);
        counters.detected = littleEndian(payload, 16, 8);
        counters.badFrames = static_cast<std::uint32_t>(littleEndian(payload, 24, 4));
    });
    return counters;
}

void FrameDevice::clearCounters() { exchangeOne({FrameOp::kClearCounters, 0, 0, "", 0}); }

}  // namespace brownout
