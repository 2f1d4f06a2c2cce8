#include "eval_pair.h"

#include <algorithm>
#include <cmath>

#include "visema/core/face_points.h"

namespace visema::session {
namespace {

constexpr double kApartS = 0.5;
constexpr int kPictureSide = 320;
constexpr std::int64_t kPictureEvery = 2;  // pairs between two comparisons of pixels
constexpr std::int64_t kLookEvery = 12;    // pairs between two looks by the network

/// The face with some room, as a square picture of at most kPictureSide pixels.
Image face_picture(const ObservedFrame& frame) {
  if (!frame.face) return {};
  const PictureBox box = face_box(frame.face->mesh);
  return cut(*frame.image, box, std::clamp(static_cast<int>(box.side), 32, kPictureSide));
}

double lip_distance(const MeasuredFace& a, const MeasuredFace& b) {
  double sum = 0;
  for (const std::uint16_t i : kLips)
    sum += std::hypot(a.canonical[i].x - b.canonical[i].x, a.canonical[i].y - b.canonical[i].y);
  return sum / kLips.size();
}

}  // namespace

void WorstFrames::offer(double badness, double value, const ObservedFrame& frame,
                        const ObservedFrame* other) {
  const auto near = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) {
    return std::abs(e.frame.time_s - frame.time_s) < kApartS;
  });
  if (near != entries_.end()) {
    if (near->badness >= badness) return;
    entries_.erase(near);
  } else if (entries_.size() == count_) {
    if (entries_.back().badness >= badness) return;
    entries_.pop_back();
  }
  Entry entry{badness,
              {measure_, frame.time_s, value, face_picture(frame),
               other != nullptr ? face_picture(*other) : Image{}}};
  const auto place = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& e) { return e.badness < badness; });
  entries_.insert(place, std::move(entry));
}

std::vector<NotableFrame> WorstFrames::take() const {
  std::vector<NotableFrame> frames;
  for (const Entry& entry : entries_) frames.push_back(entry.frame);
  return frames;
}

EvalPairMeter::EvalPairMeter(const EvalOptions& options, const EvaluatedVideo& video,
                             const EvaluatedVideo* real)
    : compared_(real != nullptr),
      lips_(compared_ ? static_cast<float>(video.width) / static_cast<float>(real->width) : 1,
            compared_ ? static_cast<float>(video.height) / static_cast<float>(real->height) : 1) {
  if (compared_) perceptual_.emplace(options.models.models / "mobilenet_features.safetensors");
}

void EvalPairMeter::push(const ObservedFrame& frame, const ObservedFrame* real) {
  if (real != nullptr && pairs_ % kPictureEvery == 0) compare_pictures(frame, *real);
  pairs_ += real != nullptr ? 1 : 0;
  if (real == nullptr || !frame.face || !real->face) {
    lips_.skip();
    return;
  }
  lips_.push(frame.time_s, frame.measured, real->time_s, real->measured);
  const double distance = lip_distance(frame.measured, real->measured);
  worst_lips_.offer(distance, distance, frame, real);
}

/// The real face decides where to look, in both.
void EvalPairMeter::compare_pictures(const ObservedFrame& frame, const ObservedFrame& real) {
  const Image& picture = *frame.image;
  const bool same_size = picture.width == real.image->width && picture.height == real.image->height;
  const Image scaled = same_size ? Image() : resized(*real.image, picture.width, picture.height);
  const Image& other = same_size ? *real.image : scaled;
  const bool looks = pairs_ % kLookEvery == 0;
  full_.push(compare(picture, other));
  if (looks) look(picture, other, full_look_);
  if (!real.face) return;
  FaceMesh mesh = real.face->mesh;
  const float sx = static_cast<float>(picture.width) / static_cast<float>(real.image->width);
  const float sy = static_cast<float>(picture.height) / static_cast<float>(real.image->height);
  for (Point3& p : mesh) p = {p.x * sx, p.y * sy, p.z};
  const PictureBox face = face_box(mesh);
  const Image own_face = cut(picture, face, kFaceCut), real_face = cut(other, face, kFaceCut);
  face_.push(compare(own_face, real_face));
  const PictureBox mouth = mouth_box(mesh);
  const Image own_mouth = cut(picture, mouth, kMouthCut), real_mouth = cut(other, mouth, kMouthCut);
  const Similarity at_mouth = compare(own_mouth, real_mouth);
  mouth_.push(at_mouth);
  if (looks) {
    look(own_face, real_face, face_look_);
    look(own_mouth, real_mouth, mouth_look_);
  }
  if (frame.face) worst_mouth_.offer(at_mouth.mse, psnr_db(at_mouth.mse), frame, &real);
}

void EvalPairMeter::look(const Image& a, const Image& b, Mean& mean) const {
  mean.sum += perceptual_->distance(a, b);
  ++mean.count;
}

void EvalPairMeter::put_pictures(MeasuredFigures& figures) const {
  const std::string why = compared_ ? "no frames of the same time" : "needs --reference";
  const auto put = [&](const std::string& part, const SimilarityMean& mean, const Mean& look) {
    const auto r = mean.result();
    const auto of = [&](double SimilarityMean::Result::*member) -> Measured {
      return r ? Measured{(*r).*member, ""} : Measured{std::nullopt, why};
    };
    figures["picture." + part + "psnr_db"] = of(&SimilarityMean::Result::psnr_db);
    figures["picture." + part + "ssim"] = of(&SimilarityMean::Result::ssim);
    figures["picture." + part + "ms_ssim"] = of(&SimilarityMean::Result::ms_ssim);
    figures["picture." + part + "perceptual"] =
        look.count > 0 ? Measured{look.sum / static_cast<double>(look.count), ""}
                       : Measured{std::nullopt, why};
  };
  put("", full_, full_look_);
  put("face_", face_, face_look_);
  put("mouth_", mouth_, mouth_look_);
}

std::vector<NotableFrame> EvalPairMeter::take_notable() const {
  std::vector<NotableFrame> frames = worst_lips_.take();
  for (NotableFrame& frame : worst_mouth_.take()) frames.push_back(std::move(frame));
  return frames;
}

void EvalPairMeter::finish(MeasuredFigures& figures) {
  put_pictures(figures);
  const auto result = lips_.result();
  const std::string why =
      compared_ ? "no two frames in a row with a face in both videos" : "needs --reference";
  const auto put = [&](const char* name, std::optional<double> value, const std::string& reason) {
    figures[std::string("lips.") + name] = {value, value ? "" : reason};
  };
  using Result = LipDistance::Result;
  const auto of = [&](double Result::*member) {
    return result ? std::optional((*result).*member) : std::nullopt;
  };
  put("distance_px", of(&Result::distance_px), why);
  put("face_distance_px", of(&Result::face_distance_px), why);
  put("distance", of(&Result::distance), why);
  put("face_distance", of(&Result::face_distance), why);
  put("velocity_distance", of(&Result::velocity_distance), why);
  const std::string still = result ? "the real mouth does not move" : why;
  put("openness_correlation", result ? result->correlation : std::nullopt, still);
  put("openness_gain", result ? result->gain : std::nullopt, still);
}

}  // namespace visema::session
