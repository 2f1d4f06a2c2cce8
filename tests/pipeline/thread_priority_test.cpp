#include "visema/pipeline/thread_priority.h"

#include <gtest/gtest.h>

#ifdef __linux__

#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <thread>

namespace visema {
namespace {

constexpr uid_t kNobody = 65534;

struct Standing {
  int policy = sched_getscheduler(0) & ~SCHED_RESET_ON_FORK;
  int level = [] {
    sched_param parameters{};
    sched_getparam(0, &parameters);
    return parameters.sched_priority;
  }();
  int nice = getpriority(PRIO_PROCESS, static_cast<id_t>(gettid()));
  bool operator==(const Standing&) const = default;
};

void in_a_thread(const std::function<void()>& work) {
  std::thread(work).join();
}

/// Whether `holds` holds in a process with none of root's rights and these limits.
bool without_rights(rlim_t real_time, rlim_t nice, const std::function<bool()>& holds) {
  const pid_t child = fork();
  if (child == 0) {
    const rlimit levels{real_time, real_time};
    const rlimit nices{nice, nice};
    bool fine = setrlimit(RLIMIT_RTPRIO, &levels) == 0 && setrlimit(RLIMIT_NICE, &nices) == 0;
    if (geteuid() == 0) fine = fine && setresuid(kNobody, kNobody, kNobody) == 0;
    _exit(fine && holds() ? 0 : 1);
  }
  int status = 0;
  return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(ThreadPriority, WhatIsGrantedIsWhatTheSystemSays) {
  for (const auto wanted :
       {ThreadPriority::kNormal, ThreadPriority::kRaised, ThreadPriority::kRealTime})
    in_a_thread([wanted] {
      const Standing before;
      const GrantedPriority granted = prioritise_this_thread(wanted, ThreadRank::kFirst);
      const Standing now;
      EXPECT_EQ(granted.priority == wanted, granted.refusal.empty()) << granted.refusal;
      EXPECT_EQ(granted.priority == ThreadPriority::kRealTime, now.policy == SCHED_RR);
      EXPECT_EQ(granted.priority == ThreadPriority::kRaised, now.nice < before.nice);
      if (granted.priority == ThreadPriority::kNormal) EXPECT_EQ(now, before);
    });
}

TEST(ThreadPriority, WithoutRightsItStaysNormalAndSaysWhy) {
  EXPECT_TRUE(without_rights(0, 0, [] {
    const Standing before;
    const GrantedPriority granted =
        prioritise_this_thread(ThreadPriority::kRealTime, ThreadRank::kFirst);
    return granted.priority == ThreadPriority::kNormal &&
           granted.refusal.find("real time: Operation not permitted") == 0 && Standing() == before;
  }));
}

TEST(ThreadPriority, LimitsAllowWhatTheyAllow) {
  constexpr rlim_t kNiceMinus3 = 23;
  if (!without_rights(1, kNiceMinus3, [] { return true; }))
    GTEST_SKIP() << "limits cannot be raised here";
  EXPECT_TRUE(without_rights(0, kNiceMinus3, [] {
    return prioritise_this_thread(ThreadPriority::kRealTime, ThreadRank::kFirst).priority ==
               ThreadPriority::kRaised &&
           Standing().nice == -3;
  }));
  // The level of the first rank is not allowed, that of the second is.
  EXPECT_TRUE(without_rights(1, 0, [] {
    prioritise_this_thread(ThreadPriority::kRealTime, ThreadRank::kFirst);
    const Standing now;
    // Not in a control group that has no real time at all.
    return now.policy == SCHED_OTHER || (now.policy == SCHED_RR && now.level == 1);
  }));
}

TEST(ThreadPriority, ThreadsThatItStartsAreNormal) {
  in_a_thread([] {
    for (const auto wanted : {ThreadPriority::kRealTime, ThreadPriority::kRaised}) {
      prioritise_this_thread(wanted, ThreadRank::kFirst);
      in_a_thread([] {
        EXPECT_EQ(Standing().policy, SCHED_OTHER);
        EXPECT_GE(Standing().nice, 0);
      });
    }
  });
}

TEST(ThreadPriority, AScopeGivesBackWhatWasThere) {
  const auto gives_back = [] {
    const Standing before;
    for (const auto wanted : {ThreadPriority::kRealTime, ThreadPriority::kRaised}) {
      const PriorityScope scope;
      prioritise_this_thread(wanted, ThreadRank::kSecond);
    }
    return Standing() == before;
  };
  in_a_thread([&] { EXPECT_TRUE(gives_back()); });
  EXPECT_TRUE(without_rights(0, 0, gives_back));
}

TEST(ThreadPriority, SeesWhetherSomeonePutItBack) {
  in_a_thread([] {
    if (Standing().nice > 0) GTEST_SKIP() << "these tests were";
    EXPECT_FALSE(was_put_back());
    setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), 5);
    EXPECT_TRUE(was_put_back());
  });
  in_a_thread([] {
    const sched_param parameters{};
    ASSERT_EQ(sched_setscheduler(0, SCHED_BATCH, &parameters), 0);
    EXPECT_TRUE(was_put_back());
  });
}

}  // namespace
}  // namespace visema

#endif
