#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/span.h"
#include "hardware/frames/frame_link.h"
#include "model/coded_overlay.h"
#include "model/protection/protection.h"

namespace brownout {

/// The answer of a device to "identify".
struct FrameDeviceInfo {
    std::uint16_t version = 0;       ///< version of the protocol
    std::uint16_t requestBytes = 0;  ///< bytes of requests that may wait in it
    std::uint32_t banks = 0;
    std::uint32_t rows = 0;      ///< words of a bank
    std::uint32_t dataBits = 0;  ///< bits of a word without check bits
    std::uint32_t codec = 0;     ///< number of weight_buffer_pkg::Codec*

    std::uint64_t words() const { return std::uint64_t{banks} * rows; }
};

/// The counters of a device since they were cleared.
struct FrameCounters {
    std::uint64_t reads = 0;
    std::uint64_t corrected = 0;
    std::uint64_t detected = 0;
    std::uint32_t badFrames = 0;  ///< frames that it dropped: damaged ones and late copies
};

/// Words to write or to read, consecutive from an address on.
struct FrameAccess {
    std::uint32_t address = 0;
    Span<const Word> toWrite;   ///< empty for a read
    Span<Word> read;            ///< as many words as are to be read
    Span<WordStatus> statuses;  ///< empty, or one a word read
};

/// A wrong read of a March test.
struct MarchFailure {
    std::uint32_t address = 0;
    CodedWord syndrome;  ///< bits that were wrong
    CodedWord expected;  ///< the right word
};

/// A weight buffer behind the frame protocol (rtl/fpga/PROTOCOL.md), as the protocol shows it:
/// addresses and masks, no chips. Every call ends: with Error naming the device, if it doesn't
/// answer or refuses.
class FrameDevice {
 public:
    /// Asks the device behind a stream to identify itself. Throws Error if nothing answers that
    /// speaks this version of the protocol.
    explicit FrameDevice(std::unique_ptr<ByteStream> stream,
                         const FrameLinkSettings& settings = {});

    const std::string& name() const { return link_.name(); }
    const FrameDeviceInfo& info() const { return info_; }

    /// Does accesses in their order, as many in a burst as the device takes.
    void execute(Span<const FrameAccess> accesses);
    void write(std::uint32_t address, Span<const Word> words);
    void read(std::uint32_t address, Span<Word> words, Span<WordStatus> statuses);

    /// Removes all fault masks.
    void clearMasks();
    /// Loads masks of words, whose addresses are in `CodedFault::word`; others stay.
    void loadMasks(Span<const CodedFault> faults);

    /// Runs March algorithm `algorithm` (march_pkg::Table) on the words [0, words), with
    /// `background` for "0"; returns every wrong read in its order. Stored words are lost.
    std::vector<MarchFailure> runBist(std::uint8_t algorithm, std::uint64_t words,
                                      const CodedWord& background);

    FrameCounters counters();
    void clearCounters();

    /// Returns how many requests were sent again because of what happened on the way.
    std::uint64_t repeatedRequests() const { return link_.repeated(); }

 private:
    /// Exchanges one request without a payload in its reply.
    void exchangeOne(FrameRequest request);

    FrameLink link_;
    FrameDeviceInfo info_;
};

/// Returns the number of the codec that encodes and decodes as a protection does, or nothing if no
/// RTL has it.
std::optional<std::uint32_t> codecNumberOf(const std::string& protection);
/// Returns the name of a codec as --protection spells it: "secded".
std::string codecName(std::uint32_t number);

}  // namespace brownout
