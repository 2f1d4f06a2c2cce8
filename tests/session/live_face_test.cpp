#include "live_face.h"

#include "session_fixture.h"
#include "visema/core/face_points.h"
#include "visema/landmarks/expression.h"
#include "visema/landmarks/head_pose.h"

namespace visema::session {
namespace {

constexpr int kRate = 48000;
constexpr Rational kFps{25, 1};
constexpr std::size_t kChin = 152;
constexpr int kLipCorner = 61;

/// Frames whose speech opens the mouth by 0.1, passed through the stage.
class LiveFaceTest : public SessionTest {
 protected:
  void SetUp() override {
    SessionTest::SetUp();
    if (IsSkipped()) return;
    canonical_.emplace(CanonicalFace::load(built_models().models / "canonical_face.safetensors"));
    face_.emplace(*canonical_, kFps, kRate, Expression::kNeutral, 1);
  }

  SpokenFrame pass() {
    SpokenFrame frame;
    frame.motion.emplace();
    frame.motion->index = next_++;
    frame.speech[kChin].y = frame.motion->offset[kChin].y = 0.1F;
    SpokenFrame passed;
    face_->process(frame, [&](SpokenFrame out) { passed = std::move(out); });
    return passed;
  }
  float opening() { return pass().motion->offset[kChin].y / 0.1F; }
  /// The tip of the nose in the picture, the outer eye corners at 0.
  Point3 nose_of(const FaceMotion& motion) const {
    return project(canonical_->mesh(), add_head_motion(HeadPose{}, motion))[kNoseTip];
  }
  SampleIndex start_of_next() const { return frame_start(next_, kRate, kFps); }

  std::optional<CanonicalFace> canonical_;
  std::optional<LiveFace> face_;
  FrameIndex next_ = 0;
};

TEST_F(LiveFaceTest, NothingAskedNothingChanged) {
  const SpokenFrame passed = pass();
  EXPECT_EQ(passed.motion->offset[kChin].y, 0.1F);
  EXPECT_EQ(passed.motion->offset[kLipCorner].x, 0);
  EXPECT_EQ(passed.motion->head_rotation_rad[1], 0);
}

TEST_F(LiveFaceTest, TheMouthBeginsToCloseAtOnceAndStaysClosed) {
  for (int i = 0; i < 10; ++i) pass();
  face_->close_mouth(start_of_next() + kRate * 150 / 1000);
  EXPECT_FALSE(face_->closing());
  const float first = opening();
  EXPECT_EQ(face_->closing(), 10);
  EXPECT_LT(first, 0.9F);
  const float second = opening();
  EXPECT_LT(second, first - 0.2F);
  EXPECT_NEAR(opening(), 0, 1e-5);
  for (int i = 0; i < 4; ++i) EXPECT_NEAR(opening(), 0, 1e-5);
  for (int i = 0; i < 10; ++i) pass();
  EXPECT_NEAR(opening(), 1, 1e-5);
}

TEST_F(LiveFaceTest, SpeechThatBeginsAnewOpensItWithin100Milliseconds) {
  const SampleIndex heard = kRate / 10;
  face_->close_mouth(heard);
  face_->speech_begins(heard - 1);  // the sound that was silenced
  face_->speech_begins(kRate / 5);  // frame 5
  for (int i = 0; i < 3; ++i) pass();
  for (int i = 3; i < 6; ++i) EXPECT_NEAR(opening(), 0, 1e-5) << i;
  EXPECT_GT(opening(), 0.1F);
  pass();
  EXPECT_NEAR(opening(), 1, 1e-5);
}

TEST_F(LiveFaceTest, ASecondStopDoesNotOpenTheMouth) {
  face_->close_mouth(kRate);
  for (int i = 0; i < 5; ++i) pass();
  face_->close_mouth(kRate * 2);
  EXPECT_NEAR(opening(), 0, 1e-5);
}

TEST_F(LiveFaceTest, AnExpressionEasesInAndOut) {
  const float smile = expression_offset(visema::Expression::kHappy, 1, *canonical_)[kLipCorner].x;
  ASSERT_NE(smile, 0);
  face_->express(Expression::kHappy, 1);
  EXPECT_EQ(pass().motion->offset[kLipCorner].x, 0);
  float before = 0;
  for (int i = 0; i < 10; ++i) {
    const float now = pass().motion->offset[kLipCorner].x / smile;
    EXPECT_GT(now, before);
    EXPECT_LT(now - before, 0.2F);
    before = now;
  }
  EXPECT_NEAR(before, 1, 1e-5);
  face_->express(Expression::kNeutral, 1);
  for (int i = 0; i < 12; ++i) pass();
  EXPECT_NEAR(pass().motion->offset[kLipCorner].x, 0, 1e-6);
}

TEST_F(LiveFaceTest, DownIsDown) {
  face_->look(0, 1);
  for (int i = 0; i < 12; ++i) pass();
  EXPECT_GT(nose_of(*pass().motion).y, nose_of({}).y + 0.005F);
}

TEST_F(LiveFaceTest, ALookTurnsEyesAndHeadAndKeepsTheExpression) {
  const float smile = expression_offset(visema::Expression::kHappy, 1, *canonical_)[kLipCorner].x;
  face_->express(Expression::kHappy, 1);
  face_->look(1, 0);
  for (int i = 0; i < 12; ++i) pass();
  const SpokenFrame passed = pass();
  EXPECT_GT(passed.motion->offset[kLeftIris[0]].x, 0.01F);
  EXPECT_GT(nose_of(*passed.motion).x, nose_of({}).x + 0.01F);
  EXPECT_NEAR(passed.motion->offset[kLipCorner].x, smile, 1e-6);
}

}  // namespace
}  // namespace visema::session
