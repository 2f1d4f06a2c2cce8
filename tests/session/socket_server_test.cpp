#include "socket_server.h"

#include <gmock/gmock.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <atomic>

#include "live_metrics.h"
#include "session_fixture.h"
#include "visema/core/error.h"

namespace visema::session {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr int kPatienceMs = 30000;

/// Upper case of every line.
void shout(SocketServer::Exchange& exchange) {
  const auto end = exchange.received.rfind('\n');
  if (end == std::string::npos) return;
  for (char& c : exchange.received) c = static_cast<char>(std::toupper(c));
  exchange.reply += exchange.received.substr(0, end + 1);
  exchange.received.erase(0, end + 1);
}

/// What comes until `end` is in it or the connection is closed.
std::string receive(const FileDescriptor& socket, const std::string& end) {
  std::string all;
  while (all.find(end) == std::string::npos) {
    pollfd one{socket.number(), POLLIN, 0};
    if (poll(&one, 1, kPatienceMs) <= 0) return all + "<nothing>";
    char bytes[4096];
    const ssize_t count = recv(socket.number(), bytes, sizeof bytes, 0);
    if (count <= 0) return all + "<closed>";
    all.append(bytes, static_cast<std::size_t>(count));
  }
  return all;
}

void say(const FileDescriptor& socket, const std::string& text) {
  ASSERT_EQ(send(socket.number(), text.data(), text.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(text.size()));
}

class SocketServerTest : public ScratchTest {
 protected:
  SocketAddress address() const {
    return SocketAddress::parse("unix:" + (folder_ / "server.sock").string());
  }
};

TEST_F(SocketServerTest, AnswersManyClientsInPiecesAndTogether) {
  SocketServer server(address(), "test", 1000, shout);
  server.start();
  const FileDescriptor first = connect_to(address());
  const FileDescriptor second = connect_to(address());
  say(first, "on");
  say(second, "two\nthree\n");
  EXPECT_EQ(receive(second, "THREE\n"), "TWO\nTHREE\n");
  say(first, "e\n");
  EXPECT_EQ(receive(first, "\n"), "ONE\n");
}

TEST_F(SocketServerTest, WhoAsksBeforeItStartsIsAnsweredThen) {
  std::atomic<int> asked = 0;
  SocketServer server(address(), "test", 1000, [&](SocketServer::Exchange& exchange) {
    ++asked;
    shout(exchange);
  });
  const FileDescriptor early = connect_to(address());
  say(early, "early\n");
  pollfd reply{early.number(), POLLIN, 0};
  EXPECT_EQ(poll(&reply, 1, 50), 0);
  EXPECT_EQ(asked, 0);
  server.start();
  EXPECT_EQ(receive(early, "\n"), "EARLY\n");
}

TEST_F(SocketServerTest, AUnixSocketIsItsUsersAloneAndGoesWithTheServer) {
  const auto path = folder_ / "server.sock";
  {
    SocketServer server(address(), "test", 1000, shout);
    server.start();
    struct stat status {};
    ASSERT_EQ(stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    EXPECT_THROW(SocketServer(address(), "test", 1000, shout), Error);
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(SocketServerTest, AClientThatNeverReadsIsClosedAndBlocksNobody) {
  std::atomic<int> answered = 0;
  SocketServer server(address(), "test", 1 << 20, [&](SocketServer::Exchange& exchange) {
    exchange.reply.append(100000, 'x');
    exchange.received.clear();
    ++answered;
  });
  server.start();
  const FileDescriptor greedy = connect_to(address());
  bool closed = false;
  for (int i = 0; i < 1000 && !closed; ++i) {
    closed = send(greedy.number(), "x\n", 2, MSG_NOSIGNAL) < 0 && errno == EPIPE;
    // Another one is served meanwhile.
    const FileDescriptor other = connect_to(address());
    say(other, "x\n");
    ASSERT_THAT(receive(other, "x"), StartsWith("x"));
  }
  EXPECT_TRUE(closed);
}

TEST_F(SocketServerTest, TooManyClientsCostTheOneThatIsStillForLongest) {
  SocketServer server(address(), "test", 1000, shout);
  server.start();
  std::vector<FileDescriptor> idle;
  for (int i = 0; i < 64; ++i) {
    idle.push_back(connect_to(address()));
    say(idle.back(), "a\n");
    ASSERT_EQ(receive(idle.back(), "\n"), "A\n");
  }
  say(idle.front(), "b\n");
  ASSERT_EQ(receive(idle.front(), "\n"), "B\n");
  const FileDescriptor last = connect_to(address());
  say(last, "c\n");
  EXPECT_EQ(receive(last, "\n"), "C\n");
  EXPECT_EQ(receive(idle[1], "\n"), "<closed>");
  say(idle.front(), "d\n");
  EXPECT_EQ(receive(idle.front(), "\n"), "D\n");
}

TEST_F(SocketServerTest, AMessageWithoutEndIsRefused) {
  SocketServer server(address(), "test", 1000, shout);
  server.start();
  const FileDescriptor socket = connect_to(address());
  say(socket, std::string(2000, 'x'));
  EXPECT_EQ(receive(socket, "\n"), "<closed>");
}

TEST(LiveMetrics, HttpAnswersOnlyWhatItKnows) {
  const std::string answer = http_answer("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n", "figures\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Length: 8\r\n"));
  EXPECT_THAT(answer, testing::EndsWith("\r\n\r\nfigures\n"));
  EXPECT_THAT(http_answer("GET /other HTTP/1.1\r\n\r\n", ""), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(http_answer("POST / HTTP/1.1\r\n\r\n", ""), StartsWith("HTTP/1.1 405 "));
}

TEST(LiveMetrics, EveryFigureHasAHeadAndItsLabels) {
  LiveReport report;
  report.frames = 25;
  report.latencies["render"] = {10, 450, 40, 50, 60, 70};
  report.outputs.push_back({"file:a \"b\".mkv", {}});
  report.outputs[0].statistics.reconnects = 3;
  const std::string text = prometheus_text(report);
  for (const char* line : {"# TYPE visema_frames_total counter\nvisema_frames_total 25\n",
                           "visema_latency_seconds{stage=\"render\",quantile=\"0.95\"} 0.05\n",
                           "visema_latency_seconds_sum{stage=\"render\"} 0.45\n",
                           "visema_latency_seconds_count{stage=\"render\"} 10\n",
                           "visema_output_up{output=\"file:a \\\"b\\\".mkv\"} 0\n",
                           "visema_output_reconnects_total{output=\"file:a \\\"b\\\".mkv\"} 3\n"})
    EXPECT_THAT(text, HasSubstr(line));
}

}  // namespace
}  // namespace visema::session
