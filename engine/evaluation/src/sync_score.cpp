#include "visema/evaluation/sync_score.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "median.h"

namespace visema {
namespace {

constexpr double kFrameMs = 40;
constexpr double kFps = 25;
constexpr double kNone = -1e9;             // less than any distance
constexpr float kSurroundings = 0.5F;      // seconds before and after a window
constexpr std::int64_t kLocalWindows = 8;  // fewest for a local offset
constexpr std::size_t kPieceWindows = 40;  // of speech that give one offset for the drift
constexpr float kShortestSpan = 20;        // seconds between the first and last piece
constexpr double kClearPiece = 0.5;        // least confidence of a piece, over their median

/// Sums of distances by shift, to which windows can be added and taken away.
struct ShiftSums {
  std::array<double, kSyncShiftCount> sum{};
  std::array<std::int64_t, kSyncShiftCount> count{};
  std::int64_t windows = 0;

  void add(const ShiftDistances& distances, int sign) {
    for (std::size_t s = 0; s < kSyncShiftCount; ++s) {
      if (std::isnan(distances[s])) continue;
      sum[s] += sign * static_cast<double>(distances[s]);
      count[s] += sign;
    }
    windows += sign;
  }

  /// Means; a shift that less than a third of the windows have cannot win.
  std::vector<double> means() const {
    std::vector<double> mean(kSyncShiftCount, kNone);
    double largest = kNone;
    for (std::size_t s = 0; s < kSyncShiftCount; ++s) {
      if (count[s] == 0 || count[s] * 3 < windows) continue;
      mean[s] = sum[s] / static_cast<double>(count[s]);
      largest = std::max(largest, mean[s]);
    }
    std::replace(mean.begin(), mean.end(), kNone, largest);
    return mean;
  }
};

std::size_t least(const std::vector<double>& mean) {
  return static_cast<std::size_t>(std::min_element(mean.begin(), mean.end()) - mean.begin());
}

double confidence_of(const std::vector<double>& mean) {
  std::vector<double> sorted = mean;
  std::sort(sorted.begin(), sorted.end());
  return sorted[sorted.size() / 2] - sorted.front();
}

/// Lowest point of the parabola through the least mean and its neighbours, frames.
double fine_offset(const std::vector<double>& mean) {
  const std::size_t best = least(mean);
  const double whole = static_cast<double>(best) - kSyncShifts;
  if (best == 0 || best + 1 == mean.size()) return whole;
  const double bend = mean[best - 1] - 2 * mean[best] + mean[best + 1];
  return bend > 0 ? whole + 0.5 * (mean[best - 1] - mean[best + 1]) / bend : whole;
}

/// The sound that a window meets at a shift, as a moment of the grid.
long sound_of(double window_time_s, std::size_t shift) {
  return std::lround(window_time_s * kFps) + static_cast<long>(shift) - kSyncShifts;
}

struct Mean {
  double sum = 0;
  int count = 0;
  void add(double value) {
    sum += value;
    ++count;
  }
  double value() const { return sum / count; }
};

/// Of vectors of length 1.
double product_at(double distance) {
  return 1 - distance * distance / 2;
}

struct Piece {
  double time_s = 0;
  double offset = 0;
  double confidence = 0;
};

/// Slope of the offset by the median of all slopes between two pieces (Theil 1950, Sen 1968).
std::optional<double> slope_of(std::vector<Piece> pieces) {
  std::vector<double> confidences;
  for (const Piece& piece : pieces) confidences.push_back(piece.confidence);
  if (confidences.empty()) return std::nullopt;
  const double clear = kClearPiece * median(confidences);
  std::erase_if(pieces, [&](const Piece& piece) { return piece.confidence < clear; });
  if (pieces.size() < 3 || pieces.back().time_s - pieces.front().time_s < kShortestSpan)
    return std::nullopt;
  std::vector<double> slopes;
  for (std::size_t i = 0; i < pieces.size(); ++i)
    for (std::size_t j = i + 1; j < pieces.size(); ++j)
      slopes.push_back((pieces[j].offset - pieces[i].offset) /
                       (pieces[j].time_s - pieces[i].time_s));
  return median(slopes);
}

}  // namespace

/// The windows with what each moment of the sound is to all mouths that meet it taken out, so that
/// a sound that any mouth is near to, such as a murmur, does not look like a fit. A picture that
/// stands still is left with zeros.
std::vector<SyncScore::Window> SyncScore::centred() const {
  std::map<long, Mean> sounds;
  for (const Window& window : windows_)
    for (std::size_t s = 0; s < kSyncShiftCount; ++s)
      if (!std::isnan(window.distances[s]))
        sounds[sound_of(window.time_s, s)].add(window.distances[s]);
  std::vector<Window> result = windows_;
  for (Window& window : result)
    for (std::size_t s = 0; s < kSyncShiftCount; ++s)
      if (!std::isnan(window.distances[s]))
        window.distances[s] -= static_cast<float>(sounds[sound_of(window.time_s, s)].value());
  return result;
}

/// exp(product / temperature) of a network trained by InfoNCE is, but for a factor, the likelihood
/// of sound and mouth together over that of both apart (van den Oord et al. 2018).
double SyncScore::evidence() const {
  std::map<long, Mean> sounds;
  for (const Window& window : windows_)
    for (std::size_t s = 0; s < kSyncShiftCount; ++s)
      if (!std::isnan(window.distances[s]))
        sounds[sound_of(window.time_s, s)].add(
            std::exp(product_at(window.distances[s]) / temperature_));
  ShiftSums against;
  for (const Window& window : windows_) {
    ShiftDistances lacking = window.distances;
    for (std::size_t s = 0; s < kSyncShiftCount; ++s) {
      if (std::isnan(lacking[s])) continue;
      const double chance = std::max(static_cast<double>(window.background),
                                     std::log(sounds[sound_of(window.time_s, s)].value()));
      lacking[s] = static_cast<float>(chance - product_at(lacking[s]) / temperature_);
    }
    against.add(lacking, 1);
  }
  const std::vector<double> mean = against.means();
  return -mean[least(mean)];
}

void SyncScore::push(double time_s, const ShiftDistances& distances, float background) {
  windows_.push_back({static_cast<float>(time_s), distances, background});
}

std::optional<SyncScore::Result> SyncScore::result() const {
  if (windows_.size() < kFewestWindows) return std::nullopt;
  Result result;
  result.windows = static_cast<std::int64_t>(windows_.size());
  const std::vector<Window> windows = centred();
  ShiftSums raw, all, local, piece;
  std::vector<Piece> pieces;
  double piece_time = 0;
  std::size_t first = 0, end = 0;
  std::int64_t judged = 0, fitting = 0;
  for (const Window& window : windows_) raw.add(window.distances, 1);
  for (const Window& window : windows) {
    all.add(window.distances, 1);
    while (end < windows.size() && windows[end].time_s <= window.time_s + kSurroundings)
      local.add(windows[end++].distances, 1);
    while (windows[first].time_s < window.time_s - kSurroundings)
      local.add(windows[first++].distances, -1);
    if (local.windows >= kLocalWindows) {
      const int offset = static_cast<int>(least(local.means())) - kSyncShifts;
      result.offset.time_s.push_back(window.time_s);
      result.offset.value.push_back(static_cast<float>(offset));
      ++judged;
      fitting += std::abs(offset) <= 1 ? 1 : 0;
    }
    piece.add(window.distances, 1);
    piece_time += window.time_s;
    if (piece.windows == static_cast<std::int64_t>(kPieceWindows)) {
      const std::vector<double> mean = piece.means();
      pieces.push_back({piece_time / kPieceWindows, fine_offset(mean), confidence_of(mean)});
      piece = {};
      piece_time = 0;
    }
  }
  result.mean = raw.means();
  result.centred_mean = all.means();
  const std::size_t best = least(result.centred_mean);
  result.offset_frames = static_cast<int>(best) - kSyncShifts;
  result.distance = result.mean[best];
  result.confidence = confidence_of(result.mean);
  result.margin = confidence_of(result.centred_mean);
  result.evidence = evidence();
  if (judged > 0)
    result.in_sync_percent = 100 * static_cast<double>(fitting) / static_cast<double>(judged);
  if (const auto slope = slope_of(std::move(pieces)))
    result.drift_ms_per_min = *slope * kFrameMs * 60;
  return result;
}

}  // namespace visema
