#include "tools/brownout/cosim_setup.h"

#include <filesystem>

#include "base/error.h"
#include "emulation/injection.h"
#include "emulation/network_codes.h"
#include "inference/network.h"
#include "inference/onnx/onnx_import.h"
#include "sim/user_buffer.h"
#include "tools/brownout/chip_option.h"
#include "tools/brownout/network_options.h"
#include "tools/brownout/simulated_hardware.h"
#include "tools/brownout/tried_files.h"
#include "tools/brownout/voltage.h"

namespace brownout {
namespace {

namespace po = boost::program_options;
namespace fs = std::filesystem;

void setUpTraffic(const CommandLine& line, const EncodedNetwork& network, CosimSetup& setup) {
    setup.traffic.data =
        CheckPlacement(setup.memory.chips->geometry(), *setup.protection).dataGeometry();
    const MemoryMap map = layOut(network, setup.traffic.data, {});
    const std::vector<Word> image = storeNetwork(network, map, setup.protection).image;
    for (std::uint64_t i = 0; i < image.size(); ++i) {
        setup.traffic.image.emplace_back(static_cast<std::uint32_t>(map.physicalWord(i)), image[i]);
    }
    setup.traffic.randomWords = parseCount("--words", line.get<std::string>("words"));
    setup.traffic.seed = line.common().seed;
}

}  // namespace

void addCosimOptions(CommandLine& line) {
    line.options().add_options()  //
        ("model,m", po::value<std::string>()->value_name("FILE"),
         "a trained network, ONNX: its weights are the first traffic");
    addStorageOptions(line);
    line.options().add_options()                                                               //
        ("profile,p", po::value<std::string>()->value_name("FILE"), "chips: an SRAM profile")  //
        ("chip", po::value<std::string>()->value_name("N")->default_value("0"),
         "chip of the profile, from 0")  //
        ("voltages,v", po::value<std::string>()->value_name("LIST")->default_value("profile"),
         "supplies, as for 'sweep'");
    addProtectionOption(
        line, "NAME",
        "of a word by itself; ours in RTL are none, parity, parity-byte, secded, op-weight, "
        "op-8, op-16, op-32, op-64, op-64-largest and in-place-ecc:");
    line.options().add_options()  //
        ("words", po::value<std::string>()->value_name("N")->default_value("1000000"),
         "random words at random addresses, each written and read")  //
        ("memory", po::value<std::string>()->value_name("ADDRESS"),
         "an FPGA that plays the chips (rtl/fpga), tcp://HOST:PORT or "
         "uart:///dev/ttyUSB0?baud=1000000, instead of the simulated memories")  //
        ("waves", po::value<std::string>()->value_name("FILE.fst"),
         "record the RTL, for a waveform viewer")  //
        ("wave-cycles", po::value<std::string>()->value_name("N")->default_value("20000"),
         "how many clock cycles to record, from the first on")  //
        ("rtl-dir", po::value<std::string>()->value_name("DIR"),
         "your own weight buffer instead of ours: all .sv and .v files there, with the ports of "
         "rtl/README.md")                                                              //
        ("rtl-top", po::value<std::string>()->value_name("MODULE"), "its top module")  //
        ("rtl-param", po::value<std::vector<std::string>>()->value_name("NAME=VALUE")->composing(),
         "a parameter of its top module; repeat for several");
    addSupplyOptions(line);
}

CosimSetup cosimSetupOf(const CommandLine& line) {
    CosimSetup setup;
    setup.profile = openProfile(line.get<std::string>("profile"));
    const Profile& profile = *setup.profile;
    setup.supplies = suppliesOf(profile, suppliesIn(line));
    const std::vector<std::string> protections = protectionsOf(line);
    if (protections.size() != 1) throw UsageError("--protection", "expected one");
    const auto& path = line.get<std::string>("model");
    const Network graph = importOnnx(path);
    const StorageSettings storage = storageOf(graph, line);
    const EncodedNetwork network(graph, storage.format, storage.store);
    setup.protection =
        protectionFor(protections.front(), profile.device().geometry.wordBits(), network);
    requireSingleWords(*setup.protection, "the simulated hardware");
    setup.memory =
        simulatedMemorySettings(profile, lowestOf(setup.supplies), setup.protection, line);
    const std::uint32_t chip = chipNumber(line, "chip", profile);
    setup.report.model = fs::path(path).filename().string();
    setup.report.profile = profile.path().filename().string();
    setup.report.chip = chip;
    setup.report.protection = setup.protection->name();
    setup.report.seed = line.common().seed;
    setUpTraffic(line, network, setup);
    setup.report.data = setup.traffic.data;
    setup.load = {line.common().seed, chip, 0};
    return setup;
}

RtlBufferModel bufferOf(const CommandLine& line, const CosimSetup& setup) {
    if (line.has("rtl-dir") != line.has("rtl-top")) {
        throw UsageError("brownout cosim", "--rtl-dir and --rtl-top go together");
    }
    if (!line.has("rtl-dir")) {
        if (line.has("rtl-param")) {
            throw UsageError("--rtl-param", "is for a buffer of your own, with --rtl-dir");
        }
        return builtInBuffer(setup.protection->name());
    }
    UserBufferSettings user;
    user.top = line.get<std::string>("rtl-top");
    user.folder = line.get<std::string>("rtl-dir");
    if (line.has("rtl-param")) {
        user.parameters = line.get<std::vector<std::string>>("rtl-param");
    }
    user.waves = line.has("waves");
    return buildUserBuffer(user);
}

}  // namespace brownout
