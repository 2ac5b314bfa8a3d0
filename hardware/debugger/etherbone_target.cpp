#include "hardware/debugger/etherbone_target.h"

#include <algorithm>

#include "hardware/debugger/etherbone_packet.h"

namespace brownout {
namespace {

/// Bytes that are read again after trouble.
constexpr std::size_t kBlock = std::size_t{1} << 14;

}  // namespace

EtherboneTarget::EtherboneTarget(TcpAddress address, const LinkTimes& times)
    : name_("etherbone://" + address.text()), link_(TcpDialogue::with(std::move(address)), times) {
    repeat([] {});
}

void EtherboneTarget::repeat(const std::function<void()>& block) {
    link_.repeat([&] { lengths_.forget(); }, block);
}

TargetTraffic EtherboneTarget::traffic() const {
    TargetTraffic traffic = traffic_;
    traffic.repeats = link_.renewals();
    return traffic;
}

void EtherboneTarget::requireWords(std::uint64_t address, std::size_t bytes) const {
    if (address % 4 != 0 || bytes % 4 != 0 || address + bytes > std::uint64_t{1} << 32) {
        throw Error(name_, std::to_string(bytes) + " bytes at " + hexAddress(address) +
                               "; Etherbone has whole 32-bit words below 4 GiB");
    }
}

std::vector<std::uint32_t> EtherboneTarget::ask(std::uint64_t address, std::size_t words) {
    const Deadline deadline = link_.answerDeadline();
    ++number_;
    ++traffic_.roundTrips;
    link_->write(etherboneRead(static_cast<std::uint32_t>(address), words, number_), deadline);
    const auto bytes = etherboneAnswerBytes(link_->reader().exactly(kEtherboneHead, deadline));
    if (!bytes) throw LinkTrouble(name_, "sent something that is no answer to a read");
    EtherboneAnswer answer = etherboneAnswer(link_->reader().exactly(*bytes, deadline));
    if (answer.words.size() != words || (answer.address != 0 && answer.address != number_)) {
        throw LinkTrouble(name_, "answers and requests don't match any more");
    }
    return std::move(answer.words);
}

void EtherboneTarget::readBlock(std::uint64_t address, Span<std::uint8_t> bytes) {
    for (std::size_t done = 0; done < bytes.size();) {
        const std::size_t words = lengths_.next((bytes.size() - done) / 4, kMostEtherboneWords, 1);
        if (words == 0) {  // one word after one word
            ask(address + done, 2);
            lengths_.forget();
            continue;
        }
        for (std::uint32_t word : ask(address + done, words)) {
            for (int i = 0; i < 4; ++i, word >>= 8) {
                bytes[done++] = static_cast<std::uint8_t>(word);
            }
        }
    }
    // An answer too many would be taken for this one, and be of another length.
    ask(address, lengths_.next(1, kMostEtherboneWords, 1) == 1 ? 1 : 2);
    lengths_.forget();
}

void EtherboneTarget::read(std::uint64_t address, Span<std::uint8_t> bytes) {
    requireWords(address, bytes.size());
    for (std::size_t done = 0; done < bytes.size(); done += kBlock) {
        const auto block = bytes.subspan(done, std::min(kBlock, bytes.size() - done));
        repeat([&] { readBlock(address + done, block); });
    }
    traffic_.bytesRead += bytes.size();
}

void EtherboneTarget::write(std::uint64_t address, Span<const std::uint8_t> bytes) {
    requireWords(address, bytes.size());
    repeat([&] {
        for (std::size_t done = 0; done < bytes.size();) {
            std::vector<std::uint32_t> words;
            const std::size_t begin = done;
            while (done < bytes.size() && words.size() < kMostEtherboneWords) {
                std::uint32_t word = 0;
                for (std::size_t i = 4; i-- > 0;) word = word << 8 | bytes[done + i];
                words.push_back(word);
                done += 4;
            }
            link_->write(etherboneWrite(static_cast<std::uint32_t>(address + begin), words),
                         link_.answerDeadline());
        }
    });
    traffic_.bytesWritten += bytes.size();
}

}  // namespace brownout
