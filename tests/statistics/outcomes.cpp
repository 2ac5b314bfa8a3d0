#include "tests/statistics/outcomes.h"

#include <algorithm>
#include <fstream>
#include <functional>

#include "emulation/placement.h"
#include "emulation/trial.h"
#include "inference/engines/float_engine.h"
#include "inference/inspect.h"
#include "inference/onnx/onnx_import.h"
#include "model/coded_overlay.h"
#include "model/uniform_chips.h"

namespace brownout {
namespace {

std::vector<bool> wrongOf(const std::vector<double>& scores) {
    std::vector<bool> wrong;
    for (const double score : scores) wrong.push_back(*classification()->isWrong(score));
    return wrong;
}

}  // namespace

std::vector<Outcomes> runOutcomes(std::vector<double> rates, std::uint32_t chips,
                                  std::size_t images) {
    std::sort(rates.begin(), rates.end(), std::greater<>());
    const Dataset data = openDataset("fashion-mnist").take(images);
    std::vector<int> classes;
    for (std::size_t i = 0; i < images; ++i) classes.push_back(data.label(i));
    const auto task = classification();
    std::vector<Outcomes> all;
    for (const char* name : {"normal", "rquant", "clipped", "randbet"}) {
        const std::string path =
            std::string(BROWNOUT_SOURCE_DIR "/inference/zoo/fashion-") + name + ".onnx";
        const EncodedNetwork network(
            importOnnx(path), numberFormat(std::string(name) == "normal" ? "normal8" : "rquant8"),
            StoreScope::kParameters);
        const SramGeometry geometry = chipFor({network}, {"none"});
        const MemoryMap map = layOut(network, geometry, {});
        FloatEngine engine(network);
        std::vector<double> margins;
        NetworkUnderTest subject{std::make_shared<const StoredNetwork>(
                                     storeNetwork(network, map, makeProtection("none", 64))),
                                 cleanScoresOf(engine, *task, data, {0, images}, nullptr, margins)};
        UniformChips source(geometry, 1);
        for (const double rate : rates) {
            const NetworkInfo info = inspect(network);
            Outcomes outcomes{name,    rate,    0, info.macs, wrongOf(subject.clean),
                              margins, classes, {}};
            outcomes.storedBits = 8 * info.parameters;
            for (std::uint32_t chip = 0; chip < chips; ++chip) {
                const CodedOverlay faults(source.faults(chip, OperatingPoint{rate}));
                outcomes.wrong.push_back(wrongOf(
                    runLoad(subject, *task, faults, map, data, {0, images}, engine).scores));
            }
            all.push_back(std::move(outcomes));
        }
    }
    return all;
}

void save(const std::vector<Outcomes>& outcomes, const std::filesystem::path& path) {
    std::ofstream file(path);
    file.precision(17);
    const auto bits = [&](const std::vector<bool>& values) {
        for (const bool value : values) file << (value ? '1' : '0');
        file << "\n";
    };
    for (const Outcomes& one : outcomes) {
        file << one.network << " " << one.rate << " " << one.storedBits << " " << one.macsPerImage
             << " " << one.clean.size() << " " << one.wrong.size() << "\n";
        for (const double margin : one.margins) file << margin << " ";
        for (const int of : one.classes) file << of << " ";
        file << "\n";
        bits(one.clean);
        for (const auto& chip : one.wrong) bits(chip);
    }
}

std::vector<Outcomes> load(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::vector<Outcomes> all;
    Outcomes one;
    std::size_t images = 0, chips = 0;
    while (file >> one.network >> one.rate >> one.storedBits >> one.macsPerImage >> images >>
           chips) {
        one.margins.resize(images);
        for (double& margin : one.margins) file >> margin;
        one.classes.resize(images);
        for (int& of : one.classes) file >> of;
        const auto bits = [&] {
            std::string text;
            file >> text;
            std::vector<bool> values;
            for (const char c : text) values.push_back(c == '1');
            return values;
        };
        one.clean = bits();
        one.wrong.clear();
        for (std::size_t i = 0; i < chips; ++i) one.wrong.push_back(bits());
        all.push_back(one);
    }
    return all;
}

}  // namespace brownout
