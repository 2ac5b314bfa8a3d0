#include <iostream>
#include <sstream>

#include "base/atomic_file.h"
#include "base/error.h"
#include "emulation/faulty_codes.h"
#include "emulation/placement.h"
#include "emulation/points.h"
#include "inference/onnx/onnx_import.h"
#include "model/drawn_chips.h"
#include "model/uniform_chips.h"
#include "profiles/profile_chips.h"
#include "tools/brownout/command_line.h"
#include "tools/brownout/commands.h"
#include "tools/brownout/network_options.h"
#include "tools/brownout/tried_files.h"
#include "tools/brownout/voltage.h"

namespace brownout {
namespace {

namespace po = boost::program_options;

/// Chips, and the point at which one is asked for its faults.
struct AskedChip {
    std::shared_ptr<ChipSource> chips;
    OperatingPoint at;
};

AskedChip profileChip(const CommandLine& line) {
    const Profile profile = openProfile(line.get<std::string>("profile"));
    std::optional<double> temperatureC;
    if (line.has("temperature")) {
        temperatureC = parseNumber("--temperature", line.get<std::string>("temperature"));
    }
    temperatureC = profile.supplies().temperature(temperatureC);
    const auto supplies =
        suppliesOf(profile, parseVoltages(line.get<std::string>("voltages")), temperatureC);
    if (supplies.size() != 1) throw UsageError("--voltages", "expected one");
    const double supply = supplies[0].supply;
    return {std::make_shared<ProfileChips>(profile, 1, supply), {supply, temperatureC}};
}

AskedChip uniformChip(const CommandLine& line, const EncodedNetwork& network) {
    const double rate = parseNumber("--ber", line.get<std::string>("ber"));
    return {std::make_shared<UniformChips>(chipFor({network}, {"none"}), line.common().seed),
            {rate}};
}

/// Returns lines of comma-separated values, with a header. Names of tensors are quoted.
std::string csvOf(const std::vector<FaultyCode>& codes, const EncodedNetwork& network) {
    std::ostringstream text;
    text << "tensor,element,zeros,ones\n";
    for (const FaultyCode& code : codes) {
        std::string name = network.storedTensors()[code.tensor].name;
        for (std::size_t at = 0; (at = name.find('"', at)) != std::string::npos; at += 2) {
            name.insert(at, 1, '"');
        }
        text << '"' << name << "\"," << code.element << ',' << code.zeros << ',' << code.ones
             << '\n';
    }
    return text.str();
}

}  // namespace

ExitStatus runFaults(const std::vector<std::string>& arguments) {
    CommandLine line(
        "faults --model FILE (--profile FILE --voltages V | --ber P) --out FILE.csv [options]",
        "Writes which codes of a network a chip's faults reach, and how they are read: a line for "
        "each faulty\n"
        "code, with the number that is read where all its bits are stored as 0 ('zeros') and where "
        "as 1\n"
        "('ones'). A stored code c is then read as (c & ones) | (~c & zeros). They are the faults "
        "that 'brownout\n"
        "sweep' injects with the same options, so that one can train on the chip that one sweeps "
        "(tools/train)\n"
        "or check the sweep with another program.",
        "  brownout faults -m net.onnx -p profiles/14nm.h5 -v 0.833 --chip 3 -o chip3.csv\n"
        "  brownout faults -m net.onnx --ber 0.01 --chip 0 -o uniform.csv");
    line.options().add_options()                                                                //
        ("model,m", po::value<std::string>()->value_name("FILE"), "the network, ONNX")          //
        ("out,o", po::value<std::string>()->value_name("FILE"), "what to write")                //
        ("profile,p", po::value<std::string>()->value_name("FILE"), "chips")                    //
        ("voltages,v", po::value<std::string>()->value_name("V"), "the supply, as in a sweep")  //
        ("temperature", po::value<std::string>()->value_name("T"), "degrees Celsius")           //
        ("ber", po::value<std::string>()->value_name("P"),
         "instead of a profile: uniform random bit errors at this rate")                       //
        ("chip", po::value<std::uint32_t>()->value_name("N")->default_value(0), "which chip")  //
        ("offsets", po::value<std::string>()->value_name("N")->default_value("1"),
         "layouts a chip, as in a sweep")  //
        ("offset", po::value<std::uint32_t>()->value_name("I")->default_value(0),
         "which of them, from 0")  //
        ("interleave", po::value<std::string>()->value_name("HOW")->default_value("linear"),
         "as in a sweep")  //
        ("bit-order", po::value<std::string>()->value_name("HOW")->default_value("lsb-first"),
         "as in a sweep");
    addStorageOptions(line);
    if (!line.parse(arguments)) return ExitStatus::kSuccess;
    line.require("model", "the network that lies in the chip");
    line.require("out", "the file to write");
    if (line.has("profile") == line.has("ber") || line.has("profile") != line.has("voltages")) {
        throw UsageError("brownout faults", "give either --profile and --voltages, or --ber");
    }
    checkCanWrite(line.get<std::string>("out"));

    const Network graph = importOnnx(line.get<std::string>("model"));
    const StorageSettings storage = storageOf(graph, line);
    const EncodedNetwork network(graph, storage.format, storage.store);
    const AskedChip asked = line.has("profile") ? profileChip(line) : uniformChip(line, network);
    const SramGeometry& geometry = asked.chips->geometry();
    const auto offsets =
        evenOffsets(parseCount("--offsets", line.get<std::string>("offsets")), geometry.words());
    const auto offset = line.get<std::uint32_t>("offset");
    if (offset >= offsets.size()) {
        throw UsageError("--offset", std::to_string(offset) + "; expected less than --offsets");
    }
    const LayoutSettings layout{bitOrderFromString(line.get<std::string>("bit-order")),
                                interleaveFromString(line.get<std::string>("interleave")),
                                offsets[offset]};
    const MemoryMap map = layOut(network, geometry, layout);
    const auto chip = line.get<std::uint32_t>("chip");
    DrawnChips chips(asked.chips);
    const auto codes =
        faultyCodes(*chips.faults({line.common().seed, chip, offset}, asked.at), map);
    writeAtomically(line.get<std::string>("out"), csvOf(codes, network));
    if (!line.common().quiet) {
        std::cerr << line.get<std::string>("out") << ": " << codes.size() << " of "
                  << network.codeCount() << " codes have faults\n";
    }
    return ExitStatus::kSuccess;
}

}  // namespace brownout
