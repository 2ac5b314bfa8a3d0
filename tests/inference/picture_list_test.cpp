// Folders of class folders, and CSV files of file and label.

#include "base/atomic_file.h"
#include "tests/inference/data_folder.h"

namespace brownout::test {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

const fs::path kPictures = fs::path(BROWNOUT_INFERENCE_DATA) / "pictures";

DataRequest request(const PreprocessingOptions& options, const Shape& networkShape = {}) {
    DataRequest asked;
    asked.steps = preprocessingOf({}, options).steps;
    asked.networkShape = networkShape;
    return asked;
}

class PictureLists : public DataFolder {
 protected:
    void copy(const std::string& picture, const std::string& to) {
        write(to, readFile(kPictures / picture));
    }
    /// Writes a list, and returns what is wrong with it.
    std::string refused(const std::string& list) {
        return refusalOf(write("list.csv", list).string());
    }
};

TEST_F(PictureLists, HaveAFileAndALabelALineWithOrWithoutAHeader) {
    copy("rgb.png", "a.png");
    copy("alpha.png", "below/b, c.png");
    const std::string lines = "a.png,3\n\"below/b, c.png\",0\n";
    const Dataset plain = openDataset(write("plain.csv", lines).string());
    EXPECT_EQ(plain.shape(), (Shape{3, 5, 7}));
    EXPECT_THAT(labelsOf(plain), ElementsAre(3, 0));
    EXPECT_EQ(plain.name(), "plain.csv");
    for (const std::string& list :
         {"file,label\n" + lines, "\xEF\xBB\xBF" + lines,
          std::string("filename,class\r\n\r\na.png,3\r\n\"below/b, c.png\",0"),
          std::string("label,split,path\n3,x,a.png\n0,y,\"below/b, c.png\"\n")}) {
        EXPECT_EQ(openDataset(write("other.csv", list).string()).fingerprint(), plain.fingerprint())
            << list;
    }
    // Absolute names, too; and a folder with a list of that name is that list.
    write("labels.csv", in("a.png") + ",3\n\"" + in("below/b, c.png") + "\",0\n");
    const Dataset folder = openDataset(folder_.path().string());
    EXPECT_EQ(folder.fingerprint(), plain.fingerprint());
    EXPECT_EQ(folder.name(), folder_.path().filename());
}

TEST_F(PictureLists, AreDecodedOnlyAsFarAsAsked) {
    copy("rgb.png", "a.png");
    write("list.csv", "a.png,1\na.png,2\nmissing.png,3\nand,nonsense,here\n");
    EXPECT_THAT(labelsOf(openDataset(in("list.csv"), 2)), ElementsAre(1, 2));
    EXPECT_THAT(refusalOf(in("list.csv")), HasSubstr("list.csv:4: has 3 fields"));
}

TEST_F(PictureLists, GiveTheSameImagesAndTheFirstErrorForAnyNumberOfThreads) {
    copy("rgb.png", "a.png");
    copy("alpha.png", "b.png");
    write("cut.png", readFile(kPictures / "rgb.png").substr(0, 100));
    std::string lines;
    std::string wrong;
    for (int i = 0; i < 100; ++i) {
        lines += std::string(i % 3 == 0 ? "a" : "b") + ".png," + std::to_string(i) + "\n";
        wrong += std::string(i == 41 || i == 43 ? "cut" : i == 42 ? "none" : "a") + ".png,1\n";
    }
    write("list.csv", lines);
    write("wrong.csv", wrong);
    const std::string one = openDataset(in("list.csv")).fingerprint();
    DataRequest asked;
    for (const unsigned threads : {2, 3, 7}) {
        asked.threads = threads;
        for (int round = 0; round < 10; ++round) {
            EXPECT_EQ(openDataset(in("list.csv"), asked).fingerprint(), one);
            EXPECT_THAT(refusalOf(in("wrong.csv"), asked), HasSubstr("wrong.csv:42: "));
        }
    }
}

TEST_F(PictureLists, SayInWhichLineTheyAreWrong) {
    copy("rgb.png", "a.png");
    copy("ycc.jpg", "b.jpg");
    write("cut.png", readFile(kPictures / "rgb.png").substr(0, 100));
    EXPECT_THAT(refused("a.png,1\nnone.png,1\n"),
                testing::AllOf(HasSubstr("list.csv:2: "), HasSubstr("none.png: cannot be read: "
                                                                    "No such file")));
    EXPECT_THAT(refused("a.png,1\na.png,one\n"),
                HasSubstr("list.csv:2: the label is 'one'; expected a whole number from 0 on"));
    EXPECT_THAT(refused("file,label\na.png,-1\n"), HasSubstr("list.csv:2: the label is '-1'"));
    EXPECT_THAT(refused("file,label\na.png,0x10\n"), HasSubstr("list.csv:2: the label is '0x10'"));
    EXPECT_THAT(refused("a.png\n"), HasSubstr("list.csv:1: has 1 fields; expected file,label"));
    EXPECT_THAT(refused("a.png,1\n,2\n"), HasSubstr("list.csv:2: names no file"));
    EXPECT_THAT(refused("\"a.png,1\n"), HasSubstr("list.csv:1: a quote that isn't closed"));
    EXPECT_THAT(refused("file,label\n"), HasSubstr("list.csv: names no pictures"));
    EXPECT_THAT(refused("a.png,1\ncut.png,1\n"),
                testing::AllOf(HasSubstr("list.csv:2: "), HasSubstr("cut.png: is a damaged PNG")));
    EXPECT_THAT(refused("list.csv,1\n"), HasSubstr("is neither a PNG nor a JPEG picture"));
    EXPECT_THAT(refused("a.png,1\nb.jpg,1\n"),
                testing::AllOf(HasSubstr("list.csv:2: "), HasSubstr("b.jpg: has 13 x 19 pixels, "),
                               HasSubstr("a.png 5 x 7 pixels: give pictures of one size")));
    EXPECT_THAT(refusalOf(in("a.png")), HasSubstr("is one picture"));
}

TEST_F(PictureLists, OfPicturesOfAllSizesFitOnceTheyAreResizedAndCropped) {
    copy("rgb.png", "a.png");
    copy("ycc.jpg", "b.jpg");
    write("list.csv", "a.png,1\nb.jpg,0\n");
    PreprocessingOptions options;
    options.resize = "6";
    options.crop = "4x5";
    options.labelsOffset = "2";
    const Dataset data = openDataset(in("list.csv"), request(options));
    EXPECT_EQ(data.shape(), (Shape{3, 4, 5}));
    EXPECT_THAT(labelsOf(data), ElementsAre(3, 2));
    options.labelsOffset = "-1";
    EXPECT_THAT(refusalOf(in("list.csv"), request(options)),
                HasSubstr("list.csv: image 1 has the label 0, with the offset -1"));
}

TEST_F(PictureLists, AreGreyWhereTheNetworkTakesOneChannel) {
    copy("rgb.png", "a.png");
    write("list.csv", "a.png,1\n");
    const auto shapeFor = [&](const Shape& network) {
        return openDataset(in("list.csv"), request({}, network)).shape();
    };
    const Shape grey = {1, 5, 7};
    const Shape coloured = {3, 5, 7};
    EXPECT_EQ(shapeFor({1, 5, 7}), grey);
    EXPECT_EQ(shapeFor({5, 7, 1}), grey);
    EXPECT_EQ(shapeFor({5, 7}), grey);
    EXPECT_EQ(shapeFor({35}), grey);
    EXPECT_EQ(shapeFor({1, -1, -1}), grey);
    EXPECT_EQ(shapeFor({1, 28, 28}), grey);  // to be refused for its size, not for its colour
    EXPECT_EQ(shapeFor({3, 5, 7}), coloured);
    EXPECT_EQ(shapeFor({5, 7, 3}), coloured);
    EXPECT_EQ(shapeFor({105}), coloured);
    EXPECT_EQ(shapeFor({3, -1, -1}), coloured);
    EXPECT_EQ(shapeFor({3, 224, 224}), coloured);
}

// torchvision.datasets.ImageFolder: classes are sorted by name, upper case first, and the files of
// a class by folder and name; files of other kinds are not in the data set.
TEST_F(PictureLists, OfClassFoldersAreInTheOrderOfTorchvision) {
    for (const char* path : {"set/b/2.png", "set/b/10.png", "set/b/deep/0.PNG", "set/b-c/0.png",
                             "set/Z/x.png", "set/a/y.png"}) {
        copy("grey.png", path);
    }
    copy("rgb.png", "set/b/2.png");
    write("set/b/notes.txt", "not a picture");
    write("set/top.png", "not in a class");
    const Dataset data = openDataset(in("set"));
    EXPECT_EQ(data.name(), "set");
    // Z, a, b, b-c.
    EXPECT_THAT(labelsOf(data), ElementsAre(0, 1, 2, 2, 2, 3));
    const Dataset coloured = openDataset(write("c.csv", "set/b/2.png,0\n").string());
    const std::vector<float> all = pixelsOf(data);
    const std::vector<float> one = pixelsOf(coloured);
    EXPECT_TRUE(std::equal(one.begin(), one.end(), all.begin() + 3 * 105));
    EXPECT_THAT(labelsOf(openDataset(in("set"), 3)), ElementsAre(0, 1, 2));
    EXPECT_EQ(openDataset(in("set") + "/").name(), "set");
}

TEST_F(PictureLists, OfClassFoldersSayWhatIsWrong) {
    copy("rgb.png", "set/a/1.png");
    write("set/b/notes.txt", "not a picture");
    EXPECT_THAT(refusalOf(in("set")), HasSubstr("/b: holds no PNG or JPEG picture"));
    write("set/b/1.bmp", "BM");
    EXPECT_THAT(refusalOf(in("set")), HasSubstr("1.bmp: is a picture that isn't read"));
    fs::remove(folder_ / "set/b/1.bmp");
    write("set/b/1.jpg", "");
    EXPECT_THAT(refusalOf(in("set")), HasSubstr("/b/1.jpg: is empty"));
    copy("rgb.png", "parts/train/a/1.png");
    copy("rgb.png", "parts/val/a/1.png");
    EXPECT_THAT(refusalOf(in("parts")),
                testing::AllOf(HasSubstr("has the parts of a data set"), HasSubstr("parts/val")));
}

// pictures/photographs.py printed the sums of what Pillow makes of these photographs: of all bytes,
// and of all bytes weighted by their places.
TEST_F(PictureLists, OfFourHundredPhotographsArePillowsPixels) {
    const fs::path list = sharedFolder() / "data/imagenet-400/labels.csv";
    if (!fs::exists(list)) {
        GTEST_SKIP() << list << " is absent";
    }
    PreprocessingOptions options;
    options.resize = "256";
    options.crop = "224";
    options.scale = "1";
    const Dataset data = openDataset(list.string(), request(options));
    ASSERT_EQ(data.size(), 400U);
    std::vector<float> image(data.imageElements());
    double sum = 0;
    double weighted = 0;
    for (std::size_t i = 0; i < data.size(); ++i) {
        data.read(i, 1, image.data());
        for (std::size_t p = 0; p < image.size(); ++p) {
            sum += static_cast<double>(image[p]);
            weighted += static_cast<double>(image[p]) * static_cast<double>((i + p) % 251);
        }
    }
    EXPECT_EQ(sum, 6893926238.0);
    EXPECT_EQ(weighted, 861725585592.0);
}

}  // namespace
}  // namespace brownout::test
