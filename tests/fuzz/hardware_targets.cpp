#include <algorithm>
#include <memory>
#include <sstream>

#include "hardware/bench/gdb_stub.h"
#include "hardware/bench/scpi_front.h"
#include "hardware/connection/link_trouble.h"
#include "hardware/debugger/etherbone_packet.h"
#include "hardware/debugger/gdb_packet.h"
#include "hardware/debugger/gdb_session.h"
#include "hardware/supply/scpi_dialect.h"
#include "hardware/supply/scpi_instrument.h"
#include "model/threshold_chips.h"
#include "tests/fuzz/expectations.h"
#include "tests/fuzz/fuzz_targets.h"

namespace brownout::fuzz {
namespace {

std::string textOf(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

/// A connection at whose other end lies a script: each write is answered with its next piece, of as
/// many bytes as the piece's first byte says.
class ScriptedStream final : public ByteStream {
 public:
    explicit ScriptedStream(std::string script) : script_(std::move(script)) {}
    const std::string& name() const override { return name_; }
    void write(std::string_view /*bytes*/, Deadline /*deadline*/) override {
        if (at_ >= script_.size()) throw LinkTrouble(name_, "the script has ended");
        const auto size = static_cast<unsigned char>(script_[at_++]);
        arrived_ += script_.substr(at_, size);
        at_ += size;
    }
    std::size_t read(char* to, std::size_t most, Deadline /*deadline*/) override {
        const std::size_t count = std::min(most, arrived_.size());
        std::copy_n(arrived_.begin(), count, to);
        arrived_.erase(0, count);
        return count;
    }

 private:
    std::string name_ = "input";
    std::string script_;
    std::string arrived_;
    std::size_t at_ = 0;
};

/// Whatever a stub says: an answer that is believed is one of a packet that was sent.
void fuzzGdbAnswers(const std::uint8_t* data, std::size_t size) {
    const std::string script = textOf(data, size);
    expectErrorsOfOneLine([&] {
        GdbSettings settings;
        settings.answer = std::chrono::milliseconds(0);
        settings.acknowledge = size == 0 || (data[0] & 1) != 0;
        GdbSession session(std::make_unique<ScriptedStream>(script), settings);
        for (int i = 0; i < 8; ++i) {
            const std::string answer = session.ask("m20000000,8");
            require(script.find('$') != std::string::npos, "an answer without a packet");
            if (const auto bytes = bytesOfHex(answer)) {
                require(bytes->size() * 2 == answer.size(), "the bytes of digits");
            }
        }
    });
}

/// Whatever a debugger says: the bench's stub answers in packets, and its memory stays in bounds.
void fuzzGdbRequests(const std::uint8_t* data, std::size_t size) {
    const SramGeometry geometry{1, 8, 64, 1};
    BenchMemory memory(
        std::make_shared<ThresholdChips>(Chip(geometry, {}, 0)), {},
        [](double volts) {
            return OperatingPoint{volts, {}, {}};
        },
        0x1000);
    memory.supplyIs(1);
    GdbStub stub(memory, [] {});
    const std::string answer = stub.receive(textOf(data, size));
    require(answer.find_first_not_of("+-") == std::string::npos ||
                answer.find('$') != std::string::npos,
            "an answer that is no packet");
    require(memory.read(0x1000, 64).size() == 64, "the memory");
}

/// Whatever a server says: the words of an answer are those that its headers announce.
void fuzzEtherbone(const std::uint8_t* data, std::size_t size) {
    const std::string text = textOf(data, size);
    if (size < kEtherboneHead) return;
    const auto bytes = etherboneAnswerBytes(text.substr(0, kEtherboneHead));
    if (!bytes || size < kEtherboneHead + *bytes) return;
    const EtherboneAnswer answer = etherboneAnswer(text.substr(kEtherboneHead, *bytes));
    require(!answer.words.empty() && answer.words.size() <= kMostEtherboneWords, "the words");
    require(etherboneWrite(answer.address, answer.words).substr(kEtherboneHead) ==
                text.substr(kEtherboneHead, *bytes),
            "an answer that reads as another");
}

/// An instrument that answers every question with the next line of a script.
class ScriptedLink final : public ScpiLink {
 public:
    explicit ScriptedLink(std::shared_ptr<std::istringstream> script)
        : script_(std::move(script)) {}
    std::vector<std::string> exchange(const std::vector<std::string>& commands,
                                      Deadline /*deadline*/) override {
        std::vector<std::string> answers;
        for (const std::string& command : commands) {
            if (!isScpiQuestion(command)) continue;
            if (!std::getline(*script_, answers.emplace_back())) {
                throw LinkTrouble("input", "the script has ended");
            }
        }
        return answers;
    }

 private:
    std::shared_ptr<std::istringstream> script_;
};

/// Whatever an instrument says: the voltage that is believed is a line of its own. The first byte
/// says whether exchanges are numbered.
void fuzzScpiAnswers(const std::uint8_t* data, std::size_t size) {
    const std::string text = textOf(data, size).substr(size == 0 ? 0 : 1);
    const auto script = std::make_shared<std::istringstream>(text);
    ScpiDialect dialect;
    dialect.numbered = size > 0 && (data[0] & 1) != 0;
    LinkTimes times;
    times.connections = 3;
    expectErrorsOfOneLine([&] {
        ScpiInstrument supply(
            "input", [&](Deadline /*deadline*/) { return std::make_unique<ScriptedLink>(script); },
            dialect, times);
        require(text.find(supply.identity()) != std::string::npos, "an identity of nobody");
        for (int i = 0; i < 4; ++i) {
            supply.set(0.5);
            const double volts = supply.measure();
            std::istringstream lines(text);
            bool said = false;
            for (std::string line; std::getline(lines, line) && !said;) {
                try {
                    said = voltsInAnswer("input", line) == volts;
                } catch (const Error&) {  // another line
                }
            }
            require(said, "a voltage that nobody said");
        }
    });
}

/// Whatever a program says: the bench's supply stays within its range.
void fuzzScpi(const std::uint8_t* data, std::size_t size) {
    BenchSupply supply(0.9, 10);
    ScpiFront front(supply, "input", 5, [] {});
    ScpiConnection connection(front);
    const std::string text = textOf(data, size);
    connection.receive(text);
    require(supply.asked() >= 0 && supply.asked() <= 5, "the voltage");
    expectErrorsOfOneLine([&] { voltsInAnswer("input", text); });
    expectErrorsOfOneLine([&] {
        const auto input = memoryInput("input", text);
        const ScpiDialect dialect = readScpiDialect(*input);
        require(dialect.set.find("{volts}") != std::string::npos, "a command without volts");
    });
}

}  // namespace

std::vector<FuzzTarget> hardwareTargets() {
    return {{"gdb-answers", fuzzGdbAnswers},
            {"gdb-requests", fuzzGdbRequests},
            {"etherbone", fuzzEtherbone},
            {"scpi", fuzzScpi},
            {"scpi-answers", fuzzScpiAnswers}};
}

}  // namespace brownout::fuzz
