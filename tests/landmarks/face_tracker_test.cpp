#include "visema/landmarks/face_tracker.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "face_fixture.h"
#include "visema/core/error.h"
#include "visema/media/video_reader.h"

namespace visema {
namespace {

VideoFrame still(Image image, FrameIndex index = 0) {
  return {index, static_cast<double>(index) / 25, std::move(image)};
}

float middle_x(const TrackedFace& face) {
  return (face.mesh[33].x + face.mesh[263].x) / 2;
}

std::optional<TrackedFace> track_one(const std::filesystem::path& models, const Image& image,
                                     FaceTrackerOptions options = {}) {
  return FaceTracker(models, options).track(still(image));
}

Image shrink(const Image& image, int factor) {
  Image small(image.width / factor, image.height / factor);
  for (int y = 0; y < small.height; ++y) {
    for (int x = 0; x < small.width; ++x) {
      for (int channel = 0; channel < 3; ++channel) {
        int sum = 0;
        for (int i = 0; i < factor * factor; ++i) {
          sum += image.at(x * factor + i % factor, y * factor + i / factor)[channel];
        }
        small.at(x, y)[channel] = static_cast<std::uint8_t>(sum / (factor * factor));
      }
    }
  }
  return small;
}

Image place(const Image& image, int width, int height, int left, int top) {
  Image canvas(width, height);
  std::fill(canvas.rgb.begin(), canvas.rgb.end(), std::uint8_t{90});
  for (int y = 0; y < image.height; ++y) {
    std::copy_n(image.at(0, y), 3 * image.width, canvas.at(left, top + y));
  }
  return canvas;
}

TEST(FaceTracker, MissingModelIsAnError) {
  EXPECT_THROW(FaceTracker("/nowhere"), Error);
}

TEST(FaceTracker, FollowsAFaceThroughAClip) {
  VISEMA_NEED_MODELS(models);
  const auto clip = shared_data() / "clips/mcgurk-pl/0020.mp4";
  VISEMA_NEED_FILE(clip);
  FaceTracker smooth(models), raw(models, {.smooth = false});
  VideoReader reader(clip);
  FaceMesh smooth_before{}, raw_before{};
  double smooth_motion = 0, raw_motion = 0, distance = 0, mouth = 0;
  int frames = 0;
  while (auto frame = reader.read()) {
    const auto a = smooth.track(*frame), b = raw.track(*frame);
    ASSERT_TRUE(a && b) << "frame " << frame->index;
    EXPECT_GT(a->score, 0.9f);
    const float unit = std::hypot(b->mesh[263].x - b->mesh[33].x, b->mesh[263].y - b->mesh[33].y);
    const auto gap = [&](const FaceMesh& m) {
      return std::hypot(m[13].x - m[14].x, m[13].y - m[14].y) / unit;
    };
    if (frames++ > 0) {
      for (const int i : {1, 4, 10, 152, 234, 454}) {
        smooth_motion +=
            std::hypot(a->mesh[i].x - smooth_before[i].x, a->mesh[i].y - smooth_before[i].y) / unit;
        raw_motion +=
            std::hypot(b->mesh[i].x - raw_before[i].x, b->mesh[i].y - raw_before[i].y) / unit;
        distance += std::hypot(a->mesh[i].x - b->mesh[i].x, a->mesh[i].y - b->mesh[i].y) / unit / 6;
      }
      mouth += std::abs(gap(a->mesh) - gap(b->mesh));
    }
    smooth_before = a->mesh;
    raw_before = b->mesh;
  }
  ASSERT_GT(frames, 20);
  RecordProperty("smooth_motion_permille", static_cast<int>(1000 * smooth_motion / raw_motion));
  EXPECT_LT(smooth_motion, raw_motion);
  EXPECT_LT(distance / frames, 0.01);  // of the face's width
  EXPECT_LT(mouth / frames, 0.005);
}

TEST(FaceTracker, AfterResetTheSameStreamGivesTheSameFaces) {
  VISEMA_NEED_MODELS(models);
  const auto clip = shared_data() / "clips/grid-s1/0205.mp4";
  VISEMA_NEED_FILE(clip);
  FaceTracker tracker(models);
  std::vector<TrackedFace> first;
  for (int pass = 0; pass < 2; ++pass) {
    VideoReader reader(clip);
    for (std::size_t i = 0; i < 8; ++i) {
      const auto face = tracker.track(*reader.read());
      ASSERT_TRUE(face);
      if (pass == 0) {
        first.push_back(*face);
        continue;
      }
      for (int p = 0; p < kMeshPoints; ++p) {
        ASSERT_EQ(face->mesh[p].x, first[i].mesh[p].x);
        ASSERT_EQ(face->mesh[p].y, first[i].mesh[p].y);
      }
    }
    tracker.reset();
  }
}

TEST(FaceTracker, ChoosesAmongSeveralFaces) {
  VISEMA_NEED_MODELS(models);
  const auto left_file = shared_data() / "portraits/photo-front-2.jpg";
  const auto right_file = shared_data() / "portraits/photo-front-3.jpg";
  VISEMA_NEED_FILE(left_file);
  // A smaller face on the left, a larger one on the right.
  const Image a = shrink(read_image(left_file), 2), b = read_image(right_file);
  Image both = place(a, 520, 300, 20, 60);
  for (int y = 0; y < b.height; ++y) std::copy_n(b.at(0, y), 3 * b.width, both.at(250, 20 + y));

  using Choice = FaceTrackerChoice;
  const auto largest = track_one(models, both, {.choice = Choice::kLargest});
  const auto left = track_one(models, both, {.choice = Choice::kLeft});
  const auto right = track_one(models, both, {.choice = Choice::kRight});
  const auto second = track_one(models, both, {.choice = Choice::kIndex, .face_index = 1});
  ASSERT_TRUE(largest && left && right && second);
  EXPECT_LT(middle_x(*left), 200);
  EXPECT_GT(middle_x(*right), 250);
  EXPECT_EQ(middle_x(*largest), middle_x(*right));
  EXPECT_EQ(middle_x(*second), middle_x(*right));
  EXPECT_FALSE(track_one(models, both, {.choice = Choice::kIndex, .face_index = 2}));
}

TEST(FaceTracker, FindsAFaceAgainAfterItWasHidden) {
  VISEMA_NEED_MODELS(models);
  const auto file = shared_data() / "portraits/photo-front-2.jpg";
  VISEMA_NEED_FILE(file);
  const Image face = read_image(file);
  const Image here = place(face, 600, 400, 10, 20), there = place(face, 600, 400, 320, 100);
  Image empty(600, 400);
  std::fill(empty.rgb.begin(), empty.rgb.end(), std::uint8_t{90});
  FaceTracker tracker(models);
  const auto before = tracker.track(still(here, 0));
  ASSERT_TRUE(before);
  EXPECT_FALSE(tracker.track(still(empty, 1)));
  EXPECT_FALSE(tracker.track(still(empty, 2)));
  const auto after = tracker.track(still(there, 3));
  ASSERT_TRUE(after);
  EXPECT_NEAR(middle_x(*after) - middle_x(*before), 310, 5);
  EXPECT_NEAR(after->pose.scale / before->pose.scale, 1, 0.05);
}

TEST(FaceTracker, FindsASmallFaceInALargePictureAndRefusesATinyOne) {
  VISEMA_NEED_MODELS(models);
  const auto file = shared_data() / "portraits/photo-front-2.jpg";
  VISEMA_NEED_FILE(file);
  const Image face = read_image(file);
  const auto small = track_one(models, place(shrink(face, 2), 1600, 1000, 1100, 700));
  ASSERT_TRUE(small);
  EXPECT_NEAR(middle_x(*small), 1164, 12);

  FaceTracker tracker(models);
  EXPECT_FALSE(tracker.track(still(place(shrink(face, 5), 200, 200, 80, 80))));
  EXPECT_GT(tracker.too_small_face_px(), 15);
  EXPECT_LT(tracker.too_small_face_px(), 48);
}

TEST(FaceTracker, PicturesWithoutAFaceGiveNone) {
  VISEMA_NEED_MODELS(models);
  const auto folder = shared_data() / "portraits";
  VISEMA_NEED_FILE(folder);
  EXPECT_FALSE(track_one(models, read_image(folder / "noface-landscape.jpg")));
  EXPECT_FALSE(track_one(models, read_image(folder / "noface-dog.jpg")));
  EXPECT_FALSE(track_one(models, Image(1, 1)));
  EXPECT_FALSE(track_one(models, Image(3000, 2)));
  EXPECT_FALSE(track_one(models, Image()));
}

}  // namespace
}  // namespace visema
