#include "visema/pipeline/bounded_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <numeric>
#include <thread>
#include <vector>

namespace visema {
namespace {

using testing::ElementsAre;

std::vector<int> drain(BoundedQueue<int>& queue) {
  std::vector<int> items;
  while (auto item = queue.try_pop()) items.push_back(*item);
  return items;
}

TEST(BoundedQueue, DropsTheOldest) {
  BoundedQueue<int> queue(3, Overflow::kDropOldest);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(queue.push(i), PushResult::kAccepted);
  EXPECT_THAT(drain(queue), ElementsAre(2, 3, 4));
  EXPECT_EQ(queue.statistics().accepted, 5);
  EXPECT_EQ(queue.statistics().dropped_oldest, 2);
  EXPECT_EQ(queue.statistics().dropped_newest, 0);
  EXPECT_EQ(queue.statistics().high_water, 3U);
}

TEST(BoundedQueue, DropsTheNewest) {
  BoundedQueue<int> queue(2, Overflow::kDropNewest);
  EXPECT_EQ(queue.push(0), PushResult::kAccepted);
  EXPECT_EQ(queue.push(1), PushResult::kAccepted);
  EXPECT_EQ(queue.push(2), PushResult::kDropped);
  EXPECT_THAT(drain(queue), ElementsAre(0, 1));
  EXPECT_EQ(queue.statistics().accepted, 2);
  EXPECT_EQ(queue.statistics().dropped_newest, 1);
}

TEST(BoundedQueue, CloseLeavesWhatIsInside) {
  BoundedQueue<int> queue(3, Overflow::kBlock);
  EXPECT_EQ(queue.push(7), PushResult::kAccepted);
  queue.close();
  EXPECT_EQ(queue.push(8), PushResult::kStopped);
  EXPECT_EQ(queue.pop(), 7);
  EXPECT_EQ(queue.pop(), std::nullopt);
  EXPECT_FALSE(queue.cancelled());
}

TEST(BoundedQueue, CancelDestroysWhatIsInside) {
  BoundedQueue<std::shared_ptr<int>> queue(3, Overflow::kBlock);
  const auto item = std::make_shared<int>(1);
  EXPECT_EQ(queue.push(item), PushResult::kAccepted);
  queue.cancel();
  EXPECT_EQ(item.use_count(), 1);
  EXPECT_EQ(queue.pop(), std::nullopt);
  EXPECT_EQ(queue.push(item), PushResult::kStopped);
  queue.close();
  EXPECT_TRUE(queue.cancelled());
}

TEST(BoundedQueue, WaitsNoLongerThanTold) {
  BoundedQueue<int> queue(1, Overflow::kBlock);
  EXPECT_EQ(queue.pop_for(std::chrono::milliseconds(1)), std::nullopt);
  EXPECT_EQ(queue.push(3), PushResult::kAccepted);
  EXPECT_EQ(queue.pop_for(std::chrono::hours(1)), 3);
}

TEST(BoundedQueue, TakesItemsThatOnlyMove) {
  BoundedQueue<std::unique_ptr<int>> queue(1, Overflow::kDropOldest);
  EXPECT_EQ(queue.push(std::make_unique<int>(1)), PushResult::kAccepted);
  EXPECT_EQ(queue.push(std::make_unique<int>(2)), PushResult::kAccepted);
  EXPECT_EQ(**queue.pop(), 2);
}

TEST(BoundedQueue, ManyProducersAndConsumersLoseNothing) {
  constexpr int kItems = 2000;
  BoundedQueue<int> queue(3, Overflow::kBlock);
  std::vector<long> sums(2);
  {
    std::vector<std::jthread> consumers;
    for (auto& sum : sums)
      consumers.emplace_back([&queue, &sum] {
        while (auto item = queue.pop()) sum += *item;
      });
    {
      std::vector<std::jthread> producers;
      for (int p = 0; p < 3; ++p)
        producers.emplace_back([&queue] {
          for (int i = 1; i <= kItems; ++i) EXPECT_EQ(queue.push(i), PushResult::kAccepted);
        });
    }
    queue.close();
  }
  EXPECT_EQ(std::accumulate(sums.begin(), sums.end(), 0L), 3L * kItems * (kItems + 1) / 2);
  EXPECT_LE(queue.statistics().high_water, 3U);
}

enum class Ending { kClose, kCancel };

/// A thread that waits at the queue must come back, whenever the queue ends.
class QueueEnding : public testing::TestWithParam<Ending> {
 protected:
  static void end(BoundedQueue<int>& queue) {
    if (GetParam() == Ending::kClose)
      queue.close();
    else
      queue.cancel();
  }
};

TEST_P(QueueEnding, FreesAProducerAtAFullQueue) {
  for (int round = 0; round < 200; ++round) {
    BoundedQueue<int> queue(1, Overflow::kBlock);
    EXPECT_EQ(queue.push(0), PushResult::kAccepted);
    std::jthread producer([&] { EXPECT_EQ(queue.push(1), PushResult::kStopped); });
    end(queue);
  }
}

TEST_P(QueueEnding, FreesAConsumerAtAnEmptyQueue) {
  for (int round = 0; round < 200; ++round) {
    BoundedQueue<int> queue(1, Overflow::kBlock);
    std::jthread consumer([&] { EXPECT_EQ(queue.pop(), std::nullopt); });
    end(queue);
  }
}

TEST_P(QueueEnding, WhileBothSidesWork) {
  for (int round = 0; round < 200; ++round) {
    BoundedQueue<int> queue(2, Overflow::kBlock);
    std::jthread producer([&] {
      while (queue.push(1) == PushResult::kAccepted) {
      }
    });
    std::jthread consumer([&] {
      while (queue.pop()) {
      }
    });
    end(queue);
    end(queue);
  }
}

INSTANTIATE_TEST_SUITE_P(Endings, QueueEnding, testing::Values(Ending::kClose, Ending::kCancel));

}  // namespace
}  // namespace visema
