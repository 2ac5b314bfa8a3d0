#include "tools/campaign/trial.h"

#include <algorithm>
#include <cmath>

namespace brownout {
namespace {

/// Images classified in one go: large enough to use the matrix kernels well, small enough to stay
/// in the caches.
constexpr std::size_t kBatch = 32;

Prediction classOf(const float* outputs, std::size_t classes) {
    std::size_t best = 0;
    for (std::size_t c = 0; c < classes; ++c) {
        if (std::isnan(outputs[c])) return kNoClass;
        if (outputs[c] > outputs[best]) best = c;
    }
    return static_cast<Prediction>(best);
}

}  // namespace

std::vector<Prediction> classify(Executor& executor, const Dataset& data, std::size_t first,
                                 std::size_t count) {
    const std::size_t classes = executor.classes();
    std::vector<float> images(kBatch * executor.imageElements());
    std::vector<float> outputs(kBatch * classes);
    std::vector<Prediction> predictions;
    predictions.reserve(count);
    for (std::size_t done = 0; done < count; done += kBatch) {
        const std::size_t batch = std::min(kBatch, count - done);
        data.read(first + done, batch, images.data());
        executor.run(images.data(), batch, outputs.data());
        for (std::size_t i = 0; i < batch; ++i) {
            predictions.push_back(classOf(outputs.data() + i * classes, classes));
        }
    }
    return predictions;
}

MemoryMap layOut(const QuantizedNetwork& network, const SramGeometry& geometry,
                 const LayoutSettings& layout) {
    std::vector<CodeTensor> tensors;
    for (const StoredTensor& tensor : network.storedTensors()) {
        tensors.push_back({tensor.codes.size(), static_cast<std::uint32_t>(tensor.bits)});
    }
    return MemoryMap(geometry, std::move(tensors), layout);
}

std::vector<Word> weightImage(const QuantizedNetwork& network, const MemoryMap& map) {
    std::vector<Span<const std::uint8_t>> codes;
    for (const StoredTensor& tensor : network.storedTensors()) codes.emplace_back(tensor.codes);
    return map.pack(codes);
}

InjectionCounts inject(const FaultOverlay& faults, const MemoryMap& map,
                       const std::vector<Word>& image, Executor& executor) {
    const Word allBits =
        map.geometry().wordBits() == 64 ? ~Word{0} : (Word{1} << map.geometry().wordBits()) - 1;
    InjectionCounts counts;
    counts.wordsRead = image.size();
    counts.bitsRead = image.size() * map.geometry().wordBits();
    const auto countBits = [](Word bits) {
        return static_cast<std::uint64_t>(__builtin_popcountll(bits));
    };
    MemoryMap::Cursor cursor(map);
    faults.forEachWord([&](const WordFault& fault) {
        const Word faulty = (~fault.andMask | fault.orMask | fault.xorMask) & allBits;
        map.forEachImageWord(fault.word, [&](std::uint64_t word) {
            const Word stored = image[word];
            const Word read = fault.read(stored) & allBits;
            counts.failingCells += countBits(faulty);
            counts.bitsWrong += countBits(stored ^ read);
            map.forEachChangedCode(
                cursor.codesOf(word), stored, read,
                [&](std::uint32_t tensor, std::uint64_t code, std::uint8_t value) {
                    executor.patch(tensor, code, value);
                    ++counts.codesChanged;
                });
        });
    });
    return counts;
}

TrialCounts runTrial(const NetworkUnderTest& network, const FaultOverlay& faults,
                     const MemoryMap& map, const Dataset& data, Executor& executor) {
    const InjectionCounts injected = inject(faults, map, network.image, executor);
    const std::size_t images = network.clean.size();
    const std::vector<Prediction> perturbed =
        injected.codesChanged == 0 ? network.clean : classify(executor, data, 0, images);
    executor.restore();

    TrialCounts counts;
    counts.images = images;
    for (std::size_t i = 0; i < images; ++i) {
        const auto label = static_cast<Prediction>(data.label(i));
        const bool wrongClean = network.clean[i] != label;
        const bool wrongPerturbed = perturbed[i] != label;
        counts.wrongClean += wrongClean;
        counts.wrongPerturbed += wrongPerturbed;
        counts.wrongEither += wrongClean || wrongPerturbed;
    }
    counts.bitsRead = injected.bitsRead;
    counts.bitsWrong = injected.bitsWrong;
    counts.failingCells = injected.failingCells;
    counts.wordsRead = injected.wordsRead;
    return counts;
}

}  // namespace brownout
