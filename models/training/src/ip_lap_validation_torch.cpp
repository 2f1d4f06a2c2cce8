#include "ip_lap_validation_torch.h"

#include <algorithm>
#include <array>
#include <map>

#include "ip_lap_plain_landmarks_torch.h"
#include "visema/models/ip_lap_landmark_network.h"

namespace visema::training {
namespace {

constexpr double kStep = 0.04;       // between the instants of a window, seconds
constexpr int kMeasuredPoints = 40;  // both lip contours, as of our network
constexpr int kJawPoints = kIplapContent - kMeasuredPoints;
constexpr std::int64_t kBatch = 64;
constexpr std::int64_t kMelValues = std::int64_t{kIpLapMelBands} * kIpLapMelFrames;

using Lips = std::array<float, std::size_t{kMeasuredPoints} * 2>;

Lips lip_offset(const IpLapFace& face, const IpLapFace& rest) {
  Lips lips;
  for (std::size_t p = 0; p < kMeasuredPoints; ++p) {
    const std::size_t at = kIplapPose + kJawPoints + p;
    lips[2 * p] = face[at].x - rest[at].x;
    lips[2 * p + 1] = face[at].y - rest[at].y;
  }
  return lips;
}

/// One clip's embeddings and what the network makes of them.
class ClipView {
 public:
  ClipView(const IpLapPlainLandmarks& network, const IpLapClip& clip, IpLapBoxOf box,
           torch::Device device)
      : network_(network), clip_(clip), box_(box), device_(device) {
    for (std::size_t i = 0; i < clip.valid.size(); ++i)
      if (clip.valid[i] != 0) frames_.push_back(i);
    hear();
  }

  enum class References { kRest, kClip };
  enum class Poses { kRest, kReal };
  MouthSums measure(References references, Poses poses) const {
    const torch::Tensor known = see_references(references);
    const IpLapSeen rest = see(clip_.rest, clip_.rest, {}, box_);
    std::vector<IpLapBox> boxes(frames_.size(), rest.box);
    torch::Tensor seen;
    if (poses == Poses::kRest) {
      seen = embed_poses({rest}).expand({1, kIpLapWindow, kIpLapFeatures});
    } else {
      seen = see_real(boxes);
    }
    std::vector<float> content;
    for (std::int64_t first = 0; first < count(); first += kBatch) {
      const std::int64_t rows = std::min(kBatch, count() - first);
      const torch::Tensor out = network_
                                    .say(known.expand({rows, -1, -1}), hear_windows(first, rows),
                                         poses == Poses::kRest ? seen.expand({rows, -1, -1})
                                                               : seen.narrow(0, first, rows))
                                    .select(1, kIpLapWindow / 2)
                                    .to(torch::kCPU)
                                    .contiguous();
      content.insert(content.end(), out.data_ptr<float>(), out.data_ptr<float>() + out.numel());
    }
    return compare(content, boxes);
  }

 private:
  std::int64_t count() const { return static_cast<std::int64_t>(frames_.size()); }
  double instant(std::size_t frame, int k) const {
    return clip_.time_s[frame] + kStep * (k - kIpLapWindow / 2);
  }

  /// Every mel window of the clip once.
  void hear() {
    std::map<std::int64_t, std::int64_t> row_of;
    std::vector<std::int64_t> rows;
    std::vector<float> mels;
    for (const std::size_t frame : frames_)
      for (int k = 0; k < kIpLapWindow; ++k) {
        const std::int64_t start = mel_window_start(instant(frame, k), clip_.mel);
        const auto [place, is_new] =
            row_of.emplace(start, static_cast<std::int64_t>(row_of.size()));
        rows.push_back(place->second);
        if (!is_new) continue;
        mels.resize(mels.size() + kMelValues);
        copy_mel_window(clip_.mel, start, &mels[mels.size() - kMelValues]);
      }
    sound_ = in_batches(mels, {kIpLapMelBands, kIpLapMelFrames},
                        [&](const torch::Tensor& x) { return network_.hear(x); });
    rows_ = torch::tensor(rows).to(device_);
  }

  /// [rows, 5, 512] around frames [first, first + rows)
  torch::Tensor hear_windows(std::int64_t first, std::int64_t rows) const {
    return sound_.index_select(0, rows_.narrow(0, first * kIpLapWindow, rows * kIpLapWindow))
        .view({rows, kIpLapWindow, kIpLapFeatures});
  }

  template <typename Embed>
  torch::Tensor in_batches(std::vector<float>& values, const std::vector<std::int64_t>& shape,
                           const Embed& embed) const {
    std::vector<std::int64_t> sides = {-1};
    sides.insert(sides.end(), shape.begin(), shape.end());
    const torch::Tensor all =
        torch::from_blob(values.data(), {static_cast<std::int64_t>(values.size())}, torch::kFloat)
            .view(sides)
            .to(device_);
    std::vector<torch::Tensor> parts;
    for (const torch::Tensor& part : all.split(kBatch)) parts.push_back(embed(part));
    return torch::cat(parts);
  }

  torch::Tensor embed_poses(const std::vector<IpLapSeen>& seen) const {
    std::vector<float> rows(seen.size() * 2 * kIplapPose);
    for (std::size_t i = 0; i < seen.size(); ++i)
      seen[i].put(0, kIplapPose, &rows[i * 2 * kIplapPose]);
    return in_batches(rows, {2, kIplapPose},
                      [&](const torch::Tensor& x) { return network_.see_poses(x); });
  }

  /// [frames, 5, 512], and the boxes of the windows' middles.
  torch::Tensor see_real(std::vector<IpLapBox>& boxes) const {
    std::vector<IpLapSeen> seen;
    for (std::size_t i = 0; i < frames_.size(); ++i) {
      const IpLapFace& own = clip_.faces[frames_[i]];
      for (int k = 0; k < kIpLapWindow; ++k)
        seen.push_back(
            see(clip_.face_at(instant(frames_[i], k)).value_or(own), clip_.rest, {}, box_));
      boxes[i] = seen[seen.size() - 1 - kIpLapWindow / 2].box;
    }
    return embed_poses(seen).view({count(), kIpLapWindow, kIpLapFeatures});
  }

  torch::Tensor see_references(References references) const {
    std::vector<float> rows(std::size_t{kIpLapReferenceLandmarks} * 2 * kIplapPoints);
    std::vector<IpLapFace> faces(kIpLapReferenceLandmarks, clip_.rest);
    if (references == References::kClip) {
      const auto chosen = spread_references(clip_, kIpLapReferenceLandmarks);
      for (std::size_t r = 0; r < chosen.size(); ++r) faces[r] = clip_.faces[chosen[r]];
    }
    for (std::size_t r = 0; r < faces.size(); ++r)
      see(faces[r], clip_.rest, {}, box_).put(0, kIplapPoints, &rows[r * 2 * kIplapPoints]);
    return in_batches(rows, {2, kIplapPoints},
                      [&](const torch::Tensor& x) { return network_.see_references(x); })
        .unsqueeze(0);
  }

  /// content: [frames, 2, 57] in the boxes.
  MouthSums compare(const std::vector<float>& content, const std::vector<IpLapBox>& boxes) const {
    MouthMeasure measure;
    const float rest_gap = lip_gap(clip_.rest);
    for (std::size_t i = 0; i < frames_.size(); ++i) {
      const std::size_t frame = frames_[i];
      const float* at = &content[i * 2 * kIplapContent];
      IpLapFace said = clip_.rest;
      for (std::size_t p = 0; p < kIplapContent; ++p) {
        said[kIplapPose + p].x = boxes[i].x + boxes[i].width * at[p];
        said[kIplapPose + p].y = boxes[i].y + boxes[i].height * at[kIplapContent + p];
      }
      const Lips lips = lip_offset(said, clip_.rest);
      const Lips real = lip_offset(clip_.faces[frame], clip_.rest);
      const bool follows = frame > 0 && clip_.valid[frame - 1] != 0;
      measure.add(
          {lip_gap(said) - rest_gap, lip_gap(clip_.faces[frame]) - rest_gap, lips, real, follows});
    }
    return measure.sums();
  }

  const IpLapPlainLandmarks& network_;
  const IpLapClip& clip_;
  IpLapBoxOf box_;
  torch::Device device_;
  std::vector<std::size_t> frames_;  // those with a face
  torch::Tensor sound_;              // [windows, 512], each once
  torch::Tensor rows_;               // [frames * 5], which of them
};

}  // namespace

IpLapReport validate(IpLapWeights& weights, const std::vector<IpLapClip>& clips, IpLapBoxOf box,
                     std::int64_t most_frames, torch::Device device) {
  const torch::NoGradGuard no_grad;
  weights.eval();
  const IpLapPlainLandmarks network(weights);
  std::vector<std::span<const float>> times;
  for (const IpLapClip& clip : clips) times.emplace_back(clip.time_s);
  using References = ClipView::References;
  using Poses = ClipView::Poses;
  MouthSums portrait, referenced, told;
  std::map<std::string, MouthSums> by_source;
  for (const std::size_t c : choose_clips(times, most_frames)) {
    const ClipView view(network, clips[c], box, device);
    portrait.add(view.measure(References::kRest, Poses::kRest));
    told.add(view.measure(References::kClip, Poses::kReal));
    const MouthSums sums = view.measure(References::kClip, Poses::kRest);
    referenced.add(sums);
    by_source[clips[c].source].add(sums);
  }
  weights.train();
  IpLapReport report{{portrait.quality(), referenced.quality(), {}}, told.quality()};
  for (const auto& [source, sums] : by_source) report.speech.by_source[source] = sums.quality();
  return report;
}

}  // namespace visema::training
