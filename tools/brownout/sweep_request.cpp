#include "tools/brownout/sweep_request.h"

#include <algorithm>

#include "base/error.h"
#include "inference/onnx/onnx_import.h"
#include "tools/brownout/data_options.h"
#include "tools/brownout/failing_options.h"
#include "tools/brownout/network_options.h"
#include "tools/brownout/tried_files.h"
#include "tools/brownout/voltage.h"

namespace brownout {
namespace {

namespace po = boost::program_options;

/// Images of a fault map in a search, where the user names no other number: whole vectors of the
/// engine, and enough that chance among images matters less than chance among maps.
constexpr std::uint64_t kImagesOfMap = 32;

std::vector<NetworkRequest> networksOf(const CommandLine& line) {
    std::vector<NetworkRequest> networks;
    for (const std::string& path : line.get<std::vector<std::string>>("model")) {
        NetworkRequest network;
        network.network = importOnnx(path);
        network.path = path;
        for (StorageSettings& storage : storagesOf(network.network, line)) {
            network.formats.push_back(std::move(storage.format));
            network.store = storage.store;
        }
        networks.push_back(std::move(network));
    }
    return networks;
}

std::vector<RateRequest> ratesOf(const CommandLine& line) {
    std::vector<RateRequest> rates;
    for (const std::string& text : splitList("--ber", line.get<std::string>("ber"))) {
        rates.push_back({parseNumber("--ber", text), "ber=" + text});
    }
    return rates;
}

std::uint64_t readBatchOf(const CommandLine& line) {
    const auto& how = line.get<std::string>("resample");
    if (how != "load" && how != "read-batch") {
        throw UsageError("--resample", "'" + how + "'; expected load or read-batch");
    }
    if (how == "load") {
        if (!line.values()["read-batch"].defaulted()) {
            throw UsageError("--read-batch", "needs --resample read-batch");
        }
        return 0;
    }
    if (line.has("ber")) {
        throw UsageError("--resample",
                         "read-batch with --ber: uniform errors don't vary from read to read");
    }
    return parseCount("--read-batch", line.get<std::string>("read-batch"));
}

/// The protections asked for, with --op-lsb in the names of those that it says something about.
std::vector<std::string> protectionsWithLsb(const CommandLine& line) {
    std::vector<std::string> names = protectionsOf(line);
    const auto which = line.get<std::string>("op-lsb");
    if (which == "word") return names;
    if (which != "largest") {
        throw UsageError("--op-lsb", "'" + which + "'; expected word or largest");
    }
    const auto known = protectionNames();
    bool changed = false;
    for (std::string& name : names) {
        const std::string other = name + "-largest";
        if (std::find(known.begin(), known.end(), other) == known.end()) continue;
        name = other;
        changed = true;
    }
    if (!changed) {
        throw UsageError("--op-lsb", "largest: needs op-64, op-128 or op-256 in --protection");
    }
    return names;
}

/// The chips, and where the codes lie in them.
MemoryRequest memoryOf(const CommandLine& line) {
    MemoryRequest memory;
    memory.layout.bitOrder = bitOrderFromString(line.get<std::string>("bit-order"));
    memory.layout.interleave = interleaveFromString(line.get<std::string>("interleave"));
    memory.protections = protectionsWithLsb(line);
    memory.detected = detectedPolicyFromString(line.get<std::string>("detected"));
    if (line.has("profile")) memory.profile = profileOf(line, "weights");
    if (line.has("temperature")) {
        if (!memory.profile) throw UsageError("--temperature", "needs --profile");
        memory.temperatureC = parseNumber("--temperature", line.get<std::string>("temperature"));
    }
    return memory;
}

/// Adds what a search for the rates that networks stand takes.
void addSearchOptions(CommandLine& line) {
    line.options().add_options()  //
        ("drop", po::value<std::string>()->value_name("D")->default_value("1"),
         "d of BERZAD_d: percentage points of accuracy that may be lost")  //
        ("protocol", po::value<std::string>()->value_name("NAME")->default_value("brownout"),
         "how rates are searched: brownout (from one expected fault upwards in steps of 1, 2, 5 "
         "until the drop can't be shown to be below D, taking maps until that is clear) or dft2021 "
         "(Burel et al.: 20 maps, all images; by powers of ten until accuracy drops, then 2 to 9 "
         "times the last but one)")  //
        ("images-per-chip", po::value<std::string>()->value_name("N"),
         "images of a trial, drawn for each chip (default: all; 32 by the protocol brownout): "
         "many "
         "maps with few images each show more than few maps with many");
}

/// The search that the options describe.
BerzadSearch searchOf(const CommandLine& line) {
    BerzadSearch search;
    search.protocol = line.get<std::string>("protocol");
    if (search.protocol != "brownout" && search.protocol != "dft2021") {
        throw UsageError("--protocol", "'" + search.protocol + "'; expected brownout or dft2021");
    }
    search.drop = parseNumber("--drop", line.get<std::string>("drop")) / 100;
    return search;
}

/// Fills in what a search adds. `listed` says that the rates are given.
void addSearch(const CommandLine& line, bool listed, CampaignRequest& request) {
    request.search = searchOf(line);
    if (listed && !line.values()["protocol"].defaulted()) {
        throw UsageError("--protocol", "says which rates are searched; expected no --ber with it");
    }
    const bool sampled = !listed && request.search->protocol == "brownout";
    request.imagesPerTrial = sampled ? std::min(kImagesOfMap, request.data->size()) : 0;
    if (line.has("images-per-chip")) request.imagesPerTrial = *line.count("images-per-chip");
    if (request.imagesPerTrial == request.data->size()) request.imagesPerTrial = 0;
}

}  // namespace

void addSubjectOptions(CommandLine& line) {
    line.options().add_options()  //
        ("model,m", po::value<std::vector<std::string>>()->value_name("FILE")->composing(),
         "a trained network, ONNX; repeat for several");
    addDataOptions(line);
    addStorageOptions(line);
    addEngineOptions(line);
    line.options().add_options()  //
        ("top", po::value<std::string>()->value_name("K")->default_value("1"),
         "beside the error, report that of images whose class is not among the K largest outputs "
         "(top-5: 5)")  //
        ("correct-bias", po::value<std::string>()->value_name("N"),
         "take the mean error that a format makes of each layer's results off its bias, over the "
         "first N images (bias correction; with 'int8-equalized' the post-training quantisation of "
         "Nagel et al., 2019)")  //
        ("interleave", po::value<std::string>()->value_name("HOW")->default_value("linear"),
         "consecutive words go to the same array (linear) or to each in turn (banks)")  //
        ("bit-order", po::value<std::string>()->value_name("HOW")->default_value("lsb-first"),
         "end of a word that its first code takes: lsb-first or msb-first");
    addProtectionOption(
        line, "LIST",
        "protection of the stored weights; several ('none,secded,op-64') are run on the same chips "
        "and compared:");
    line.options().add_options()  //
        ("op-lsb", po::value<std::string>()->value_name("WHICH")->default_value("word"),
         "weight whose LSB opportunistic parity flips in a group of several: the lowest of the "
         "word, or that of largest magnitude (largest: op-64 is then op-64-largest)")  //
        ("detected", po::value<std::string>()->value_name("WHAT")->default_value("zero-code"),
         "what stands for codes detected as wrong: zero-code (what the memory returns: code 0 with "
         "parity, the data as read with secded and in-place-ecc) or zero-weight (the code whose "
         "weight is nearest to 0); opportunistic parity always takes zero-weight");
}

CampaignRequest subjectsOf(const CommandLine& line) {
    line.require("model", "the network to run");
    line.require("data", "the images to classify");
    CampaignRequest request;
    request.seed = line.common().seed;
    request.exact = line.get<bool>("exact");
    request.top = *line.count("top");
    if (line.has("correct-bias")) request.biasImages = *line.count("correct-bias");
    request.chips = line.count("chips", kMostChips);
    request.networks = networksOf(line);
    std::vector<const Network*> networks;
    for (const NetworkRequest& asked : request.networks) networks.push_back(&asked.network);
    request.data = openData(line, networks);
    request.dataPath = line.get<std::string>("data");
    request.memory = memoryOf(line);
    return request;
}

void addSweepOptions(CommandLine& line) {
    addSubjectOptions(line);
    line.options().add_options()  //
        ("profile,p",
         po::value<std::vector<std::string>>()->value_name("[MEMORY=]FILE")->composing(),
         "chips: an SRAM profile, see 'brownout profile'; 'activations=FILE' or "
         "'accumulators=FILE' for those of these memories (default: other chips of the same "
         "profile)")  //
        ("voltages,v", po::value<std::string>()->value_name("LIST")->default_value("profile"),
         "supplies: '1,0.958' or '22/24' in multiples of Vmin, '0.55V' or '550mV', ranges "
         "'1:0.75:0.05', or 'profile' for those the profile was made at")  //
        ("temperature", po::value<std::string>()->value_name("T"),
         "degrees Celsius at which the chips are asked; needed where the profile has several")  //
        ("resample", po::value<std::string>()->value_name("WHEN")->default_value("load"),
         "when cells that fail in some reads only are drawn: load (once a trial) or read-batch "
         "(the "
         "weights are read anew for each batch of images)")  //
        ("read-batch", po::value<std::string>()->value_name("N")->default_value("32"),
         "images of a read batch");
    addFailingOptions(line);
    line.options().add_options()  //
        ("ber", po::value<std::string>()->value_name("LIST"),
         "instead of a profile: uniform random bit errors at these rates, '1e-4,1e-3,0.01'")  //
        ("chips", po::value<std::string>()->value_name("N"),
         "chips of the profile, or error patterns: the unit of replication (default: 10, or all of "
         "a profile with fewer); with --precision or a search, the most that a point may take")  //
        ("precision", po::value<std::string>()->value_name("P"),
         "run only as many chips, each on as few images, as the 95 % interval of each point's mean "
         "error needs: '0.2' for a half-width of 0.2 percentage points, '3%' of the error, 'as:50' "
         "for what 50 chips with all images would give. Needs 10 to 100 times fewer inferences")  //
        ("task", po::value<std::string>()->value_name("TASK")->default_value("top1"),
         "what the outputs are for: top1 (classes), mse (an autoencoder gives back its image, a "
         "regressor the data set's 'targets' or, of one output, its labels: mean squared error), "
         "auc (anomaly detectors; labels 1 and 0: area under the ROC curve)")  //
        ("offsets", po::value<std::string>()->value_name("N")->default_value("1"),
         "layouts a chip: the network shifted through the memory in N even steps")  //
        ("berzad", po::bool_switch(),
         "tell the largest bit error rate that each network stands: BERZAD (no drop of accuracy is "
         "seen) and BERZAD_d (the drop is shown to be below --drop). With --ber, of these rates; "
         "without, the rates are searched");
    addSearchOptions(line);
}

void addSensitivityOptions(CommandLine& line) {
    line.options().add_options()  //
        ("by", po::value<std::string>()->value_name("WHAT")->default_value("bit"),
         "parts that fail alone: bit (each bit position of all weights), layer, or bit,layer (each "
         "bit position of each layer)");
    addSubjectOptions(line);
    line.options().add_options()  //
        ("chips", po::value<std::string>()->value_name("N"),
         "the most fault maps that a rate may take (default: 1000; 20 by the protocol dft2021)");
    addSearchOptions(line);
}

CampaignRequest sensitivityRequest(const CommandLine& line) {
    CampaignRequest request = subjectsOf(line);
    addSearch(line, false, request);
    const auto by = line.get<std::string>("by");
    for (const std::string& part : splitList("--by", by)) {
        bool& wanted = part == "bit" ? request.parts.byBit : request.parts.byLayer;
        if ((part != "bit" && part != "layer") || wanted) {
            throw UsageError("--by", "'" + by + "'; expected bit, layer, or bit,layer");
        }
        wanted = true;
    }
    return request;
}

CampaignRequest sweepRequest(const CommandLine& line, std::optional<DeviceSpec> device) {
    const bool berzad = line.get<bool>("berzad");
    if (berzad && line.has("profile")) {
        throw UsageError("--berzad", "is of uniform bit error rates; expected no --profile");
    }
    if (!berzad && line.has("images-per-chip")) {
        throw UsageError("--images-per-chip", "needs --berzad; see also --precision");
    }
    if (!berzad && !device && line.has("profile") == line.has("ber")) {
        throw UsageError("brownout sweep",
                         "give either --profile and --voltages, or --ber, or --berzad (see "
                         "brownout sweep --help)");
    }
    CampaignRequest request = subjectsOf(line);
    request.memory.device = std::move(device);
    request.readBatch = readBatchOf(line);
    request.task = line.get<std::string>("task");
    if (line.has("precision")) {
        request.precision = precisionFromString("--precision", line.get<std::string>("precision"));
    }
    request.offsets = parseCount("--offsets", line.get<std::string>("offsets"));
    if (berzad) addSearch(line, line.has("ber"), request);
    addAccelerator(line, request);
    if (line.has("ber")) {
        request.rates = ratesOf(line);
    } else if (!berzad) {
        request.supplies = suppliesIn(line);
    }
    if (line.has("supply")) addFixedSupplies(line, request);
    return request;
}

}  // namespace brownout
