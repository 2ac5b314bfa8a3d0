#include <gtest/gtest.h>

#include <deque>
#include <random>

#include "hardware/frames/frame_memory.h"
#include "model/functional_memory.h"
#include "tests/hardware/fpga_stream.h"
#include "tests/sim/sample_chip.h"

// A line that damages, loses, repeats and delays bytes both ways: what is read is right or isn't
// read at all.

namespace brownout {
namespace {

using test::FpgaStream;

const SramGeometry kGeometry{2, 64, 64, 1};

/// Does to bytes what a bad line may do, at random.
class BadLine {
 public:
    BadLine(std::uint64_t seed, double rate) : random_(seed), rate_(rate) {}

    std::string operator()(std::string bytes) {
        if (bytes.empty()) return bytes;
        const std::string whole = bytes;
        if (happens()) {
            ++harm_;
            switch (random_() % 7) {
                case 0:  // some bits
                    for (std::uint64_t i = 0; i <= random_() % 3; ++i) {
                        bytes[random_() % bytes.size()] ^= static_cast<char>(1 << random_() % 8);
                    }
                    break;
                case 1:  // the end is missing
                    bytes.resize(random_() % bytes.size());
                    break;
                case 2:  // so is the beginning
                    bytes.erase(0, 1 + random_() % bytes.size());
                    break;
                case 3:  // a part of the middle
                    bytes.erase(random_() % bytes.size(), 1 + random_() % 20);
                    break;
                case 4:  // all comes twice
                    bytes += whole;
                    break;
                case 5:  // noise in between
                    bytes.insert(random_() % bytes.size(), noise());
                    break;
                default:  // something from earlier once more, before or behind
                    if (!earlier_.empty()) {
                        const std::string& late = earlier_[random_() % earlier_.size()];
                        bytes = random_() % 2 != 0 ? late + bytes : bytes + late;
                    }
            }
        }
        earlier_.push_back(whole);
        if (earlier_.size() > 30) earlier_.pop_front();
        // Bytes that are held back come with those that are sent next.
        std::swap(bytes, held_);
        if (!happens()) {
            bytes += held_;
            held_.clear();
        }
        return bytes;
    }

    std::uint64_t harm() const { return harm_; }

 private:
    bool happens() { return std::uniform_real_distribution<>()(random_) < rate_; }
    std::string noise() {
        std::string bytes(1 + random_() % 30, '\0');
        for (char& byte : bytes) byte = static_cast<char>(random_() % 4 == 0 ? 0x7E : random_());
        return bytes;
    }

    std::mt19937_64 random_;
    double rate_;
    std::deque<std::string> earlier_;
    std::string held_;
    std::uint64_t harm_ = 0;
};

/// Repeats what a bad line kept from being done.
void persist(const std::function<void()>& action) {
    for (int attempt = 0;; ++attempt) {
        try {
            action();
            return;
        } catch (const Error&) {
            if (attempt == 20) throw;
        }
    }
}

class FpgaAtABadLine : public testing::TestWithParam<std::uint64_t> {};

TEST_P(FpgaAtABadLine, GivesTheRightWordsOrNone) {
    const std::uint64_t seed = GetParam();
    FrameLinkSettings settings;
    settings.timeout = std::chrono::milliseconds(2);
    settings.quiet = std::chrono::milliseconds(0);
    settings.attempts = 10;
    auto stream = std::make_unique<FpgaStream>(makeFpga("secded"));
    FpgaStream& line = *stream;
    const auto chips = test::sampleChips(kGeometry, 0.05);
    const std::shared_ptr<const Protection> protection = makeProtection("secded", 64);
    FrameMemory memory(std::make_unique<FrameDevice>(std::move(stream), settings), chips,
                       protection, "chips");
    FunctionalMemory golden(chips, protection);
    const auto there = std::make_shared<BadLine>(2 * seed, 0.1);
    const auto back = std::make_shared<BadLine>(2 * seed + 1, 0.1);
    line.toDevice = [there](std::string bytes) { return (*there)(std::move(bytes)); };
    line.fromDevice = [back](std::string bytes) { return (*back)(std::move(bytes)); };

    std::mt19937_64 random(seed);
    std::vector<Word> data;
    std::vector<Word> expected;
    std::vector<WordStatus> status;
    std::vector<WordStatus> expectedStatus;
    for (int i = 0; i < 60; ++i) {
        if (i % 20 == 0) {
            const double supply = 0.8 + 0.1 * static_cast<double>(random() % 3);
            golden.setSupply(supply);
            persist([&] { memory.setSupply(supply); });
        }
        data.resize(1 + random() % (random() % 4 == 0 ? memory.words() : 8));
        for (Word& word : data) word = random();
        const std::uint64_t at = random() % (memory.words() - data.size() + 1);
        golden.write(at, data);
        persist([&] { memory.write(at, data); });
        const std::uint64_t from = random() % (memory.words() - data.size() + 1);
        expected.assign(data.size(), 0);
        status.assign(data.size(), WordStatus::kClean);
        expectedStatus.assign(data.size(), WordStatus::kClean);
        golden.read(from, expected, expectedStatus);
        persist([&] { memory.read(from, data, status); });
        ASSERT_EQ(data, expected) << "seed " << seed << ", access " << i;
        ASSERT_EQ(status, expectedStatus) << "seed " << seed << ", access " << i;
    }
    EXPECT_GT(there->harm() + back->harm(), 5U);
    EXPECT_GT(memory.device().repeatedRequests(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Seeds, FpgaAtABadLine, testing::Range<std::uint64_t>(1, 41));

TEST(FpgaThatIsResetInBetween, IsNotTakenForTheOneThatWasWritten) {
    FrameLinkSettings settings;
    settings.timeout = std::chrono::milliseconds(2);
    settings.quiet = std::chrono::milliseconds(0);
    auto stream = std::make_unique<FpgaStream>(makeFpga("none"));
    FpgaStream& line = *stream;
    FrameDevice device(std::move(stream), settings);
    const std::vector<Word> written{1, 2, 3};
    std::vector<Word> words(3);
    device.write(0, written);
    device.read(0, words, {});
    EXPECT_EQ(words, written);
    line.replace(makeFpga("none"));
    try {
        device.read(0, words, {});
        ADD_FAILURE() << "a design that has forgotten all answered";
    } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find("no answer"), std::string::npos) << error.what();
    }
}

}  // namespace
}  // namespace brownout
