#include "hardware/connection/tcp_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hardware/connection/stream_reader.h"
#include "tests/hardware/problem_of.h"

namespace brownout {
namespace {

using std::chrono::milliseconds;
using test::problemOf;
using testing::HasSubstr;

const Deadline kNow = Deadline::in(milliseconds(0));
Deadline soon() { return Deadline::in(milliseconds(20)); }
Deadline late() { return Deadline::in(milliseconds(20'000)); }

/// Two ends of a connection on loopback.
struct Pair {
    TcpListener listener{{"127.0.0.1", 0}};
    std::unique_ptr<TcpStream> near = TcpStream::connect(listener.address(), late());
    std::unique_ptr<TcpStream> far = listener.accept(late());
};

TEST(TcpAddress, IsReadAndWrittenAsUsersSpellIt) {
    EXPECT_EQ(parseTcpAddress("--gdb", "localhost:3333").text(), "localhost:3333");
    EXPECT_EQ(parseTcpAddress("--gdb", "[::1]:65535").text(), "[::1]:65535");
    EXPECT_EQ(parseTcpAddress("--gdb", "bench", 5025).text(), "bench:5025");
    for (const char* const wrong : {"", ":1", "host", "host:", "host:x", "host:65536", "host:-1",
                                    "[::1", "[::1]x", "a b:1", "host/:1", "::1:80"}) {
        EXPECT_THROW(parseTcpAddress("--gdb", wrong), UsageError) << wrong;
    }
}

TEST(TcpStream, CarriesBytesBothWays) {
    Pair pair;
    pair.near->write("abc", late());
    StreamReader reader(*pair.far);
    EXPECT_EQ(reader.exactly(3, late()), "abc");
    pair.far->write(std::string("\0\xff", 2), late());
    StreamReader back(*pair.near);
    EXPECT_EQ(back.exactly(2, late()), std::string("\0\xff", 2));
}

TEST(TcpStream, WaitsNoLongerThanTheDeadline) {
    Pair pair;
    char byte = 0;
    EXPECT_EQ(pair.near->read(&byte, 1, soon()), 0U);
    EXPECT_EQ(pair.near->read(&byte, 1, kNow), 0U);
    const std::string much(64 << 20, 'x');
    EXPECT_THAT(problemOf([&] { pair.near->write(much, soon()); }),
                HasSubstr("took no more bytes in time"));
}

TEST(TcpStream, NamesThePeerThatIsNotThereOrHasGone) {
    std::string name;
    {
        TcpListener listener({"127.0.0.1", 0});
        name = listener.address().text();
    }
    const TcpAddress gone = parseTcpAddress("", name);
    EXPECT_THAT(problemOf([&] { TcpStream::connect(gone, late()); }),
                AllOf(HasSubstr(name), HasSubstr("Connection refused")));
    Pair pair;
    pair.far.reset();
    char byte = 0;
    EXPECT_THAT(problemOf([&] { pair.near->read(&byte, 1, late()); }),
                AllOf(HasSubstr(pair.listener.address().text()), HasSubstr("closed")));
    EXPECT_THAT(problemOf([&] {
                    for (int i = 0; i < 1000; ++i) pair.near->write("x", soon());
                }),
                HasSubstr("connection lost"))
        << "an error, and no SIGPIPE";
}

TEST(TcpListener, TellsThePortAndSaysIfItIsTaken) {
    TcpListener first({"127.0.0.1", 0});
    EXPECT_NE(first.address().port, 0);
    EXPECT_THAT(problemOf([&] { TcpListener second(first.address()); }), HasSubstr("in use"));
    EXPECT_EQ(first.accept(soon()), nullptr);
}

TEST(StreamReader, TakesPortionsAndKeepsTheRest) {
    Pair pair;
    StreamReader reader(*pair.near);
    pair.far->write("one\r\ntwo\r", late());
    EXPECT_EQ(reader.until("\r\n", 100, late()), "one\r\n");
    EXPECT_THAT(problemOf([&] { reader.until("\r\n", 100, soon()); }), HasSubstr("in time"));
    pair.far->write("\nX", late());
    EXPECT_EQ(reader.until("\r\n", 100, late()), "two\r\n");
    EXPECT_EQ(reader.next(late()), 'X');
    EXPECT_EQ(reader.next(soon()), std::nullopt);
}

TEST(StreamReader, TakesNoEndlessAnswers) {
    Pair pair;
    StreamReader reader(*pair.near);
    pair.far->write("0123456789\n", late());
    EXPECT_THAT(problemOf([&] { reader.until("\n", 10, late()); }),
                HasSubstr("more than 10 bytes"));
    EXPECT_THAT(problemOf([&] { reader.exactly(12, soon()); }), HasSubstr("sent 11 bytes"));
}

}  // namespace
}  // namespace brownout
