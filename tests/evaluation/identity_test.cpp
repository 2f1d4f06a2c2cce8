#include "visema/evaluation/identity.h"

#include <gtest/gtest.h>

#include <cmath>

#include "visema/core/error.h"

namespace visema {
namespace {

using Embedding = std::vector<float>;

TEST(IdentityScoreTest, KeepsMeanAndWorstFrame) {
  IdentityScore score(std::vector<Embedding>{{1, 0, 0}});
  EXPECT_FALSE(score.result());
  EXPECT_NEAR(score.push(Embedding{2, 0, 0}), 1, 1e-9);  // length does not count
  EXPECT_NEAR(score.push(Embedding{1, 1, 0}), std::sqrt(0.5), 1e-6);
  EXPECT_NEAR(score.push(Embedding{0, 1, 0}), 0, 1e-9);
  EXPECT_NEAR(score.push(Embedding{0, 0, 3}), 0, 1e-9);
  const auto result = score.result();
  ASSERT_TRUE(result);
  EXPECT_NEAR(result->mean, (1 + std::sqrt(0.5)) / 4, 1e-6);
  EXPECT_NEAR(result->worst, 0, 1e-9);
}

TEST(IdentityScoreTest, ComparesWithTheNearestOfTheSource) {
  IdentityScore score(std::vector<Embedding>{{1, 0}, {0, 1}});
  EXPECT_NEAR(score.push(Embedding{0, 5}), 1, 1e-9);
  EXPECT_NEAR(score.push(Embedding{-1, 0}), 0, 1e-9);
}

TEST(IdentityScoreTest, RefusesWhatCannotBeCompared) {
  using Embeddings = std::vector<Embedding>;
  EXPECT_THROW(IdentityScore(Embeddings{}), Error);
  EXPECT_THROW(IdentityScore(Embeddings{Embedding{}}), Error);
  EXPECT_THROW(IdentityScore(Embeddings{{1, 0}, {1, 0, 0}}), Error);
  IdentityScore score(Embeddings{{1, 0}});
  EXPECT_THROW(score.push(Embedding{1, 0, 0}), Error);
}

TEST(CosineTest, OfNothingIsZero) {
  EXPECT_EQ(cosine(Embedding{0, 0}, Embedding{1, 0}), 0);
  EXPECT_NEAR(cosine(Embedding{1, 1}, Embedding{-2, -2}), -1, 1e-9);
}

}  // namespace
}  // namespace visema
