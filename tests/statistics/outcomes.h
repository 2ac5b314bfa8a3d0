#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace brownout {

/// Which images are wrong on which chip: real outcomes of one network at one bit error rate, for
/// simulated campaigns to draw from.
struct Outcomes {
    std::string network;
    double rate = 0;
    std::uint64_t storedBits = 0;
    std::uint64_t macsPerImage = 0;
    std::vector<bool> clean;               ///< wrong without faults, by image
    std::vector<double> margins;           ///< by image
    std::vector<int> classes;              ///< by image
    std::vector<std::vector<bool>> wrong;  ///< by chip, by image
};

/// Runs the zoo's networks on the first `images` of Fashion-MNIST on `chips` chips of uniform
/// errors, at each rate, with the seed 1. Outcomes stand network by network, each from the highest
/// rate down.
std::vector<Outcomes> runOutcomes(std::vector<double> rates, std::uint32_t chips,
                                  std::size_t images);

/// Writes and reads outcomes; for this program only, on one machine.
void save(const std::vector<Outcomes>& outcomes, const std::filesystem::path& path);
std::vector<Outcomes> load(const std::filesystem::path& path);

}  // namespace brownout
