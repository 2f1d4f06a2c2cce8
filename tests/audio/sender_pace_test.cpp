#include "sender_pace.h"

#include <gtest/gtest.h>

namespace visema {
namespace {

using namespace std::chrono_literals;

constexpr int kRate = 16000;

/// Sends in pieces; `speed` times as much as real time takes.
struct Sender {
  SenderPace pace{kRate};
  SenderPace::Time now{std::chrono::hours(1)};

  void send(std::chrono::milliseconds duration, std::chrono::milliseconds piece, double speed = 1) {
    for (auto sent = 0ms; sent < duration; sent += piece) {
      pace.arrived(static_cast<std::size_t>(speed * kRate * piece / 1s), now);
      now += piece;
    }
  }
  bool steady() const { return pace.steady(now); }
};

TEST(SenderPace, RealTimeIsKnownAfterSomeSecondsHoweverItIsCut) {
  for (const auto piece : {10ms, 130ms, 500ms}) {
    Sender sender;
    sender.send(4s, piece);
    EXPECT_FALSE(sender.steady());
    sender.send(3s, piece);
    EXPECT_TRUE(sender.steady()) << piece.count();
  }
}

TEST(SenderPace, AClockThatDiffersALittleIsRealTime) {
  Sender sender;
  sender.send(10s, 20ms, 1.005);
  EXPECT_TRUE(sender.steady());
}

TEST(SenderPace, AStallAndWhatCatchesUpAreNot) {
  Sender sender;
  sender.send(10s, 20ms);
  sender.now += 3s;
  EXPECT_FALSE(sender.steady());
  sender.send(200ms, 20ms, 15);
  EXPECT_FALSE(sender.steady());
  sender.send(4s, 20ms);
  EXPECT_FALSE(sender.steady());
  sender.send(3s, 20ms);
  EXPECT_TRUE(sender.steady());
}

TEST(SenderPace, ASynthesiserIsNot) {
  Sender sender;
  for (int sentence = 0; sentence < 20; ++sentence) {
    sender.send(1s, 20ms, 4);
    EXPECT_FALSE(sender.steady());
    sender.now += 3s;
    EXPECT_FALSE(sender.steady());
  }
}

TEST(SenderPace, ALongPauseAndAnotherSenderBeginAnew) {
  Sender sender;
  sender.send(10s, 20ms);
  sender.now += std::chrono::hours(100000);
  sender.send(2s, 20ms);
  EXPECT_FALSE(sender.steady());
  sender.send(5s, 20ms);
  EXPECT_TRUE(sender.steady());
  sender.pace.reset();
  EXPECT_FALSE(sender.steady());
}

}  // namespace
}  // namespace visema
