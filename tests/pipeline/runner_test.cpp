#include "visema/pipeline/runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#ifdef __linux__
#include <pthread.h>
#endif

namespace visema {
namespace {

constexpr int kItems = 100;

/// Emits the sum of every `size` items; finish emits what is left.
class SumOf {
 public:
  explicit SumOf(int size) : size_(size) {}
  void process(int item, const Emit<long>& emit) {
    sum_ += item;
    if (++held_ == size_) flush(emit);
  }
  void finish(const Emit<long>& emit) {
    if (held_ > 0) flush(emit);
  }
  void reset() { sum_ = held_ = 0; }

 private:
  void flush(const Emit<long>& emit) {
    emit(sum_);
    reset();
  }
  int size_;
  long sum_ = 0;
  int held_ = 0;
};

/// Passes items on and throws at one of them, or in finish.
class ThrowsAt {
 public:
  explicit ThrowsAt(int item) : item_(item) {}
  void process(int item, const Emit<int>& emit) {
    if (item == item_) throw std::runtime_error("item " + std::to_string(item));
    emit(item);
  }
  void finish(const Emit<int>&) {
    if (item_ == kItems) throw std::runtime_error("item " + std::to_string(item_));
  }
  void reset() {}

 private:
  int item_;
};

/// 0, 1, .. count - 1; from the start again after it has ended.
auto numbers(int count) {
  return [next = 0, count](std::stop_token) mutable -> std::optional<int> {
    if (next < count) return next++;
    next = 0;
    return std::nullopt;
  };
}

static_assert(Stage<SumOf, int, long>);
static_assert(!Stage<SumOf, std::string, long>);

class RunnerLinks : public testing::TestWithParam<std::pair<Link, Link>> {};

TEST_P(RunnerLinks, DeliversEverythingInOrderTwice) {
  SumOf pairs(2);
  std::vector<long> sums;
  int finished = 0;
  Runner runner;
  runner.source<int>("numbers", numbers(kItems + 1))
      .stage<long>("sum", pairs, GetParam().first)
      .sink(
          "collect", [&](long sum) { sums.push_back(sum); }, GetParam().second,
          [&] { ++finished; });
  for (int round = 1; round <= 2; ++round) {
    sums.clear();
    runner.run();
    ASSERT_EQ(sums.size(), static_cast<std::size_t>(kItems / 2 + 1));
    for (int i = 0; i < kItems / 2; ++i) ASSERT_EQ(sums[i], 4 * i + 1);
    EXPECT_EQ(sums.back(), kItems);
    EXPECT_EQ(finished, round);

    const auto statistics = runner.statistics();
    ASSERT_EQ(statistics.size(), 3U);
    EXPECT_EQ(statistics[0].name, "numbers");
    EXPECT_EQ(statistics[0].items, kItems + 1);
    EXPECT_EQ(statistics[1].items, kItems + 1);
    EXPECT_EQ(statistics[2].items, kItems / 2 + 1);
    EXPECT_EQ(statistics[2].queue_high_water > 0, GetParam().second.threaded);
    EXPECT_EQ(statistics[2].queue_dropped, 0);
  }
}

TEST_P(RunnerLinks, RethrowsWhereverAStageThrows) {
  for (const int item : {0, kItems / 2, kItems - 1, kItems}) {
    ThrowsAt first(item);
    ThrowsAt second(-1);
    bool finished = false;
    Runner runner;
    runner.source<int>("numbers", numbers(kItems))
        .stage<int>("first", first, GetParam().first)
        .stage<int>("second", second, GetParam().second)
        .sink(
            "drop", [](int) {}, Link::queue(1), [&] { finished = true; });
    try {
      runner.run();
      FAIL() << "item " << item;
    } catch (const std::runtime_error& error) {
      EXPECT_EQ(error.what(), "item " + std::to_string(item));
    }
    EXPECT_FALSE(finished);
  }
}

TEST_P(RunnerLinks, RethrowsWhatSourceAndSinkThrow) {
  for (const int item : {0, kItems / 2, kItems - 1}) {
    ThrowsAt pass(-1);
    Runner sink_throws;
    sink_throws.source<int>("numbers", numbers(kItems))
        .stage<int>("pass", pass, GetParam().first)
        .sink(
            "throw",
            [item](int i) {
              if (i == item) throw std::logic_error("sink");
            },
            GetParam().second);
    EXPECT_THROW(sink_throws.run(), std::logic_error);

    Runner source_throws;
    source_throws
        .source<int>("throw",
                     [item, next = 0](std::stop_token) mutable -> std::optional<int> {
                       if (next == item) throw std::logic_error("source");
                       return next++;
                     })
        .stage<int>("pass", pass, GetParam().first)
        .sink(
            "drop", [](int) {}, GetParam().second);
    EXPECT_THROW(source_throws.run(), std::logic_error);
  }
}

TEST_P(RunnerLinks, AStopDeliversWhatIsUnderWay) {
  std::stop_source stop;
  ThrowsAt pass(-1);
  std::atomic<int> produced = 0;
  int delivered = 0;
  bool finished = false;
  Runner runner;
  runner.source<int>("endless", [&](std::stop_token) { return std::optional<int>(produced++); })
      .stage<int>("pass", pass, GetParam().first)
      .sink(
          "count",
          [&](int) {
            if (++delivered == 20) stop.request_stop();
          },
          GetParam().second, [&] { finished = true; });
  runner.run(stop.get_token());
  EXPECT_TRUE(finished);
  EXPECT_EQ(delivered, produced);
  EXPECT_GE(delivered, 20);
}

INSTANTIATE_TEST_SUITE_P(Links, RunnerLinks,
                         testing::Values(std::pair(Link::direct(), Link::direct()),
                                         std::pair(Link::queue(1), Link::direct()),
                                         std::pair(Link::direct(), Link::queue(3)),
                                         std::pair(Link::queue(1), Link::queue(1)),
                                         std::pair(Link::queue(50), Link::queue(500))));

TEST(Runner, TheFirstExceptionWins) {
  // Both sides throw about the same time; one of the two must come out, whole.
  for (int round = 0; round < 100; ++round) {
    ThrowsAt first(5);
    Runner runner;
    runner.source<int>("numbers", numbers(kItems))
        .stage<int>("first", first)
        .sink(
            "second",
            [](int i) {
              if (i == 4) throw std::runtime_error("item 4");
            },
            Link::queue(2));
    try {
      runner.run();
      FAIL();
    } catch (const std::runtime_error& error) {
      EXPECT_THAT(error.what(), testing::AnyOf(testing::StrEq("item 4"), testing::StrEq("item 5")));
    }
  }
}

TEST(Runner, AFailureStopsAnEndlessSource) {
  ThrowsAt stage(1000);
  Runner runner;
  runner.source<int>("endless", [i = 0](std::stop_token) mutable { return std::optional(i++); })
      .stage<int>("stage", stage, Link::queue(4))
      .sink(
          "drop", [](int) {}, Link::queue(4));
  EXPECT_THROW(runner.run(), std::runtime_error);
}

TEST(Runner, RunsAgainAfterAFailure) {
  SumOf sums(2);
  bool fail = true;
  long total = 0;
  Runner runner;
  runner
      .source<int>("numbers",
                   [i = 0](std::stop_token) mutable -> std::optional<int> {
                     if (i < 3) return i++;
                     i = 0;
                     return std::nullopt;
                   })
      .stage<long>("sum", sums, Link::queue(8))
      .sink("total", [&](long sum) {
        if (std::exchange(fail, false)) throw std::runtime_error("once");
        total += sum;
      });
  EXPECT_THROW(runner.run(), std::runtime_error);
  // The source may have been cut off at any of its three numbers.
  total = 0;
  runner.run();
  EXPECT_LE(total, 3);
  total = 0;
  runner.run();
  EXPECT_EQ(total, 3);
}

TEST(Runner, DropsAndCountsWhatAFullLiveQueueLoses) {
  std::atomic<bool> all_sent = false;
  std::vector<int> seen;
  Runner runner;
  runner
      .source<int>("numbers",
                   [&, i = 0](std::stop_token) mutable -> std::optional<int> {
                     if (i < kItems) return i++;
                     all_sent = true;
                     all_sent.notify_all();
                     return std::nullopt;
                   })
      .sink(
          "late",
          [&](int item) {
            all_sent.wait(false);
            seen.push_back(item);
          },
          Link::queue(4, Overflow::kDropOldest));
  runner.run();
  const auto statistics = runner.statistics();
  EXPECT_EQ(seen.back(), kItems - 1);
  EXPECT_EQ(statistics[1].items + statistics[1].queue_dropped, kItems);
  EXPECT_GE(statistics[1].queue_dropped, kItems - 5);
  EXPECT_EQ(statistics[1].queue_high_water, 4U);
}

TEST(Runner, UsesOneNamedThreadForEachQueue) {
  ThrowsAt a(-1);
  ThrowsAt b(-1);
  const auto caller = std::this_thread::get_id();
  std::thread::id sink_thread;
  std::string sink_name;
  Runner runner;
  runner
      .source<int>("numbers",
                   [&, i = 0](std::stop_token) mutable -> std::optional<int> {
                     EXPECT_EQ(std::this_thread::get_id(), caller);
                     return i < 3 ? std::optional(i++) : std::nullopt;
                   })
      .stage<int>("a", a)
      .stage<int>("b", b, Link::queue(2))
      .sink(
          "a rather long name",
          [&](int) {
            sink_thread = std::this_thread::get_id();
#ifdef __linux__
            char name[16];
            pthread_getname_np(pthread_self(), name, sizeof(name));
            sink_name = name;
#endif
          },
          Link::queue(2));
  runner.run();
  EXPECT_NE(sink_thread, caller);
#ifdef __linux__
  EXPECT_EQ(sink_name, "a rather long n");
#endif
}

TEST(Runner, AThreadBeginsBeforeItsFirstItem) {
  std::thread::id began_in;
  std::thread::id taken_in;
  Runner runner;
  int next = 0;
  bool began = false;
  runner
      .source<int>("source",
                   [&](std::stop_token) { return next < 3 ? std::optional(next++) : std::nullopt; })
      .sink(
          "sink",
          [&](int) {
            EXPECT_TRUE(began);
            taken_in = std::this_thread::get_id();
          },
          Link::queue(1, Overflow::kBlock, [&] {
            began = true;
            began_in = std::this_thread::get_id();
          }));
  runner.run();
  EXPECT_EQ(began_in, taken_in);
  EXPECT_NE(began_in, std::this_thread::get_id());
}

TEST(Runner, RethrowsWhatAThreadBeginsWith) {
  Runner runner;
  runner.source<int>("source", [](std::stop_token) { return std::optional(1); })
      .sink(
          "sink", [](int) { FAIL(); },
          Link::queue(1, Overflow::kBlock, [] { throw std::runtime_error("begin"); }));
  EXPECT_THROW(runner.run(), std::runtime_error);
}

TEST(Runner, CarriesItemsThatOnlyMove) {
  int sum = 0;
  Runner runner;
  runner
      .source<std::unique_ptr<int>>("numbers",
                                    [i = 0](std::stop_token) mutable {
                                      return i < 3 ? std::optional(std::make_unique<int>(i++))
                                                   : std::nullopt;
                                    })
      .sink(
          "sum", [&](std::unique_ptr<int> item) { sum += *item; }, Link::queue(1));
  runner.run();
  EXPECT_EQ(sum, 3);
}

TEST(Runner, CountsTheTimeOfAStepWithoutItsSuccessors) {
  ThrowsAt pass(-1);
  Runner runner;
  const auto busy = [](int) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(2);
    while (std::chrono::steady_clock::now() < end) {
    }
  };
  runner.source<int>("numbers", numbers(10)).stage<int>("pass", pass).sink("busy", busy);
  runner.run();
  const auto statistics = runner.statistics();
  EXPECT_GE(statistics[2].seconds, 0.02);
  EXPECT_LT(statistics[1].seconds, statistics[2].seconds / 2);
}

}  // namespace
}  // namespace visema
