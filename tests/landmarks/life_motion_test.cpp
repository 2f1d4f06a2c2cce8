#include "visema/landmarks/life_motion.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "test_face.h"
#include "visema/core/time.h"
#include "visema/landmarks/face_regions.h"

namespace visema {
namespace {

bool same(const FaceMotion& a, const FaceMotion& b) {
  return largest_distance(a.offset, b.offset) == 0 && a.head_rotation_rad == b.head_rotation_rad &&
         a.head_shift.x == b.head_shift.x && a.head_shift.y == b.head_shift.y && a.blink == b.blink;
}

TEST(BlinkOffset, shuts_the_eyes_along_their_contour) {
  VISEMA_TEST_FACE(face);
  const auto& rest = face.mesh();
  const auto offset = blink_offset(rest, 1);
  FaceMesh shut = rest;
  for (int i = 0; i < kMeshPoints; ++i) {
    shut[i] = {rest[i].x + offset[i].x, rest[i].y + offset[i].y, rest[i].z + offset[i].z};
  }
  EXPECT_LT(eye_aspect(shut, Eye::kRight), 0.02);
  EXPECT_LT(eye_aspect(shut, Eye::kLeft), 0.02);
  for (const int i : {33, 133, 362, 263, 468, 473, 13, 152}) EXPECT_EQ(distance(offset[i], {}), 0);
  EXPECT_LT(distance(offset[145], {}), 0.3 * distance(offset[159], {}));
  EXPECT_EQ(largest_distance(blink_offset(rest, 0), {}), 0);
}

TEST(LifeMotion, begins_with_the_portrait) {
  VISEMA_TEST_FACE(face);
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    LifeMotion life(seed, face.mesh());
    const auto first = life.at(0, 0, 1);
    EXPECT_EQ(largest_distance(first.offset, {}), 0);
    EXPECT_EQ(first.head_rotation_rad, (std::array<float, 3>{}));
    EXPECT_EQ(first.head_shift.x, 0);
    const auto second = life.at(1, 0.04, 1);
    for (const float a : second.head_rotation_rad) EXPECT_LT(std::abs(a), 0.003);
  }
}

TEST(LifeMotion, depends_on_time_alone) {
  VISEMA_TEST_FACE(face);
  LifeMotion forward(9, face.mesh());
  std::vector<FaceMotion> motions;
  for (int i = 0; i < 600; ++i) motions.push_back(forward.at(i, i / 25.0, 0.5F));
  LifeMotion other(9, face.mesh());
  for (int i = 599; i >= 0; i -= 7) {
    EXPECT_TRUE(same(other.at(i, i / 25.0, 0.5F), motions[i])) << i;
  }
  LifeMotion faster(9, face.mesh());
  for (int i = 0; i < 1200; ++i) {
    const auto motion = faster.at(i, i / 50.0, 0.5F);
    if (i % 2 == 0) {
      EXPECT_TRUE(same(motion, motions[i / 2])) << i;
    }
  }
}

TEST(LifeMotion, seeds_differ) {
  VISEMA_TEST_FACE(face);
  LifeMotion a(1, face.mesh());
  LifeMotion b(2, face.mesh());
  EXPECT_NE(a.at(0, 5.0).head_rotation_rad, b.at(0, 5.0).head_rotation_rad);
}

TEST(LifeMotion, blinks_like_a_person_for_ten_minutes) {
  VISEMA_TEST_FACE(face);
  for (std::uint64_t seed : {1, 2, 3}) {
    LifeMotion life(seed, face.mesh(), {.head = false, .gaze = false});
    constexpr int kRate = 200;
    int blinks = 0;
    int shut = 0;
    double began = -1;
    double shortest = 9;
    double longest = 0;
    for (int i = 0; i < 600 * kRate; ++i) {
      const double time = static_cast<double>(i) / kRate;
      const float closure = life.at(i, time).blink;
      EXPECT_GE(closure, 0);
      EXPECT_LE(closure, 1);
      if (closure > 0 && began < 0) began = time;
      if (closure > 0.97F) ++shut;
      if (closure == 0 && began >= 0) {
        ++blinks;
        shortest = std::min(shortest, time - began);
        longest = std::max(longest, time - began);
        began = -1;
      }
    }
    EXPECT_NEAR(600.0 / blinks, 3.5, 0.5);
    EXPECT_GT(shortest, 0.12);
    EXPECT_LT(longest, 0.27);
    EXPECT_GT(shut, blinks);  // every blink really shuts
  }
}

TEST(LifeMotion, head_sways_gently_and_slowly) {
  VISEMA_TEST_FACE(face);
  LifeMotion life(4, face.mesh());
  constexpr double kDegree = 3.14159265 / 180;
  const double peak[3] = {1.5, 2.0, 1.0};
  double squares[3] = {};
  double largest[3] = {};
  double step[3] = {};
  FaceMotion before = life.at(0, 0);
  constexpr int kFrames = 15000;
  for (int i = 1; i < kFrames; ++i) {
    const auto motion = life.at(i, i / 25.0, i % 500 < 250 ? 0.0F : 1.0F);
    for (int k = 0; k < 3; ++k) {
      const double angle = motion.head_rotation_rad[k] / kDegree;
      squares[k] += angle * angle / kFrames;
      largest[k] = std::max(largest[k], std::abs(angle));
      if (i % 250 != 0) {
        step[k] = std::max(step[k], std::abs(angle - before.head_rotation_rad[k] / kDegree));
      }
    }
    EXPECT_LT(std::hypot(motion.head_shift.x, motion.head_shift.y), 0.04);
    before = motion;
  }
  for (int k = 0; k < 3; ++k) {
    EXPECT_GT(std::sqrt(squares[k]), 0.25 * peak[k]) << k;
    EXPECT_LT(std::sqrt(squares[k]), 0.75 * peak[k]) << k;
    EXPECT_LT(largest[k], 2.5 * peak[k]) << k;
    EXPECT_LT(step[k], 0.35 * peak[k]) << k;  // degrees between frames
  }
}

TEST(LifeMotion, speech_makes_the_head_nod_more) {
  VISEMA_TEST_FACE(face);
  LifeMotion life(4, face.mesh());
  double silent = 0;
  double speaking = 0;
  for (int i = 50; i < 5000; ++i) {
    const auto rate = [&](float level) {
      return std::abs(life.at(i, i / 25.0, level).head_rotation_rad[0] -
                      life.at(i, (i - 1) / 25.0, level).head_rotation_rad[0]);
    };
    silent += rate(0);
    speaking += rate(1);
  }
  EXPECT_GT(speaking, 1.3 * silent);
}

TEST(LifeMotion, gaze_stays_small_and_jumps_quickly) {
  VISEMA_TEST_FACE(face);
  LifeMotion life(6, face.mesh(), {.head = false, .blink = false});
  int moving = 0;
  float largest = 0;
  Point3 before;
  for (int i = 0; i < 10000; ++i) {
    const auto motion = life.at(i, i / 100.0);
    const Point3 gaze = motion.offset[468];
    EXPECT_EQ(distance(gaze, motion.offset[477]), 0);
    EXPECT_LE(distance(gaze, {}), 0.0201);
    largest = std::max(largest, distance(gaze, {}));
    if (distance(gaze, before) > 0) ++moving;
    before = gaze;
  }
  EXPECT_GT(largest, 0.008);
  EXPECT_LT(moving, 700);
}

TEST(LifeMotion, can_be_switched_off) {
  VISEMA_TEST_FACE(face);
  LifeMotion life(6, face.mesh(), {.head = false, .blink = false, .gaze = false});
  for (int i = 0; i < 500; ++i) EXPECT_TRUE(same(life.at(i, i / 25.0, 1), FaceMotion{}));
}

TEST(SpeechLevel, follows_speech_smoothly) {
  SpeechLevel level;
  float before = 0;
  for (int i = 0; i < 160; ++i) {
    const float now = level.push(1);
    EXPECT_GE(now, before);
    EXPECT_LT(now - before, 0.03);
    before = now;
  }
  EXPECT_GT(before, 0.98);
  for (int i = 0; i < 160; ++i) level.push(0);
  EXPECT_LT(level.level(), 0.02);
  level.push(1);
  level.reset();
  EXPECT_EQ(level.level(), 0);
}

}  // namespace
}  // namespace visema
