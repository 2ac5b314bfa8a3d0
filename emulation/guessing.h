#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace brownout {

/// Returns how many of `images` a guess among `classes` gets right at the most, but for one time in
/// 200: the upper end of the 99 % interval of the binomial distribution.
std::uint64_t mostRightByGuessing(std::uint64_t images, std::uint64_t classes);

/// Returns a warning where a network gets no more images right than guessing would, which is rarely
/// the network's fault; nothing where there are fewer than 50 images or 2 classes.
std::optional<std::string> guessingWarning(const std::string& network, std::uint64_t wrong,
                                           std::uint64_t images, std::uint64_t classes);

}  // namespace brownout
