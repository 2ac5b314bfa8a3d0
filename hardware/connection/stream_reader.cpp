#include "hardware/connection/stream_reader.h"

#include <array>

#include "hardware/connection/link_trouble.h"

namespace brownout {

bool StreamReader::fill(Deadline deadline) {
    if (begin_ > 0) {
        buffer_.erase(0, begin_);
        begin_ = 0;
    }
    std::array<char, 1 << 14> arrived{};
    const std::size_t count = stream_.read(arrived.data(), arrived.size(), deadline);
    buffer_.append(arrived.data(), count);
    return count > 0;
}

std::optional<char> StreamReader::next(Deadline deadline) {
    if (held() == 0 && !fill(deadline)) return std::nullopt;
    return buffer_[begin_++];
}

std::string StreamReader::exactly(std::size_t count, Deadline deadline) {
    while (held() < count) {
        if (!fill(deadline)) {
            throw LinkTrouble(stream_.name(), "sent " + std::to_string(held()) +
                                                  " bytes in time; " + std::to_string(count) +
                                                  " were expected");
        }
    }
    const std::string bytes = buffer_.substr(begin_, count);
    begin_ += count;
    return bytes;
}

std::string StreamReader::until(std::string_view end, std::size_t most, Deadline deadline) {
    for (std::size_t searched = 0;;) {
        const std::size_t at = buffer_.find(end, begin_ + searched);
        if (at != std::string::npos && at + end.size() - begin_ <= most) {
            std::string bytes = buffer_.substr(begin_, at + end.size() - begin_);
            begin_ = at + end.size();
            return bytes;
        }
        if (held() >= most) {
            throw LinkTrouble(stream_.name(), "sent more than " + std::to_string(most) +
                                                  " bytes without the end of an answer");
        }
        searched = held() < end.size() ? 0 : held() - end.size() + 1;
        if (!fill(deadline)) throw LinkTrouble(stream_.name(), "didn't answer in time");
    }
}

}  // namespace brownout
