// Damaged files: whatever is wrong with one, it loads as something sensible or is refused in one
// line. The mutations are drawn from fixed seeds, so a failure can be replayed.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hdf5.h>
#include <onnx/onnx_pb.h>
#include <zlib.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <random>

#include "base/atomic_file.h"
#include "base/error.h"
#include "inference/dataset.h"
#include "inference/executor.h"
#include "tests/temporary_folder.h"

namespace brownout {
namespace {

namespace fs = std::filesystem;
using Random = std::mt19937;

std::size_t below(Random& random, std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
}

std::size_t below(Random& random, int limit) {
    return below(random, static_cast<std::size_t>(limit));
}

/// The seed of a test; BROWNOUT_MUTATION_SEED in the environment looks at other mutations than
/// usual.
Random seeded(unsigned seed) {
    const char* other = std::getenv("BROWNOUT_MUTATION_SEED");
    return Random(seed + (other != nullptr ? 1000U * static_cast<unsigned>(std::atoi(other)) : 0U));
}

struct Tally {
    int refused = 0;
    int loaded = 0;
};

/// Runs `use`; the only exception it may throw is an Error of one line that names `file`.
void attempt(Tally& tally, const std::string& file, const std::function<void()>& use) {
    try {
        use();
        ++tally.loaded;
    } catch (const Error& error) {
        ++tally.refused;
        const std::string text = error.what();
        EXPECT_THAT(text, testing::HasSubstr(file));
        EXPECT_THAT(text, testing::Not(testing::HasSubstr("\n")));
        EXPECT_LT(text.size(), 1000U);
    } catch (const std::exception& error) {
        ADD_FAILURE() << "not an Error: " << error.what();
    }
}

void report(const char* what, const Tally& tally, int least) {
    std::printf("[ MUTATED  ] %s: %d files, %d refused in one line, %d loaded\n", what,
                tally.refused + tally.loaded, tally.refused, tally.loaded);
    EXPECT_GE(tally.refused + tally.loaded, least);
    EXPECT_GT(tally.refused, 0);
}

/// Cuts the bytes off, flips bits, or overwrites, repeats or removes a stretch.
std::string damaged(const std::string& bytes, Random& random) {
    std::string result = bytes;
    const std::size_t at = below(random, bytes.size());
    const std::size_t length = 1 + below(random, std::min<std::size_t>(64, bytes.size() - at));
    switch (below(random, 5)) {
        case 0:
            result.resize(at);
            break;
        case 1:
            for (std::size_t i = 0; i <= below(random, 4); ++i) {
                char& c = result[below(random, result.size())];
                c = static_cast<char>(c ^ (1 << below(random, 8)));
            }
            break;
        case 2:
            for (std::size_t i = at; i < at + length; ++i) {
                result[i] = static_cast<char>(below(random, 256));
            }
            break;
        case 3:
            result.insert(at, bytes.substr(at, length));
            break;
        default:
            result.erase(at, length);
            break;
    }
    return result;
}

void useNetwork(const std::string& bytes) {
    const Model model = importOnnxBytes(bytes, "damaged.onnx");
    Executor executor(model);
    // Sizes that are absurd but consistent may pass; running them would only take long.
    if (executor.activationBytes() < (std::size_t{16} << 20) && executor.classes() < 10000) {
        const std::vector<float> image(executor.imageElements(), 0.5F);
        std::vector<float> logits(executor.classes());
        executor.run(image.data(), 1, logits.data());
    }
    const QuantizedNetwork quantized(model, QuantizerSettings::preset("rquant"),
                                     StoreScope::kParameters);
    EXPECT_GT(quantized.codeCount(), 0U);
}

std::string networkBytes(const std::string& name) {
    return readFile(fs::path(BROWNOUT_INFERENCE_DATA) / name);
}

TEST(Mutations, DamagedBytesOfNetworksAreRefusedOrLoad) {
    Tally tally;
    Random random = seeded(11);
    for (const char* name : {"groupnorm.onnx", "mobile.onnx", "attention.onnx"}) {
        const std::string bytes = networkBytes(name);
        for (int i = 0; i < 200; ++i) {
            SCOPED_TRACE(std::string(name) + " " + std::to_string(i));
            const std::string mutated = damaged(bytes, random);
            attempt(tally, "damaged.onnx", [&] { useNetwork(mutated); });
        }
    }
    report("bytes of ONNX files", tally, 600);
}

/// Numbers that break programs.
std::int64_t nastyNumber(Random& random) {
    const std::vector<std::int64_t> numbers = {0,
                                               -1,
                                               1,
                                               2,
                                               -2,
                                               7,
                                               1000,
                                               65536,
                                               1 << 20,
                                               std::int64_t{1} << 31,
                                               std::int64_t{1} << 40,
                                               std::numeric_limits<std::int64_t>::max(),
                                               std::numeric_limits<std::int64_t>::min(),
                                               -1000000007};
    return numbers[below(random, numbers.size())];
}

template <typename Repeated>
auto& anyOf(Repeated* repeated, Random& random) {
    return *repeated->Mutable(static_cast<int>(below(random, repeated->size())));
}

void mutateTensor(onnx::TensorProto& tensor, Random& random) {
    const float notFinite[] = {std::numeric_limits<float>::quiet_NaN(),
                               std::numeric_limits<float>::infinity()};
    switch (below(random, 7)) {
        case 0:
            if (tensor.dims_size() > 0) {
                tensor.set_dims(static_cast<int>(below(random, tensor.dims_size())),
                                nastyNumber(random));
            }
            break;
        case 1:
            tensor.add_dims(nastyNumber(random));
            break;
        case 2:
            tensor.set_data_type(static_cast<int>(below(random, 20)));
            break;
        case 3:
            if (tensor.raw_data().size() >= sizeof(float)) {
                tensor.mutable_raw_data()->replace(
                    0, sizeof(float),
                    std::string(reinterpret_cast<const char*>(&notFinite[below(random, 2)]),
                                sizeof(float)));
            }
            break;
        case 4:
            tensor.mutable_raw_data()->resize(below(random, tensor.raw_data().size() + 8));
            break;
        case 5:
            tensor.set_data_location(onnx::TensorProto::EXTERNAL);
            break;
        default:
            tensor.clear_dims();
            break;
    }
}

void mutateAttribute(onnx::AttributeProto& attribute, Random& random) {
    switch (below(random, 5)) {
        case 0:
            attribute.set_i(nastyNumber(random));
            if (attribute.ints_size() > 0) {
                attribute.set_ints(static_cast<int>(below(random, attribute.ints_size())),
                                   nastyNumber(random));
            }
            break;
        case 1:
            attribute.add_ints(nastyNumber(random));
            break;
        case 2:
            attribute.set_type(static_cast<onnx::AttributeProto::AttributeType>(below(random, 12)));
            break;
        case 3:
            attribute.set_name("nonsense");
            break;
        default:
            if (attribute.has_t()) {
                mutateTensor(*attribute.mutable_t(), random);
            } else {
                attribute.clear_ints();
                attribute.set_f(std::numeric_limits<float>::quiet_NaN());
            }
            break;
    }
}

void mutateNode(onnx::GraphProto& graph, Random& random) {
    onnx::NodeProto& node = anyOf(graph.mutable_node(), random);
    const std::vector<std::string> operators = {
        "Conv",    "Gemm",    "MatMul",    "Reshape", "Concat", "Slice", "Pad",     "Gather",
        "MaxPool", "Softmax", "Transpose", "Split",   "Expand", "If",    "NoSuchOp"};
    switch (below(random, 9)) {
        case 0:
            node.set_op_type(operators[below(random, operators.size())]);
            break;
        case 1:
            node.mutable_output()->Clear();
            break;
        case 2:  // a cycle, or a value used before it is made
            if (node.input_size() > 0) {
                const onnx::NodeProto& other = anyOf(graph.mutable_node(), random);
                if (other.output_size() > 0) {
                    node.set_input(0, other.output(0));
                }
            }
            break;
        case 3:
            if (node.input_size() > 0) {
                node.set_input(static_cast<int>(below(random, node.input_size())), "nowhere");
            }
            break;
        case 4:
            if (node.input_size() > 0) {
                node.mutable_input()->RemoveLast();
            }
            break;
        case 5:
            node.add_input(graph.initializer(0).name());
            break;
        case 6:
            node.add_output("another");
            break;
        case 7:  // any other value of the graph in its place
            if (node.input_size() > 0) {
                node.set_input(static_cast<int>(below(random, node.input_size())),
                               anyOf(graph.mutable_initializer(), random).name());
            }
            break;
        default:
            if (node.attribute_size() > 0) {
                mutateAttribute(anyOf(node.mutable_attribute(), random), random);
            }
            break;
    }
}

void mutateModel(onnx::ModelProto& model, Random& random) {
    onnx::GraphProto& graph = *model.mutable_graph();
    switch (below(random, 12)) {
        case 0:
            graph.mutable_initializer()->DeleteSubrange(
                static_cast<int>(below(random, graph.initializer_size())), 1);
            break;
        case 1:
            graph.mutable_node()->DeleteSubrange(static_cast<int>(below(random, graph.node_size())),
                                                 1);
            break;
        case 2:
            graph.mutable_node()->SwapElements(static_cast<int>(below(random, graph.node_size())),
                                               static_cast<int>(below(random, graph.node_size())));
            break;
        case 3: {
            auto* shape =
                graph.mutable_input(0)->mutable_type()->mutable_tensor_type()->mutable_shape();
            anyOf(shape->mutable_dim(), random).set_dim_value(nastyNumber(random));
            break;
        }
        case 4:
            model.mutable_opset_import(0)->set_version(nastyNumber(random));
            break;
        case 5:
            model.set_ir_version(nastyNumber(random));
            break;
        case 6:
            graph.mutable_output(0)->set_name("nowhere");
            break;
        case 7:
        case 8:
            mutateTensor(anyOf(graph.mutable_initializer(), random), random);
            break;
        default:
            mutateNode(graph, random);
            break;
    }
}

TEST(Mutations, NonsenseInTheFieldsOfNetworksIsRefusedOrLoads) {
    Tally tally;
    Random random = seeded(12);
    for (const char* name : {"groupnorm.onnx", "mobile.onnx", "attention.onnx"}) {
        const std::string bytes = networkBytes(name);
        for (int i = 0; i < 300; ++i) {
            onnx::ModelProto model;
            ASSERT_TRUE(model.ParseFromString(bytes));
            for (std::size_t k = 0; k <= below(random, 2); ++k) {
                mutateModel(model, random);
            }
            SCOPED_TRACE(std::string(name) + " " + std::to_string(i));
            attempt(tally, "damaged.onnx", [&] { useNetwork(model.SerializeAsString()); });
        }
    }
    report("fields of ONNX models", tally, 900);
}

class DatasetMutations : public testing::Test {
 protected:
    fs::path write(const std::string& name, const std::string& bytes) {
        std::ofstream(folder_ / name, std::ios::binary) << bytes;
        return folder_ / name;
    }

    void useDataset(const std::string& spec) {
        const Dataset data = openDataset(spec);
        std::vector<float> image(data.imageElements());
        data.read(data.size() - 1, 1, image.data());
        EXPECT_GE(data.label(data.size() - 1), 0);
    }

    TemporaryFolder folder_;
};

std::string idxBytes(const std::vector<std::uint8_t>& sizes) {
    std::string bytes = {0, 0, 8, static_cast<char>(sizes.size())};
    std::size_t count = 1;
    for (std::uint8_t size : sizes) {
        bytes += std::string(3, '\0') + static_cast<char>(size);
        count *= size;
    }
    for (std::size_t i = 0; i < count; ++i) {
        bytes += static_cast<char>(i % 10);
    }
    return bytes;
}

std::string packed(const std::string& bytes, const fs::path& scratch) {
    gzFile file = gzopen(scratch.c_str(), "wb");
    gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
    gzclose(file);
    return readFile(scratch);
}

TEST_F(DatasetMutations, DamagedIdxFilesAreRefusedOrLoad) {
    Tally tally;
    Random random = seeded(13);
    const std::string images = idxBytes({5, 4, 3});
    const std::string labels = idxBytes({5});
    const std::string zipped = packed(images, folder_ / "scratch.gz");
    for (int i = 0; i < 150; ++i) {
        SCOPED_TRACE(i);
        const bool damageLabels = i % 3 == 0;
        const bool gzip = i % 3 == 1;
        const std::string intact = gzip ? zipped : images;
        write("x-images-idx3-ubyte", damageLabels ? intact : damaged(intact, random));
        write("x-labels-idx1-ubyte", damageLabels ? damaged(labels, random) : labels);
        attempt(tally, folder_.path().string(), [&] {
            useDataset((folder_ / "x-images-idx3-ubyte").string() + "," +
                       (folder_ / "x-labels-idx1-ubyte").string());
        });
    }
    report("IDX files", tally, 150);
}

TEST_F(DatasetMutations, DamagedCifarFilesAreRefusedOrLoad) {
    Tally tally;
    Random random = seeded(14);
    std::string records;
    for (int i = 0; i < 3; ++i) {
        records += static_cast<char>(i) + std::string(3072, static_cast<char>(37 * i));
    }
    for (int i = 0; i < 60; ++i) {
        SCOPED_TRACE(i);
        write("test_batch.bin", damaged(records, random));
        attempt(tally, folder_.path().string(), [&] { useDataset(folder_.path().string()); });
    }
    report("CIFAR-10 files", tally, 60);
}

/// A small HDF5 data set, its images compressed and with checksums.
void writeHdf5(const fs::path& path) {
    const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    const hsize_t sizes[] = {6, 1, 8, 8};
    const hid_t space = H5Screate_simple(4, sizes, nullptr);
    const hid_t settings = H5Pcreate(H5P_DATASET_CREATE);
    const hsize_t chunk[] = {2, 1, 8, 8};
    H5Pset_chunk(settings, 4, chunk);
    H5Pset_deflate(settings, 6);
    H5Pset_fletcher32(settings);
    const hid_t images =
        H5Dcreate2(file, "images", H5T_STD_U8LE, space, H5P_DEFAULT, settings, H5P_DEFAULT);
    std::vector<std::uint8_t> pixels(6 * 64);
    for (std::size_t i = 0; i < pixels.size(); ++i) {
        pixels[i] = static_cast<std::uint8_t>(i * 7);
    }
    H5Dwrite(images, H5T_NATIVE_UINT8, H5S_ALL, H5S_ALL, H5P_DEFAULT, pixels.data());
    const hid_t line = H5Screate_simple(1, sizes, nullptr);
    const hid_t labels =
        H5Dcreate2(file, "labels", H5T_STD_I32LE, line, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    const std::int32_t classes[] = {0, 1, 2, 3, 4, 5};
    H5Dwrite(labels, H5T_NATIVE_INT32, H5S_ALL, H5S_ALL, H5P_DEFAULT, classes);
    H5Dclose(labels);
    H5Sclose(line);
    H5Dclose(images);
    H5Pclose(settings);
    H5Sclose(space);
    H5Fclose(file);
}

TEST_F(DatasetMutations, DamagedHdf5FilesAreRefusedOrLoad) {
    Tally tally;
    Random random = seeded(15);
    writeHdf5(folder_ / "intact.h5");
    const std::string bytes = readFile(folder_ / "intact.h5");
    useDataset((folder_ / "intact.h5").string());
    for (int i = 0; i < 300; ++i) {
        SCOPED_TRACE(i);
        write("damaged.h5", damaged(bytes, random));
        attempt(tally, folder_.path().string(),
                [&] { useDataset((folder_ / "damaged.h5").string()); });
    }
    report("HDF5 data sets", tally, 300);
}

// Why data sets need no trial run in a child process, as profiles do (profiles/hdf5/trial_run.h):
// they hold no strings of variable length, and of their own checks none is left to the library.
TEST_F(DatasetMutations, EveryByteOfAnHdf5DataSetMayBeWrong) {
    writeHdf5(folder_ / "intact.h5");
    const std::string bytes = readFile(folder_ / "intact.h5");
    Tally tally;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        for (const char wrong : {static_cast<char>(0xFF), static_cast<char>(bytes[i] ^ 4)}) {
            if (wrong == bytes[i]) continue;
            std::string content = bytes;
            content[i] = wrong;
            write("damaged.h5", content);
            SCOPED_TRACE(i);
            attempt(tally, folder_.path().string(),
                    [&] { useDataset((folder_ / "damaged.h5").string()); });
        }
    }
    report("bytes of HDF5 data sets", tally, 10000);
}

}  // namespace
}  // namespace brownout
