#include "speech_sampler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "pack_reader.h"
#include "speech_mirror.h"
#include "speech_pack.h"
#include "visema/models/speech_network.h"

namespace visema::training {
namespace {

constexpr std::int64_t kPieces = 64;

class SpeechSampling : public testing::Test {
 protected:
  void SetUp() override {
    test::write_speech_pack(folder_.path(), {.spread = true});
    PackReader pack(folder_.path());
    basis_ = SpeechBasis::read(pack.basis(), "");
    set_ = load_speech_set(pack, basis_, true);
  }

  SpeechSamples draw(const SpeechSampler::Shares& shares) const {
    return SpeechSampler(set_, basis_, 1, shares).draw(0, kPieces);
  }

  test::ScratchFolder folder_;
  SpeechBasis basis_;
  SpeechSet set_;
};

/// The quiet high bands of the pack's clips are the same in every frame; no sound at all beside it.
bool as_in_the_pack(const SpeechSamples& samples, std::int64_t row) {
  const float* piece = &samples.mel[row * samples.mel_frames * kSpeechBands];
  for (std::int64_t j = 0; j < samples.mel_frames; ++j)
    for (int b = 20; b < kSpeechBands; ++b) {
      const float level = piece[j * kSpeechBands + b];
      const float written = -3 + 0.2F * static_cast<float>(b % 5);
      if (level != kSpeechMelSilence && std::abs(level - written) > 2e-3F) return false;
    }
  return true;
}

std::int64_t pieces_as_in_the_pack(const SpeechSamples& samples) {
  std::int64_t count = 0;
  for (std::int64_t row = 0; row < samples.count; ++row) count += as_in_the_pack(samples, row);
  return count;
}

TEST_F(SpeechSampling, LeavesSoundAsItIsWhereNoneIsAugmented) {
  // All but the few that are made silent, which are noise.
  EXPECT_GE(pieces_as_in_the_pack(draw({.augmented = 0})), kPieces * 9 / 10);
  EXPECT_LE(pieces_as_in_the_pack(draw({.augmented = 1})), kPieces / 10);
  const std::int64_t half = pieces_as_in_the_pack(draw({.augmented = 0.5}));
  EXPECT_GT(half, kPieces / 4);
  EXPECT_LT(half, kPieces * 3 / 4);
}

TEST_F(SpeechSampling, LargeSourcesCanBeHeldBack) {
  constexpr float kMark = 0.7F;
  ASSERT_GE(set_.clips.size(), 4U);
  for (SpeechClip& clip : set_.clips) clip.source = "large";
  set_.clips.front().source = "small";
  set_.clips.front().rest_gap = kMark;
  const auto of_small = [&](double balance) {
    const SpeechSamples pieces = draw({.balance = balance});
    return std::count(pieces.rest_gap.begin(), pieces.rest_gap.end(), kMark);
  };
  EXPECT_LT(of_small(0), kPieces * 3 / 8);
  EXPECT_NEAR(static_cast<double>(of_small(1)), kPieces / 2.0, kPieces / 6.0);
}

TEST_F(SpeechSampling, MirrorsAllOrNoFaces) {
  const SpeechSamples straight = draw({.mirrored = 0});
  const SpeechSamples turned = draw({.mirrored = 1});
  EXPECT_EQ(straight.mel, turned.mel);
  const std::vector<float> matrix = mirror_matrix(basis_.lower, set_.mean_rest);
  const auto count = static_cast<std::size_t>(basis_.lower.count);
  std::size_t changed = 0;
  for (std::size_t i = 0; i < straight.lower.size(); i += count)
    for (std::size_t k = 0; k < count; ++k) {
      const float expected = std::inner_product(&matrix[k * count], &matrix[k * count] + count,
                                                &straight.lower[i], 0.0F);
      ASSERT_NEAR(turned.lower[i + k], expected, 1e-5F);
      changed += std::abs(turned.lower[i + k] - straight.lower[i + k]) > 1e-3F;
    }
  EXPECT_GT(changed, 0U);
}

TEST_F(SpeechSampling, TakesReferencesFromTheClipItselfOrFromItsPersonsOthers) {
  // One person, whose clips are told apart by a coefficient that never changes within a clip.
  set_.clips_of_person = {{}};
  for (std::size_t c = 0; c < set_.clips.size(); ++c) {
    SpeechClip& clip = set_.clips[c];
    clip.person = 0;
    set_.clips_of_person[0].push_back(c);
    for (std::int64_t i = 0; i < clip.frames(); ++i)
      clip.lower[i * basis_.lower.count + 1] = 0.1F * static_cast<float>(c + 1);
  }
  const auto own_share = [&](double share) {
    const SpeechSamples samples = draw({.mirrored = 0, .own_references = share});
    const std::int64_t count = basis_.lower.count;
    double own = 0;
    double all = 0;
    for (std::int64_t row = 0; row < samples.count; ++row) {
      float mark = 0;
      for (std::int64_t i = 0; i < samples.moments; ++i)
        mark = std::max(mark, samples.lower[(row * samples.moments + i) * count + 1]);
      if (mark < 0.05F) continue;  // a silent piece
      for (std::int64_t r = row * kSpeechReferences; r < (row + 1) * kSpeechReferences; ++r) {
        const float from = samples.references[r * count + 1] * basis_.lower.deviation[1];
        if (from < 0.05F) continue;  // the rest face, or none
        own += std::abs(from - mark) < 0.01F ? 1 : 0;
        ++all;
      }
    }
    EXPECT_GT(all, kPieces / 2);
    return own / all;
  };
  EXPECT_EQ(own_share(1), 1);
  EXPECT_LT(own_share(0), 0.4);  // a fifth by chance
}

}  // namespace
}  // namespace visema::training
