#include "tools/brownout/sweep_setup.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "inference/executor.h"
#include "inference/inspect.h"
#include "inference/kernels/dispatch.h"
#include "tools/brownout/network_options.h"
#include "tools/brownout/sweep_profile.h"
#include "tools/brownout/sweep_protection.h"
#include "base/numbers.h"
#include "emulation/trial.h"

namespace brownout {
namespace {

namespace po = boost::program_options;
namespace fs = std::filesystem;

constexpr std::uint64_t kMostTrials = 10'000'000;

/// File name without its ending; numbered where two networks share it.
std::string uniqueName(const fs::path& path, std::set<std::string>& taken) {
    const std::string stem = path.stem().string();
    std::string name = stem;
    for (int i = 2; !taken.insert(name).second; ++i) name = stem + "-" + std::to_string(i);
    return name;
}

void readNetworks(const CommandLine& line, SweepSetup& setup) {
    std::set<std::string> taken;
    for (const std::string& path : line.get<std::vector<std::string>>("model")) {
        const Model model = importOnnx(path);
        const StorageSettings storage = storageOf(model, line);
        setup.networks.emplace_back(model, storage.quantizer, storage.store);
        const NetworkInfo info = inspect(setup.networks.back());
        NetworkSpec spec;
        spec.name = uniqueName(path, taken);
        spec.path = path;
        spec.fingerprint = model.fingerprint;
        spec.bits = static_cast<std::uint32_t>(storage.quantizer.bits);
        spec.quantizer = nameOf(storage.quantizer);
        spec.store = nameOf(storage.store);
        spec.parameters = info.parameters;
        spec.macsPerImage = info.macs;
        setup.spec.networks.push_back(spec);
    }
}

void readData(const CommandLine& line, SweepSetup& setup) {
    const auto& name = line.get<std::string>("data");
    setup.data = openData(line);
    for (const QuantizedNetwork& network : setup.networks) checkFits(network.model(), *setup.data);
    setup.spec.images = setup.data->size();
    setup.spec.data = {setup.data->name(), name, setup.data->fingerprint()};
}

void addRates(const CommandLine& line, SweepSetup& setup) {
    for (const std::string& text : splitList("--ber", line.get<std::string>("ber"))) {
        const double rate = parseNumber("--ber", text);
        if (rate < 0 || rate > 1) {
            throw UsageError("--ber", "'" + text + "'; expected bit error rates from 0 to 1");
        }
        PointSpec point;
        point.label = "ber=" + text;
        point.ber = rate;
        point.berExpected = rate;
        setup.spec.points.push_back(point);
    }
}

void setUpUniform(const CommandLine& line, const std::vector<std::string>& codecs,
                  SweepSetup& setup) {
    addRates(line, setup);
    setup.spec.chips = chipsOf(line, kMostChips);
    std::vector<double> rates;
    for (const PointSpec& point : setup.spec.points) rates.push_back(*point.ber);
    setup.faults = std::make_unique<UniformFaults>(chipForUniformErrors(setup, codecs),
                                                   line.common().seed, rates);
}

void setUpResampling(const CommandLine& line, SweepSetup& setup) {
    const auto& how = line.get<std::string>("resample");
    if (how != "load" && how != "read-batch") {
        throw UsageError("--resample", "'" + how + "'; expected load or read-batch");
    }
    if (how == "load") {
        if (!line.values()["read-batch"].defaulted()) {
            throw UsageError("--read-batch", "needs --resample read-batch");
        }
        return;
    }
    if (line.has("ber")) {
        throw UsageError("--resample",
                         "read-batch with --ber: uniform errors don't vary from read "
                         "to read");
    }
    setup.spec.readBatch = parseCount("--read-batch", line.get<std::string>("read-batch"));
}

void setUpLayout(const CommandLine& line, SweepSetup& setup) {
    setup.layout.bitOrder = bitOrderFromString(line.get<std::string>("bit-order"));
    setup.layout.interleave = interleaveFromString(line.get<std::string>("interleave"));
    setup.spec.layout = {toString(setup.layout.interleave), toString(setup.layout.bitOrder)};
}

/// Even steps through the data words; of several codecs, those of the one that leaves fewest.
void setUpOffsets(const CommandLine& line, SweepSetup& setup) {
    const auto offsets = parseCount("--offsets", line.get<std::string>("offsets"));
    std::uint64_t words = setup.faults->geometry().words();
    for (std::size_t n = 0; n < setup.networks.size(); ++n) {
        words = std::min(words, dataGeometry(setup, n).words());
    }
    if (offsets > words) {
        throw UsageError("--offsets", std::to_string(offsets) + "; the memory has " +
                                          std::to_string(words) + " words");
    }
    setup.spec.offsets.clear();
    for (std::uint64_t i = 0; i < offsets; ++i) setup.spec.offsets.push_back(i * words / offsets);
}

/// Word accesses of one inference: every word is read once; where the network is larger than the
/// memory, every word is also written anew each time.
void countAccesses(SweepSetup& setup) {
    for (std::size_t n = 0; n < setup.networks.size(); ++n) {
        const MemoryMap map = layOut(setup.networks[n], dataGeometry(setup, n), setup.layout);
        NetworkSpec& spec = setup.spec.networks[n];
        spec.readsPerInference = map.imageWords();
        spec.writesPerInference = map.reuse() > 1 ? map.imageWords() : 0;
        spec.storedBits = map.imageWords() * map.geometry().wordBits();
        if (spec.protection) spec.storedBits += map.imageWords() * spec.protection->checkBits;
    }
}

}  // namespace

void addSweepOptions(CommandLine& line) {
    auto& add = line.options();
    add.add_options()  //
        ("model,m", po::value<std::vector<std::string>>()->value_name("FILE")->composing(),
         "a trained network, ONNX; repeat for several")  //
        ("data,d", po::value<std::string>()->value_name("DATA"),
         "images to classify: 'fashion-mnist', a folder or file in IDX format (.gz too), CIFAR-10 "
         "binary, or an HDF5 file with 'images' and 'labels'")  //
        ("images", po::value<std::string>()->value_name("N"),
         "use the first N images (default: all)");
    addStorageOptions(line);
    add.add_options()  //
        ("profile,p", po::value<std::string>()->value_name("FILE"),
         "chips: an SRAM profile, see 'brownout profile'")  //
        ("voltages,v", po::value<std::string>()->value_name("LIST")->default_value("profile"),
         "supplies: '1,0.958' or '22/24' in multiples of Vmin, '0.55V' in volts, ranges "
         "'1:0.75:0.05', or 'profile' for those the profile was made at")  //
        ("temperature", po::value<std::string>()->value_name("T"),
         "degrees Celsius at which the chips are asked; needed where the profile has several")  //
        ("resample", po::value<std::string>()->value_name("WHEN")->default_value("load"),
         "when cells that fail in some reads only are drawn: load (once a trial) or read-batch "
         "(the "
         "weights are read anew for each batch of images)")  //
        ("read-batch", po::value<std::string>()->value_name("N")->default_value("32"),
         "images of a read batch")  //
        ("ber", po::value<std::string>()->value_name("LIST"),
         "instead of a profile: uniform random bit errors at these rates, '1e-4,1e-3,0.01'")  //
        ("chips", po::value<std::string>()->value_name("N"),
         "chips of the profile, or error patterns: the unit of replication (default: 10, or all of "
         "a profile with fewer)")  //
        ("offsets", po::value<std::string>()->value_name("N")->default_value("1"),
         "layouts a chip: the network shifted through the memory in N even steps")  //
        ("interleave", po::value<std::string>()->value_name("HOW")->default_value("linear"),
         "consecutive words go to the same array (linear) or to each in turn (banks)")  //
        ("bit-order", po::value<std::string>()->value_name("HOW")->default_value("lsb-first"),
         "end of a word that its first code takes: lsb-first or msb-first")  //
        ("codec", po::value<std::string>()->value_name("LIST")->default_value("none"),
         "protection of the words: none, parity (a check bit a word; a bad word reads as 0), "
         "parity-byte (one a byte), secded (8 a word: one error corrected, two detected); several "
         "('none,secded') are run on the same chips and compared")  //
        ("detected", po::value<std::string>()->value_name("WHAT")->default_value("zero-code"),
         "what stands for codes detected as wrong: zero-code (what the memory returns: code 0 with "
         "parity, the data as read with secded) or zero-weight (the code whose weight is nearest "
         "to 0)");
}

SweepSetup setUpSweep(const CommandLine& line) {
    line.require("model", "the network to sweep");
    line.require("data", "the images to classify");
    if (line.has("profile") == line.has("ber")) {
        throw UsageError(
            "brownout sweep",
            "give either --profile and --voltages, or --ber (see brownout sweep --help)");
    }
    SweepSetup setup;
    setup.spec.seed = line.common().seed;
    setup.spec.version = BROWNOUT_VERSION;
    setup.spec.instructionSet = activeInstructionSet();
    setUpLayout(line, setup);
    const auto codecs = codecsOf(line);
    readNetworks(line, setup);
    readData(line, setup);
    if (line.has("profile")) {
        setUpProfile(line, setup);
    } else {
        setUpUniform(line, codecs, setup);
    }
    setUpResampling(line, setup);
    protectNetworks(line, codecs, setup);
    setUpOffsets(line, setup);
    countAccesses(setup);
    if (trialCount(setup.spec) > kMostTrials) {
        throw UsageError("brownout sweep", "more than " + std::to_string(kMostTrials) + " trials");
    }
    validate(setup.spec);
    return setup;
}

}  // namespace brownout
