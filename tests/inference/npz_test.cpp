// NumPy's .npy and .npz files as data sets.

#include <zip.h>

#include "tests/base/npy_file.h"
#include "tests/inference/data_folder.h"

namespace brownout::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class NumpyDatasets : public DataFolder {
 protected:
    Dataset open(const std::string& images, const std::string& labels,
                 std::size_t most = kAllImages) {
        return openDataset(pair(images, labels), most);
    }
    std::string pair(const std::string& images, const std::string& labels) {
        return write("x.npy", images).string() + "," + write("y.npy", labels).string();
    }
    std::string zip(const std::string& name,
                    const std::vector<std::pair<std::string, std::string>>& members,
                    zip_int32_t method = ZIP_CM_DEFLATE) {
        zip_t* archive = zip_open(in(name).c_str(), ZIP_CREATE | ZIP_TRUNCATE, nullptr);
        for (const auto& [member, bytes] : members) {
            zip_source_t* source = zip_source_buffer(archive, bytes.data(), bytes.size(), 0);
            const auto index = zip_file_add(archive, member.c_str(), source, 0);
            zip_set_file_compression(archive, static_cast<zip_uint64_t>(index), method, 0);
        }
        EXPECT_EQ(zip_close(archive), 0);
        return in(name);
    }
    const std::string labels_ = npyFile("<i8", "(2,)", bytesOf<std::int64_t>({1, 0}));
};

TEST_F(NumpyDatasets, BytesAreImagesInBytes) {
    const Dataset data =
        open(npyFile("|u1", "(2, 1, 2)", std::string("\0\xff\x33\x01", 4)), labels_);
    EXPECT_EQ(data.shape(), (Shape{1, 1, 2}));
    EXPECT_THAT(pixelsOf(data), ElementsAre(0, 1, 51 / 255.0F, 1 / 255.0F));
    EXPECT_THAT(labelsOf(data), ElementsAre(1, 0));
    EXPECT_EQ(data.name(), "x.npy");
}

// numpy.save of arrays of 2 x 2 x 3, in both orders and in types of all kinds.
TEST_F(NumpyDatasets, MayBeOfAnyTypeAndOrder) {
    std::vector<float> numbers;
    for (int i = 0; i < 12; ++i) numbers.push_back(static_cast<float>(i));
    const std::vector<int> fortran = {0, 6, 3, 9, 1, 7, 4, 10, 2, 8, 5, 11};  // order="F"
    const auto check = [&](const std::string& type, const std::string& c, const std::string& f) {
        const Dataset ordered = open(npyFile(type, "(2, 2, 3)", c), labels_);
        EXPECT_EQ(pixelsOf(ordered), numbers) << type;
        EXPECT_EQ(pixelsOf(open(npyFile(type, "(2, 2, 3)", f, true), labels_)), numbers) << type;
        const std::vector<float> first(numbers.begin(), numbers.begin() + 6);
        EXPECT_EQ(pixelsOf(open(npyFile(type, "(2, 2, 3)", f, true), labels_, 1)), first) << type;
        EXPECT_EQ(pixelsOf(open(npyFile(type, "(2, 2, 3)", c), labels_, 1)), first) << type;
    };
    const auto made = [&](auto zero) {
        using Number = decltype(zero);
        std::vector<Number> c(12), f;
        for (std::size_t i = 0; i < 12; ++i) c[i] = static_cast<Number>(i);
        for (const int at : fortran) f.push_back(static_cast<Number>(at));
        return std::pair(bytesOf(c), bytesOf(f));
    };
    const auto checkType = [&](const std::string& type, auto zero) {
        const auto [c, f] = made(zero);
        check(type, c, f);
    };
    checkType("|i1", std::int8_t{});
    checkType("<u2", std::uint16_t{});
    checkType("<i4", std::int32_t{});
    checkType("<u8", std::uint64_t{});
    checkType("<f4", 0.0F);
    checkType("<f8", 0.0);
    // Halves: 0, 1, 1.5, -2 and the smallest, 2^-24, then infinity.
    const std::string halves("\0\0\0\x3c\0\x3e\0\xc0\1\0\0\0", 12);
    EXPECT_THAT(pixelsOf(open(npyFile("<f2", "(2, 3)", halves), labels_)),
                ElementsAre(0, 1, 1.5F, -2, std::ldexp(1.0F, -24), 0));
    EXPECT_THAT(refusalOf(pair(npyFile("<f2", "(2, 1)", std::string("\0\0\0\x7c", 4)), labels_)),
                HasSubstr("x.npy: image 1 has a pixel that is not a finite number"));
    const std::string big("\0\1\0\2", 4);
    EXPECT_THAT(pixelsOf(open(npyFile(">u2", "(2, 1)", big), labels_)), ElementsAre(1, 2));
}

TEST_F(NumpyDatasets, AreFoundInArchivesByTheirUsualNames) {
    const std::string images = npyFile("|u1", "(2, 1, 2)", "abcd");
    const std::string other = npyFile("|u1", "(2, 1, 2)", "zzzz");
    const Dataset plain = open(images, labels_);
    for (const zip_int32_t method : {ZIP_CM_STORE, ZIP_CM_DEFLATE}) {
        for (const auto& [x, y] : std::vector<std::pair<std::string, std::string>>{
                 {"images", "labels"}, {"x", "y"}, {"x_test", "y_test"}, {"arr_0", "arr_1"}}) {
            const std::string path = zip("a.npz",
                                         {{"x_train.npy", other},
                                          {"y_train.npy", labels_},
                                          {x + ".npy", images},
                                          {y + ".npy", labels_}},
                                         method);
            EXPECT_EQ(openDataset(path).fingerprint(), plain.fingerprint()) << x;
        }
    }
    zip("x.npz", {{"arr_0.npy", images}});
    zip("y.npz", {{"arr_0.npy", labels_}});
    EXPECT_EQ(openDataset(in("x.npz") + "," + in("y.npz")).fingerprint(), plain.fingerprint());
    write("test_images.npy", images);
    write("test_labels.npy", labels_);
    EXPECT_EQ(openDataset(in("test_images.npy")).fingerprint(), plain.fingerprint());
}

TEST_F(NumpyDatasets, ThatAreWrongGetOneLine) {
    const std::string images = npyFile("|u1", "(2, 1, 2)", "abcd");
    EXPECT_THAT(refusalOf(zip("a.npz", {{"p.npy", images}, {"q.npy", labels_}})),
                HasSubstr("a.npz: has the arrays p.npy, q.npy; expected images and labels"));
    EXPECT_THAT(refusalOf(zip(
                    "b.npz", {{"x.npy", images.substr(0, images.size() - 2)}, {"y.npy", labels_}})),
                HasSubstr("b.npz:x.npy: "));
    EXPECT_THAT(refusalOf(write("c.npz", "PK\x03\x04 and no more").string()),
                HasSubstr("c.npz: is not a readable zip archive"));
    EXPECT_THAT(refusalOf(pair(npyFile("|u1", "(2, 1, 2)", "abc"), labels_)),
                HasSubstr("x.npy: ends after 3 elements; expected 4"));
    EXPECT_THAT(refusalOf(pair(npyFile("|u1", "(2, 1, 2)", "abcde"), labels_)),
                HasSubstr("x.npy: goes on after its 4 elements"));
    EXPECT_THAT(refusalOf(pair(npyFile("|u1", "(3, 1, 1)", "abc"), labels_)),
                HasSubstr("y.npy: has 2 values in 1 axes for 3 images"));
    EXPECT_THAT(refusalOf(pair(npyFile("|u1", "(2,)", "ab"), labels_)),
                HasSubstr("x.npy: has one axis"));
    EXPECT_THAT(refusalOf(pair(npyFile("|u1", "()", "a"), labels_)),
                HasSubstr("x.npy: has the shape ()"));
    EXPECT_THAT(refusalOf(pair(images, npyFile("<f4", "(2,)", bytesOf<float>({1, 0.5F})))),
                HasSubstr("y.npy: label 1 is 0.5, expected a whole number"));
    EXPECT_THAT(refusalOf(pair(npyFile("|u1", "(1048576, 1, 2048)", "ab"), labels_)),
                HasSubstr("x.npy: holds more than 1024 MiB of images"));
    write("lonely.npy", images);
    EXPECT_THAT(refusalOf(in("lonely.npy")), HasSubstr("give both files as IMAGES,LABELS"));
}

TEST_F(NumpyDatasets, InArchivesThatUnpackToTooMuchAreReadInPart) {
    const std::string zeros(std::size_t{64} << 20, '\0');
    const std::string path =
        zip("bomb.npz", {{"x.npy", npyFile("|u1", "(64, 1024, 1024)", zeros)},
                         {"y.npy", npyFile("|u1", "(64,)", zeros.substr(0, 64))}});
    EXPECT_LT(std::filesystem::file_size(path), std::size_t{1} << 20);
    EXPECT_EQ(openDataset(path, 2).size(), 2U);
    const std::string more =
        zip("more.npz", {{"x.npy", npyFile("|u1", "(4096, 1024, 1024)", zeros)},
                         {"y.npy", npyFile("|u1", "(4096,)", "")}});
    EXPECT_THAT(refusalOf(more), HasSubstr("more.npz:x.npy: holds more than 1024 MiB"));
}

}  // namespace
}  // namespace brownout::test
