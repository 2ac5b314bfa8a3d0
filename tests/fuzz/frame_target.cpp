#include <algorithm>

#include "base/error.h"
#include "hardware/frames/frame_device.h"
#include "hardware/frames/little_endian.h"
#include "tests/fuzz/expectations.h"
#include "tests/fuzz/fuzz_targets.h"

namespace brownout::fuzz {
namespace {

/// A device that answers as the bytes of an input say: with frames that fit the question but for
/// what the input wants otherwise, or with any bytes.
class ScriptedDevice final : public ByteStream {
 public:
    ScriptedDevice(const std::uint8_t* data, std::size_t size) : script_(data), left_(size) {}

    const std::string& name() const override { return name_; }

    void write(std::string_view bytes, Deadline) override {
        requests_.feed(bytes, [&](std::string_view request) { answer(request); });
    }

    std::size_t read(char* to, std::size_t most, Deadline) override {
        // At the end of the script the connection is closed, so that nobody waits.
        if (answers_.empty() && left_ == 0) {
            throw Error(name_, "the connection was closed from there");
        }
        const std::size_t count = std::min({most, answers_.size(), std::size_t{7}});
        answers_.copy(to, count);
        answers_.erase(0, count);
        return count;
    }

 private:
    std::uint8_t take() {
        if (left_ == 0) return 0;
        --left_;
        return *script_++;
    }
    std::string take(std::size_t count) {
        std::string bytes(std::min(count, left_), '\0');
        for (char& byte : bytes) byte = static_cast<char>(take());
        return bytes;
    }

    void answer(std::string_view request) {
        if (left_ == 0) return;
        const std::uint8_t kind = take();
        if (kind % 8 == 7) {
            answers_ += take(take());
            return;
        }
        std::string content;
        content += static_cast<char>(static_cast<std::uint8_t>(request[0]) | 0x80U);
        content += static_cast<char>(kind % 8 == 6 ? take() : 0);
        auto tag = static_cast<std::uint32_t>(littleEndian(request, 2, 4));
        if (kind % 8 == 5) tag += take();
        appendLittleEndian(content, tag, 4);
        content += take(take());
        if ((kind & 8) != 0) content += std::string(take() * 9U, '\0');
        // "Identify" repeats the newest tag; without it nothing else is ever asked.
        if (request[0] == 1 && (kind & 16) == 0) {
            content.resize(18, '\1');
            appendLittleEndian(content, tag, 4);
        }
        std::string frame = frameOf(content);
        if ((kind & 32) != 0) frame[take() % frame.size()] = static_cast<char>(take());
        answers_ += frame;
        if ((kind & 64) != 0) answers_ += frame;
    }

    std::string name_ = "input";
    const std::uint8_t* script_;
    std::size_t left_;
    FrameParser requests_{1000};
    std::string answers_;
};

/// Whatever comes from a device: no crash, and an answer that is taken is of the length asked for.
void fuzzFrameDevice(const std::uint8_t* data, std::size_t size) {
    expectErrorsOfOneLine([&] {
        FrameLinkSettings settings;
        settings.timeout = std::chrono::milliseconds(2);
        settings.quiet = std::chrono::milliseconds(0);
        settings.attempts = 3;
        FrameDevice device(std::make_unique<ScriptedDevice>(data, size), settings);
        require(device.info().words() > 0 && device.info().dataBits <= 64, "an identity");
        std::vector<Word> words(300, 1);
        std::vector<WordStatus> statuses(words.size());
        device.write(5, words);
        device.read(0, words, statuses);
        for (const WordStatus status : statuses) {
            require(static_cast<unsigned>(status) <= 2, "a status");
        }
        device.loadMasks(std::vector<CodedFault>(20));
        device.clearMasks();
        device.counters();
        for (const MarchFailure& failure : device.runBist(1, 1, {})) {
            require(device.info().dataBits == 64 ||
                        failure.syndrome.data >> device.info().dataBits == 0,
                    "a bit outside the word");
        }
    });
}

/// Any bytes as frames: what is found is within the limit, and is the content of its own frame.
void fuzzFrames(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    FrameParser parser(64);
    std::vector<std::string> found;
    const std::size_t half = size / 2;
    const auto take = [&](std::string_view content) {
        require(content.size() <= 64, "the length of a frame");
        found.emplace_back(content);
    };
    parser.feed(bytes.substr(0, half), take);
    parser.feed(bytes.substr(half), take);
    std::string line;
    for (const std::string& content : found) line += frameOf(content);
    std::size_t again = 0;
    FrameParser(64).feed(line, [&](std::string_view content) {
        require(again < found.size() && content == found[again], "a frame that changes");
        ++again;
    });
    require(again == found.size(), "a frame that is lost");
    // What isn't a frame for itself doesn't make one with what the input was cut into.
    require(parser.badFrames() + found.size() <= size / 2 + 1, "the number of frames");
}

}  // namespace

std::vector<FuzzTarget> frameTargets() {
    return {{"frames", fuzzFrames}, {"frame-device", fuzzFrameDevice}};
}

}  // namespace brownout::fuzz
