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
#include "inference/engines/float_engine.h"
#include "inference/graph/integer_operators.h"
#include "inference/onnx/onnx_import.h"
#include "inference/onnx/onnx_tensor.h"
#include "inference/plan/plan.h"
#include "tests/inference/kernel_tables.h"

namespace brownout {
namespace {

namespace fs = std::filesystem;

/// Forms of supported operators that we don't claim, and why. Anything else that fails, fails the
/// test.
const std::map<std::string, std::string> kNotClaimed = {
    {"test_batchnorm_epsilon_training_mode", "training"},
    {"test_batchnorm_example_training_mode", "training"},
    {"test_cast_FLOAT_to_BFLOAT16", "rounding to 16 bits"},
    {"test_castlike_FLOAT_to_BFLOAT16", "rounding to 16 bits"},
    {"test_castlike_FLOAT_to_BFLOAT16_expanded", "rounding to 16 bits"},
    {"test_maxpool_with_argmax_2d_precomputed_pads", "indices of maxima"},
    {"test_maxpool_with_argmax_2d_precomputed_strides", "indices of maxima"},
    {"test_resize_tf_crop_and_resize", "a region of interest"},
    {"test_training_dropout", "training"},
    {"test_training_dropout_default", "training"},
    {"test_training_dropout_default_mask", "training"},
    {"test_training_dropout_mask", "training"},
    {"test_training_dropout_zero_ratio", "training"},
    {"test_training_dropout_zero_ratio_mask", "training"},
};

/// Operators that Debian's reference data are too old for, or that are none of ONNX's own:
/// operators_test.cpp has them.
const std::set<std::string> kTestedElsewhere = {
    "BipolarQuant", "Gelu",  "GroupNormalization", "ImageScaler", "IntQuant",        "Mish",
    "Quant",        "Swish", "RMSNormalization",   "Trunc",       "LpNormalization",
};

struct Counts {
    int passed = 0;
    int sets = 0;  ///< Data sets times kernels.
    std::map<std::string, int> notApplicable;
    std::set<std::string> operators;  ///< Of the networks that passed.
};

/// A tensor as the program reads it.
TensorContent contentOf(const onnx::TensorProto& proto) {
    ExternalData none(std::nullopt);
    return brownout::contentOf(proto, "test data", none);
}

FloatTensor floatsOf(const TensorContent& content) {
    if (const auto* floats = std::get_if<FloatTensor>(&content)) return *floats;
    const auto& integers = std::get<IntTensor>(content);
    return {integers.shape, {integers.values.begin(), integers.values.end()}};
}

onnx::TensorProto readTensor(const fs::path& path, const onnx::ValueInfoProto& port) {
    onnx::TensorProto proto;
    EXPECT_TRUE(proto.ParseFromString(readFile(path))) << path;
    // The files have bfloat16 as whole numbers of 16 bits.
    if (port.type().tensor_type().elem_type() == onnx::TensorProto::BFLOAT16) {
        proto.set_data_type(onnx::TensorProto::BFLOAT16);
    }
    return proto;
}

/// Why a network is none of ours; empty if it is.
std::string reasonNotApplicable(const onnx::ModelProto& proto, const std::string& name) {
    std::vector<std::string> supported = supportedOperators();
    supported.insert(supported.end(), integerOperators().begin(), integerOperators().end());
    std::sort(supported.begin(), supported.end());
    for (const onnx::NodeProto& node : proto.graph().node()) {
        if (!node.domain().empty() ||
            !std::binary_search(supported.begin(), supported.end(), node.op_type())) {
            return "operator";
        }
    }
    for (const auto* ports : {&proto.graph().input(), &proto.graph().output()}) {
        for (const onnx::ValueInfoProto& port : *ports) {
            if (!port.type().has_tensor_type() ||
                !isNumberType(port.type().tensor_type().elem_type())) {
                return "type";
            }
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
        const TensorContent content = contentOf(readTensor(file, input));
        data.names.push_back(input.name());
        data.floats[input.name()] = floatsOf(content);
        if (const auto* integers = std::get_if<IntTensor>(&content)) {
            data.integers[input.name()] = *integers;
        }
    }
    for (int i = 0; i < proto.graph().output_size(); ++i) {
        data.expected.push_back(floatsOf(contentOf(readTensor(
            folder / ("output_" + std::to_string(i) + ".pb"), proto.graph().output(i)))));
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

/// Runs one data set; the inputs in `bound` are known when the plan is made, the others
/// activations. Returns a complaint, empty if all outputs agree.
std::string runBound(const Network& network, const DataSet& data,
                     const std::set<std::string>& bound, const kernels::Kernels& kernels) {
    std::map<std::string, FloatTensor> floats;
    std::map<std::string, IntTensor> integers;
    for (const std::string& name : bound) {
        const auto whole = data.integers.find(name);
        if (whole != data.integers.end()) {
            integers.insert(*whole);
        } else {
            floats.insert(*data.floats.find(name));
        }
    }
    const Network ready = withBoundInputs(network, floats, integers);
    std::vector<FloatTensor> inputs;
    std::vector<Shape> shapes;
    for (const Port& port : ready.inputs) {
        inputs.push_back(data.floats.at(port.name));
        shapes.push_back(inputs.back().shape);
    }
    FloatEngine engine(ready, shapes, kernels);
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

/// Says whether an Error is about an input that the operator takes as a constant only.
bool wantsConstant(const std::string& text) {
    for (const char* reason :
         {"depend", "must be a constant", "has floats where integers", "the bit width"}) {
        if (text.find(reason) != std::string::npos) return true;
    }
    return false;
}

/// Runs with all inputs but the first as constants, with the integers only, and with none. The
/// first must do unless the operator computes with shapes; the others where it has that form.
std::string runAllWays(const Network& network, const DataSet& data,
                       const kernels::Kernels& kernels) {
    const std::set<std::string> all(data.names.begin(), data.names.end());
    std::set<std::string> allButFirst = all;
    if (!data.names.empty()) allButFirst.erase(data.names.front());
    std::set<std::string> integers;
    for (const auto& [name, tensor] : data.integers) integers.insert(name);
    bool done = false;
    for (const std::set<std::string>& bound :
         {allButFirst, integers, std::set<std::string>{}, all}) {
        try {
            const std::string complaint = runBound(network, data, bound, kernels);
            if (!complaint.empty()) return complaint;
            done = true;
        } catch (const Error& refused) {
            if (!wantsConstant(refused.what())) return refused.what();
        }
    }
    return done ? "" : "no way to give it its inputs";
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
        const Network network = importOnnxBytes(bytes, name, GraphForm::kAsInFile);
        for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
            if (!entry.is_directory()) {
                continue;
            }
            const DataSet data = readDataSet(proto, entry.path());
            for (const auto& [set, kernels] : kernelTables()) {
                const std::string complaint = runAllWays(network, data, kernels);
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
    EXPECT_GE(counts.passed, 623);
    for (const std::string& op : supportedOperators()) {
        if (kTestedElsewhere.count(op) != 0) continue;
        EXPECT_EQ(counts.operators.count(op), 1U) << op << " is claimed but no model tests it";
    }
}

TEST(OnnxReferenceData, ModelsConvertedFromPyTorchPass) {
    EXPECT_GE(runFolder("pytorch-converted").passed, 82);
}

TEST(OnnxReferenceData, OperatorsExportedFromPyTorchPass) {
    EXPECT_GE(runFolder("pytorch-operator").passed, 35);
}

TEST(OnnxReferenceData, SimpleModelsPass) { EXPECT_GE(runFolder("simple").passed, 7); }

}  // namespace
}  // namespace brownout
