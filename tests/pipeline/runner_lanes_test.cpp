#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "visema/pipeline/runner.h"

namespace visema {
namespace {

constexpr int kItems = 100;

auto numbers(int count) {
  return [next = 0, count](std::stop_token) mutable -> std::optional<int> {
    if (next < count) return next++;
    next = 0;
    return std::nullopt;
  };
}

/// Emits each item as often as it says modulo 3, and throws at one of them.
class Repeats {
 public:
  explicit Repeats(int throws_at = -1) : throws_at_(throws_at) {}
  void process(int item, const Emit<int>& emit) {
    if (item == throws_at_) throw std::runtime_error("item " + std::to_string(item));
    for (int i = 0; i < item % 3; ++i) emit(item);
  }
  void finish(const Emit<int>& emit) { emit(-1); }
  void reset() {}

 private:
  int throws_at_;
};

TEST(RunnerLanes, KeepTheOrderWhateverOneItemBecomes) {
  for (const int items : {0, 1, 2, 3, kItems})
    for (const std::size_t count : {1U, 2U, 3U, 5U})
      for (const Link& link : {Link::direct(), Link::queue(1), Link::queue(9)}) {
        std::vector<Repeats> lanes(count);
        std::vector<int> seen, expected;
        Runner runner;
        runner.source<int>("numbers", numbers(items))
            .lanes<int>("repeat", lanes)
            .sink(
                "collect", [&](int item) { seen.push_back(item); }, link);
        runner.run();
        EXPECT_EQ(std::erase(seen, -1), count);  // each lane's finish made one
        for (int item = 0; item < items; ++item) expected.insert(expected.end(), item % 3, item);
        EXPECT_EQ(seen, expected) << items << " items, " << count << " lanes";
      }
}

/// Passes an item on when as many stages as there are lanes work at once.
class Meeting {
 public:
  struct Room {
    std::mutex mutex;
    std::condition_variable all_here;
    int here = 0;
  };
  Meeting(Room& room, int lanes) : room_(&room), lanes_(lanes) {}
  void process(int item, const Emit<int>& emit) {
    std::unique_lock lock(room_->mutex);
    const int round = room_->here++ / lanes_;
    room_->all_here.notify_all();
    room_->all_here.wait(lock, [&] { return room_->here >= (round + 1) * lanes_; });
    emit(item);
  }
  void finish(const Emit<int>&) {}
  void reset() {}

 private:
  Room* room_;
  int lanes_;
};

TEST(RunnerLanes, WorkAtTheSameTime) {
  constexpr int kLanes = 3;
  Meeting::Room room;
  std::vector<Meeting> lanes(kLanes, Meeting(room, kLanes));
  int delivered = 0;
  Runner runner;
  runner.source<int>("numbers", numbers(kLanes * 10))
      .lanes<int>("meet", lanes)
      .sink("count", [&](int item) { EXPECT_EQ(item, delivered++); });
  runner.run();
  EXPECT_EQ(delivered, kLanes * 10);

  const auto statistics = runner.statistics();
  ASSERT_EQ(statistics.size(), 3U);
  EXPECT_EQ(statistics[1].name, "meet");
  EXPECT_EQ(statistics[1].items, kLanes * 10);
  EXPECT_GT(statistics[1].seconds, 0);
}

TEST(RunnerLanes, RethrowWhateverLaneThrows) {
  for (int item = 0; item < 7; ++item) {
    std::vector<Repeats> lanes(3, Repeats(item));
    bool finished = false;
    Runner runner;
    runner.source<int>("numbers", numbers(kItems))
        .lanes<int>("repeat", lanes)
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

TEST(RunnerLanes, AFailureBehindThemStopsAnEndlessSource) {
  std::vector<Repeats> lanes(2);
  Runner runner;
  runner.source<int>("endless", [i = 0](std::stop_token) mutable { return std::optional(i++); })
      .lanes<int>("repeat", lanes)
      .sink("throw", [](int item) {
        if (item > 20) throw std::logic_error("sink");
      });
  EXPECT_THROW(runner.run(), std::logic_error);
}

TEST(RunnerLanes, RunAgainAfterAStop) {
  std::vector<Repeats> lanes(2);
  std::stop_source stop;
  std::atomic<int> produced = 0;
  std::vector<int> seen;
  Runner runner;
  runner.source<int>("endless", [&](std::stop_token) { return std::optional<int>(produced++); })
      .lanes<int>("repeat", lanes)
      .sink("count", [&](int item) {
        seen.push_back(item);
        if (seen.size() == 20) stop.request_stop();
      });
  runner.run(stop.get_token());
  std::erase(seen, -1);
  std::vector<int> expected;
  for (int item = 0; item < produced; ++item) expected.insert(expected.end(), item % 3, item);
  EXPECT_EQ(seen, expected);

  seen.clear();
  std::stop_source again;
  again.request_stop();
  runner.run(again.get_token());
  EXPECT_EQ(seen, (std::vector<int>{-1, -1}));
}

}  // namespace
}  // namespace visema
