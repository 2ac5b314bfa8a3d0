#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace brownout::test {

/// A bit that reads wrong at every voltage up to `voltage`, in volts.
struct PlantedFault {
    std::uint32_t block = 0;
    std::uint32_t address = 0;
    std::uint32_t bit = 0;
    double voltage = 0;
};

/// Dumps of a memory as an undervolted FPGA delivers them: one text of hexadecimal digits a
/// voltage, no line breaks, four digits a 16-bit word, 1024 words a block, block after block; ones
/// were written, so that a fault is a 0. With `mirrored`, words have 8 bits that are read out
/// twice.
class SyntheticDump {
 public:
    SyntheticDump(std::uint32_t blocks, bool mirrored = false)
        : blocks_(blocks), mirrored_(mirrored) {}

    void plant(const PlantedFault& fault) { faults_.push_back(fault); }
    /// Plants faults as silicon has them: `columnShare` of them in a few bad columns of the block,
    /// the others anywhere; each place at most once. `counts` says how many bits fail at each
    /// voltage in all; what fails at one fails at every lower one.
    void plantColumns(const std::map<double, std::uint32_t>& counts, double columnShare,
                      std::uint64_t seed);

    const std::vector<PlantedFault>& faults() const { return faults_; }
    /// Faults at a voltage.
    std::uint64_t count(double voltage) const;
    /// The text of the dump at a voltage.
    std::string text(double voltage) const;

    static constexpr std::uint32_t kWordsPerBlock = 1024;
    std::uint32_t wordBits() const { return mirrored_ ? 8 : 16; }

 private:
    std::uint32_t blocks_;
    bool mirrored_;
    std::vector<PlantedFault> faults_;
};

}  // namespace brownout::test
