// The reference data that come with ONNX: a small network for each operator and form of it, its
// inputs, and the outputs that a conforming runtime computes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/atomic_file.h"
#include "base/error.h"
#include "base/processor.h"
#include "inference/engines/float_engine.h"
#include "inference/onnx/onnx_import.h"
#include "inference/plan/plan.h"

namespace brownout {
namespace {

namespace fs = std::filesystem;

/// Forms of supported operators that we don't claim, and why. Anything else that fails, fails the
/// test.
const std::map<std::string, std::string> kNotClaimed = {
    {"test_batchnorm_epsilon_training_mode", "training"},
    {"test_batchnorm_example_training_mode", "training"},
    {"test_training_dropout", "training"},
    {"test_training_dropout_default", "training"},
    {"test_training_dropout_default_mask", "training"},
    {"test_training_dropout_mask", "training"},
    {"test_training_dropout_zero_ratio", "training"},
    {"test_training_dropout_zero_ratio_mask", "training"},
};

struct Counts {
    int passed = 0;
    int sets = 0;  ///< Data sets times instruction sets.
    std::map<std::string, int> notApplicable;
    std::set<std::string> operators;  ///< Of the networks that passed.
};

std::optional<FloatTensor> floatsOf(const onnx::TensorProto& proto) {
    if (proto.data_type() != onnx::TensorProto::FLOAT) {
        return std::nullopt;
    }
    FloatTensor tensor;
    tensor.shape.assign(proto.dims().begin(), proto.dims().end());
    tensor.values.assign(proto.float_data().begin(), proto.float_data().end());
    if (proto.has_raw_data()) {
        tensor.values.resize(proto.raw_data().size() / sizeof(float));
        if (!tensor.values.empty()) {
            std::memcpy(tensor.values.data(), proto.raw_data().data(), proto.raw_data().size());
        }
    }
    return tensor;
}

template <typename T>
void appendRaw(const std::string& raw, std::vector<std::int64_t>& values) {
    for (std::size_t at = 0; at + sizeof(T) <= raw.size(); at += sizeof(T)) {
        T value{};
        std::memcpy(&value, raw.data() + at, sizeof(T));
        values.push_back(static_cast<std::int64_t>(value));
    }
}

std::optional<IntTensor> integersOf(const onnx::TensorProto& proto) {
    IntTensor tensor;
    tensor.shape.assign(proto.dims().begin(), proto.dims().end());
    switch (proto.data_type()) {
        case onnx::TensorProto::INT64:
            tensor.values.assign(proto.int64_data().begin(), proto.int64_data().end());
            appendRaw<std::int64_t>(proto.raw_data(), tensor.values);
            return tensor;
        case onnx::TensorProto::INT32:
            tensor.values.assign(proto.int32_data().begin(), proto.int32_data().end());
            appendRaw<std::int32_t>(proto.raw_data(), tensor.values);
            return tensor;
        case onnx::TensorProto::BOOL:
            tensor.values.assign(proto.int32_data().begin(), proto.int32_data().end());
            appendRaw<std::uint8_t>(proto.raw_data(), tensor.values);
            return tensor;
        default:
            return std::nullopt;
    }
}

onnx::TensorProto readTensor(const fs::path& path) {
    onnx::TensorProto proto;
    EXPECT_TRUE(proto.ParseFromString(readFile(path))) << path;
    return proto;
}

/// Why a network is none of ours; empty if it is.
std::string reasonNotApplicable(const onnx::ModelProto& proto, const std::string& name) {
    const std::vector<std::string> supported = supportedOperators();
    for (const onnx::NodeProto& node : proto.graph().node()) {
        if (!node.domain().empty() ||
            !std::binary_search(supported.begin(), supported.end(), node.op_type())) {
            return "operator";
        }
    }
    for (const auto* ports : {&proto.graph().input(), &proto.graph().output()}) {
        for (const onnx::ValueInfoProto& port : *ports) {
            const int type = port.type().tensor_type().elem_type();
            const bool isInput = ports == &proto.graph().input();
            const bool integer = type == onnx::TensorProto::INT64 ||
                                 type == onnx::TensorProto::INT32 ||
                                 type == onnx::TensorProto::BOOL;
            if (!port.type().has_tensor_type() ||
                (type != onnx::TensorProto::FLOAT && !(isInput && integer))) {
                return "type";
            }
        }
    }
    for (const onnx::OperatorSetIdProto& set : proto.opset_import()) {
        if (set.domain().empty() && (set.version() < 1 || set.version() > 17)) {
            return "opset";
        }
    }
    auto listed = kNotClaimed.find(name);
    return listed == kNotClaimed.end() ? "" : listed->second;
}

struct DataSet {
    std::vector<std::string> names;
    std::map<std::string, FloatTensor> floats;
    std::map<std::string, IntTensor> integers;
    std::vector<FloatTensor> expected;
};

DataSet readDataSet(const onnx::ModelProto& proto, const fs::path& folder) {
    DataSet data;
    std::set<std::string> initialized;
    for (const onnx::TensorProto& tensor : proto.graph().initializer()) {
        initialized.insert(tensor.name());
    }
    int next = 0;
    for (const onnx::ValueInfoProto& input : proto.graph().input()) {
        const fs::path file = folder / ("input_" + std::to_string(next++) + ".pb");
        if (initialized.count(input.name()) != 0 && !fs::exists(file)) {
            continue;
        }
        const onnx::TensorProto tensor = readTensor(file);
        data.names.push_back(input.name());
        if (auto floats = floatsOf(tensor)) {
            data.floats[input.name()] = *floats;
        } else if (auto integers = integersOf(tensor)) {
            data.integers[input.name()] = *integers;
        }
    }
    for (int i = 0; i < proto.graph().output_size(); ++i) {
        const auto floats = floatsOf(readTensor(folder / ("output_" + std::to_string(i) + ".pb")));
        EXPECT_TRUE(floats.has_value());
        data.expected.push_back(*floats);
    }
    return data;
}

/// Largest excess of |actual - expected| over atol + rtol |expected|, as the runner of ONNX's own
/// backend tests has them: 1e-7 and 1e-3; negative if all agree. NaN agrees with NaN.
double excessOf(const FloatTensor& actual, const FloatTensor& expected) {
    double excess = -1.0;
    for (std::size_t i = 0; i < expected.values.size(); ++i) {
        const double a = actual.values[i];
        const double e = expected.values[i];
        if (a == e || (std::isnan(a) && std::isnan(e))) {
            continue;
        }
        const double over = std::fabs(a - e) - (1e-7 + 1e-3 * std::fabs(e));
        excess = std::isnan(over) ? 1e30 : std::max(excess, over);
    }
    return excess;
}

/// Runs one data set; the inputs in `bound` become parameters, the others activations. Returns a
/// complaint, empty if all outputs agree.
std::string runBound(const Network& network, const DataSet& data,
                     const std::map<std::string, FloatTensor>& bound,
                     const std::string& instructionSet) {
    const Network ready = withBoundInputs(network, bound, data.integers);
    std::vector<FloatTensor> inputs;
    std::vector<Shape> shapes;
    for (const Port& port : ready.inputs) {
        inputs.push_back(data.floats.at(port.name));
        shapes.push_back(inputs.back().shape);
    }
    FloatEngine engine(ready, shapes, instructionSet);
    const std::vector<FloatTensor> outputs = engine.runOnce(inputs);
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        if (outputs[i].shape != data.expected[i].shape) {
            return "output " + std::to_string(i) + " has the shape " + toString(outputs[i].shape) +
                   ", expected " + toString(data.expected[i].shape);
        }
        const double excess = excessOf(outputs[i], data.expected[i]);
        if (excess > 0.0) {
            return "output " + std::to_string(i) + " is off by " + std::to_string(excess);
        }
    }
    return "";
}

/// Weights as activations are refused where the operator has no such form; as parameters all must
/// run.
std::string runBothWays(const Network& network, const DataSet& data,
                        const std::string& instructionSet) {
    std::map<std::string, FloatTensor> allButFirst = data.floats;
    for (const std::string& name : data.names) {
        if (allButFirst.erase(name) != 0) {
            break;
        }
    }
    const std::string complaint = runBound(network, data, allButFirst, instructionSet);
    if (!complaint.empty() || allButFirst.empty()) {
        return complaint;
    }
    try {
        return runBound(network, data, {}, instructionSet);
    } catch (const Error& refused) {
        const std::string text = refused.what();
        const bool expected = text.find("depend") != std::string::npos ||
                              text.find("must be a constant") != std::string::npos;
        return expected ? "" : text;
    }
}

void runModel(const fs::path& folder, Counts& counts) {
    const std::string bytes = readFile(folder / "model.onnx");
    onnx::ModelProto proto;
    ASSERT_TRUE(proto.ParseFromString(bytes));
    const std::string name = folder.filename().string();
    const std::string reason = reasonNotApplicable(proto, name);
    if (!reason.empty()) {
        ++counts.notApplicable[reason];
        return;
    }
    SCOPED_TRACE(folder.string());
    bool passed = true;
    try {
        const Network network = importOnnxBytes(bytes, name, false);
        for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
            if (!entry.is_directory()) {
                continue;
            }
            const DataSet data = readDataSet(proto, entry.path());
            for (const std::string& set : availableInstructionSets()) {
                const std::string complaint = runBothWays(network, data, set);
                EXPECT_EQ(complaint, "") << set;
                passed = passed && complaint.empty();
                ++counts.sets;
            }
        }
    } catch (const std::exception& error) {
        passed = false;
        ADD_FAILURE() << error.what();
    }
    counts.passed += passed ? 1 : 0;
    for (const onnx::NodeProto& node : proto.graph().node()) {
        if (passed) {
            counts.operators.insert(node.op_type());
        }
    }
}

Counts runFolder(const std::string& part) {
    Counts counts;
    const fs::path folder = fs::path(BROWNOUT_ONNX_TESTDATA) / part;
    std::vector<fs::path> models;
    if (fs::is_directory(folder)) {
        for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
            if (fs::exists(entry.path() / "model.onnx")) {
                models.push_back(entry.path());
            }
        }
    }
    EXPECT_FALSE(models.empty()) << folder << " is missing: install libonnx-testdata, or set the "
                                 << "CMake variable BROWNOUT_ONNX_TESTDATA to its folder";
    std::sort(models.begin(), models.end());
    for (const fs::path& model : models) {
        runModel(model, counts);
    }
    int others = 0;
    std::string reasons;
    for (const auto& [reason, count] : counts.notApplicable) {
        others += count;
        reasons += (reasons.empty() ? "" : ", ") + reason + " " + std::to_string(count);
    }
    std::printf("[ ONNX     ] %s: %d passed (%d runs), %d not applicable (%s)\n", part.c_str(),
                counts.passed, counts.sets, others, reasons.c_str());
    return counts;
}

TEST(OnnxReferenceData, EveryNodeTestOfTheOperatorsWeClaimPasses) {
    const Counts counts = runFolder("node");
    EXPECT_GE(counts.passed, 326);
    for (const std::string& op : supportedOperators()) {
        EXPECT_EQ(counts.operators.count(op), 1U) << op << " is claimed but no model tests it";
    }
}

TEST(OnnxReferenceData, ModelsConvertedFromPyTorchPass) {
    EXPECT_GE(runFolder("pytorch-converted").passed, 80);
}

TEST(OnnxReferenceData, OperatorsExportedFromPyTorchPass) {
    EXPECT_GE(runFolder("pytorch-operator").passed, 26);
}

TEST(OnnxReferenceData, SimpleModelsPass) { EXPECT_GE(runFolder("simple").passed, 5); }

}  // namespace
}  // namespace brownout
