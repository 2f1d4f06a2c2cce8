#include "live_priority.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <thread>

namespace visema::session {
namespace {

using namespace std::chrono_literals;

constexpr LiveDuration kFrame = 40ms;

template <typename Work>
void in_a_thread(const Work& work) {
  std::thread(work).join();
}

bool real_time_is_allowed() {
  bool allowed = false;
  in_a_thread([&] {
    allowed = prioritise_this_thread(ThreadPriority::kRealTime, ThreadRank::kFirst).priority ==
              ThreadPriority::kRealTime;
  });
  return allowed;
}

TEST(RealTimeShare, GrantsWhatFitsAndTakesBackWhatIsTooMuch) {
  RealTimeShare share(1);
  const int users[3] = {};
  EXPECT_TRUE(share.take(&users[0], 0.45));
  EXPECT_FALSE(share.take(&users[1], 0.6));
  EXPECT_FALSE(share.take(&users[1], 0.45));  // fits, but with nothing to spare
  EXPECT_TRUE(share.take(&users[1], 0.3));
  EXPECT_TRUE(share.take(&users[1], 0.5));
  EXPECT_FALSE(share.take(&users[0], 0.6));
  EXPECT_FALSE(share.take(&users[2], 0.2));  // all or none
  share.give_back(&users[1]);
  EXPECT_TRUE(share.take(&users[0], 0.55));
}

TEST(LivePriorities, NormalAsksForNothing) {
  in_a_thread([] {
    RealTimeShare share(1);
    LivePriorities priorities(LivePriority::kNormal, kFrame, share);
    priorities.keep_time();
    priorities.paint(10ms);
    priorities.painted(10ms);
    EXPECT_EQ(priorities.granted().sound, "");
    EXPECT_EQ(priorities.granted().pictures, "");
    EXPECT_EQ(priorities.granted().refusal, "");
  });
}

TEST(LivePriorities, AutoRespectsThatTheProgramWasPutBack) {
  in_a_thread([] {
    setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), 5);
    RealTimeShare share(1);
    LivePriorities willing(LivePriority::kAuto, kFrame, share);
    willing.keep_time();
    EXPECT_EQ(willing.granted().sound, "");
    LivePriorities asking(LivePriority::kRealTime, kFrame, share);
    asking.keep_time();
    EXPECT_NE(asking.granted().sound, "");
  });
}

TEST(LivePriorities, SaysWhatItGotOrWhyNot) {
  in_a_thread([] {
    RealTimeShare share(1);
    LivePriorities priorities(LivePriority::kRealTime, kFrame, share);
    priorities.keep_time();
    priorities.paint(10ms);
    const auto granted = priorities.granted();
    EXPECT_EQ(granted.sound == "realtime", granted.refusal.empty()) << granted.refusal;
    EXPECT_EQ(granted.pictures, granted.sound);
  });
}

TEST(LivePriorities, PicturesInRealTimeTakeNoMoreThanTheirShare) {
  if (!real_time_is_allowed()) GTEST_SKIP() << "real time is not allowed here";
  in_a_thread([] {
    RealTimeShare share(0.6);
    LivePriorities priorities(LivePriority::kRealTime, kFrame, share);
    priorities.keep_time();
    priorities.paint(16ms);
    EXPECT_EQ(priorities.granted().pictures, "realtime");
    priorities.painted(60ms);  // one
    EXPECT_EQ(priorities.granted().pictures, "realtime");
    for (int i = 0; i < 40; ++i) priorities.painted(36ms);
    EXPECT_EQ(priorities.granted().pictures, "normal");
    EXPECT_EQ(priorities.granted().sound, "realtime");
    for (int i = 0; i < 80; ++i) priorities.painted(16ms);
    EXPECT_EQ(priorities.granted().pictures, "realtime");
    EXPECT_EQ(priorities.granted().refusal, "");
  });
}

TEST(LivePriorities, AnotherRunFindsWhatOneLeavesOver) {
  if (!real_time_is_allowed()) GTEST_SKIP() << "real time is not allowed here";
  in_a_thread([] {
    RealTimeShare share(1);
    LivePriorities second(LivePriority::kRealTime, kFrame, share);
    {
      LivePriorities first(LivePriority::kRealTime, kFrame, share);
      first.paint(24ms);
      EXPECT_EQ(first.granted().pictures, "realtime");
      second.paint(20ms);
      EXPECT_EQ(second.granted().pictures, "normal");
    }
    second.painted(20ms);
    EXPECT_EQ(second.granted().pictures, "realtime");
  });
}

}  // namespace
}  // namespace visema::session
