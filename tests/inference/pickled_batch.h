#pragma once

#include <string>

// Batches of CIFAR as Python pickles them, spelled out.

namespace brownout::test {

inline std::string number4(std::size_t number) {
    std::string bytes;
    for (int i = 0; i < 4; ++i) bytes += static_cast<char>(number >> (8 * i) & 0xFF);
    return bytes;
}

/// Returns (N, 3072) as a pickled tuple.
inline std::string pickledShape(std::size_t images) {
    return "J" + number4(images) + std::string("M\x00\x0c\x86", 4);
}

inline std::string pickledLabels(const std::string& labels) {
    std::string items;
    for (const char label : labels) items += std::string("K") + label;
    return "]q\x05(" + items + "e";
}

/// Returns what CIFAR's site offers, which Python 2 pickled with protocol 2: a dictionary of a
/// label list and an array of N x 3072 bytes. Labels are bytes.
inline std::string pickledBatch(const std::string& labelsName, const std::string& labels,
                                const std::string& pixels) {
    return std::string("\x80\x02}q\x01(U\x0b") + "batch_labelq\x02U\x14" +
           "testing batch 1 of 1q\x03" + "U" + static_cast<char>(labelsName.size()) + labelsName +
           "q\x04" + pickledLabels(labels) + "U\x04" + "dataq\x06" +
           "cnumpy.core.multiarray\n_reconstruct\nq\x07" + "cnumpy\nndarray\nq\x08" +
           std::string("K\x00\x85U\x01", 5) + "b\x87Rq\t(K\x01" + pickledShape(labels.size()) +
           std::string("cnumpy\ndtype\nq\nU\x02u1K\x00K\x01\x87Rq\x0b", 27) +
           std::string("(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb", 23) + "\x89T" +
           number4(pixels.size()) + pixels + "tbU\x09" + "filenamesq\x0c]q\x0d(U\x05" +
           "a.pngU\x05" + "b.pngeu.";
}

/// Returns a batch as Python 3 pickles it with protocol 2: bytes are text that is encoded again.
/// `text` is the pixels in UTF-8.
inline std::string pickledAsText(const std::string& labels, const std::string& text) {
    const auto encoded = [](const std::string& bytes) {
        return "c_codecs\nencode\nX" + number4(bytes.size()) + bytes + "X" + number4(6) +
               "latin1\x86R";
    };
    return "\x80\x02}q\x01(X" + number4(4) + "data" +
           "cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\n" + std::string("K\x00\x85", 3) +
           encoded("b") + "\x87R(K\x01" + pickledShape(labels.size()) + "cnumpy\ndtype\nX" +
           number4(2) + "u1\x89\x88\x87R\x89" + encoded(text) + "tbX" + number4(6) + "labels" +
           pickledLabels(labels) + "u.";
}

/// Returns a batch as Python 3 and NumPy 2 pickle it with protocol 4.
inline std::string pickledBatch4(const std::string& labels, const std::string& pixels) {
    const auto text = [](const std::string& word) {
        return std::string("\x8c") + static_cast<char>(word.size()) + word + "\x94";
    };
    return std::string("\x80\x04\x95\0\0\0\0\0\0\0\0}\x94(", 14) + text("data") +
           text("numpy._core.multiarray") + text("_reconstruct") + "\x93\x94" + text("numpy") +
           text("ndarray") + "\x93\x94" + std::string("K\x00\x85\x94", 4) + "C\x01" +
           "b\x94\x87\x94R\x94(K\x01" + pickledShape(labels.size()) + "\x94" + "h\x04" +
           text("dtype") + "\x93\x94" + text("u1") + "\x89\x88\x87\x94R\x94\x89" + "B" +
           number4(pixels.size()) + pixels + "\x94t\x94" + "b" + text("labels") + "]\x94(K" +
           labels.substr(0, 1) + "K" + labels.substr(1, 1) + "eu.";
}

}  // namespace brownout::test
