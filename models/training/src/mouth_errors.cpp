#include "mouth_errors.h"

#include <algorithm>
#include <cmath>

namespace visema::training {
namespace {

constexpr int kMostShift = 3;  // frames

double distance(const LipFrames& a, const LipFrames& b) {
  double sum = 0;
  for (std::size_t t = 0; t < a.size(); ++t)
    for (std::size_t n = 0; n + 1 < a[t].size(); n += 2)
      sum += std::hypot(a[t][n] - b[t][n], a[t][n + 1] - b[t][n + 1]);
  return sum;
}

std::vector<float> mean_of(const LipFrames& frames) {
  std::vector<double> sum(frames[0].size(), 0.0);
  for (const auto& frame : frames)
    for (std::size_t n = 0; n < frame.size(); ++n) sum[n] += frame[n];
  std::vector<float> mean;
  for (const double s : sum)
    mean.push_back(static_cast<float>(s / static_cast<double>(frames.size())));
  return mean;
}

/// `centre` + factor * (frames - `from`).
LipFrames placed(const LipFrames& frames, const std::vector<float>& from, double factor,
                 const std::vector<float>& centre) {
  LipFrames out = frames;
  for (auto& frame : out)
    for (std::size_t n = 0; n < frame.size(); ++n)
      frame[n] = centre[n] + static_cast<float>(factor) * (frame[n] - from[n]);
  return out;
}

/// By which said - `said_centre` is nearest to real - `real_centre`, in squares.
double best_factor(const LipFrames& said, const std::vector<float>& said_centre,
                   const LipFrames& real, const std::vector<float>& real_centre) {
  double both = 0;
  double own = 0;
  for (std::size_t t = 0; t < said.size(); ++t)
    for (std::size_t n = 0; n < said[t].size(); ++n) {
      const double s = said[t][n] - said_centre[n];
      both += s * (real[t][n] - real_centre[n]);
      own += s * s;
    }
  return own > 0 ? both / own : 1;
}

/// Frame t is frame t + shift; the ends stand still.
LipFrames moved(const LipFrames& frames, int shift) {
  LipFrames out;
  const auto last = static_cast<std::ptrdiff_t>(frames.size()) - 1;
  for (std::ptrdiff_t t = 0; t <= last; ++t)
    out.push_back(frames[static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(t + shift, 0, last))]);
  return out;
}

}  // namespace

void MouthErrors::add(const MouthErrors& other) {
  rest += other.rest;
  mean += other.mean;
  said += other.said;
  offset += other.offset;
  scale += other.scale;
  timing += other.timing;
  all += other.all;
}

std::vector<std::pair<std::string, double>> MouthErrors::values() const {
  const auto share = [this](double sum) { return rest > 0 ? sum / rest : 0; };
  return {{"said", share(said)},     {"offset", share(offset)}, {"scale", share(scale)},
          {"timing", share(timing)}, {"all", share(all)},       {"mean", share(mean)}};
}

MouthErrors explain_errors(const LipFrames& said, const LipFrames& real) {
  if (said.empty()) return {};
  const std::vector<float> zero(real[0].size(), 0.0F);
  const std::vector<float> real_mean = mean_of(real);
  MouthErrors errors;
  errors.rest = distance(LipFrames(real.size(), zero), real);
  errors.mean = distance(LipFrames(real.size(), real_mean), real);
  errors.said = distance(said, real);
  errors.offset = distance(placed(said, mean_of(said), 1, real_mean), real);
  errors.scale = distance(placed(said, zero, best_factor(said, zero, real, zero), zero), real);
  errors.timing = errors.said;
  errors.all = errors.offset;
  for (int shift = -kMostShift; shift <= kMostShift; ++shift) {
    const LipFrames late = moved(said, shift);
    const std::vector<float> mean = mean_of(late);
    const double factor = best_factor(late, mean, real, real_mean);
    errors.timing = std::min(errors.timing, distance(late, real));
    errors.all = std::min(errors.all, distance(placed(late, mean, factor, real_mean), real));
  }
  return errors;
}

}  // namespace visema::training
