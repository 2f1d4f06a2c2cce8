#include "visema/landmarks/face_embedding.h"

#include <gtest/gtest.h>

#include <numeric>

#include "face_fixture.h"
#include "visema/core/error.h"
#include "visema/landmarks/face_tracker.h"
#include "visema/media/video_reader.h"

namespace visema {
namespace {

double cosine(const std::vector<float>& a, const std::vector<float>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

TEST(FaceEmbedding, TellsPersonsApart) {
  VISEMA_NEED_MODELS(models);
  VISEMA_NEED_FILE(models / "faceres.safetensors");
  VISEMA_NEED_FILE(shared_data() / "clips");
  const FaceEmbedding embedding(models / "faceres.safetensors");
  const auto embed = [&](const char* clip, int frame) {
    VideoReader reader(shared_data() / clip);
    for (int i = 0; i < frame; ++i) reader.skip();
    const auto picture = reader.read();
    const auto face = FaceTracker(models).track(*picture);
    return embedding.embed(picture->image, face->mesh);
  };
  const auto one = embed("clips/grid-s1/0205.mp4", 5);
  const auto again = embed("clips/grid-s1/0227.mp4", 50);
  const auto other = embed("clips/mcgurk-pl/0020.mp4", 20);
  ASSERT_EQ(one.size(), 1024u);
  EXPECT_NEAR(cosine(one, one), 1, 1e-4);
  EXPECT_GT(cosine(one, again), 0.7);
  EXPECT_LT(cosine(one, other), 0.6);
}

TEST(FaceEmbedding, RefusesAnotherNetwork) {
  VISEMA_NEED_MODELS(models);
  EXPECT_THROW(FaceEmbedding(models / "face_mesh.safetensors"), Error);
}

}  // namespace
}  // namespace visema
