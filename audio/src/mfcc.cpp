#include "visema/audio/mfcc.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <complex>
#include <limits>
#include <numbers>
#include <unsupported/Eigen/FFT>
#include <vector>

#include "frame_store.h"

namespace visema {
namespace {

constexpr int kFft = 512;
constexpr int kBins = kFft / 2 + 1;
constexpr int kBands = 26;
constexpr double kPreEmphasis = 0.97;
constexpr double kLifter = 22;
constexpr double kFullScale = 32768;
constexpr double kRateHz = 16000;

double hz_to_mel(double hz) {
  return 2595 * std::log10(1 + hz / 700);
}

double mel_to_hz(double mel) {
  return 700 * (std::pow(10, mel / 2595) - 1);
}

/// log of zero would be no number.
double floored(double x) {
  return x == 0 ? std::numeric_limits<double>::epsilon() : x;
}

/// One window of pre-emphasised samples to one frame.
class Analyser {
 public:
  Analyser() {
    fft_.SetFlag(Eigen::FFT<double>::HalfSpectrum);
    for (int i = 0; i < kBands + 2; ++i)
      edges_[i] = static_cast<int>((kFft + 1) *
                                   mel_to_hz(hz_to_mel(kRateHz / 2) * i / (kBands + 1)) / kRateHz);
    for (int n = 0; n < kMfccs; ++n) {
      const double lift = 1 + kLifter / 2 * std::sin(std::numbers::pi * n / kLifter);
      const double norm = std::sqrt((n == 0 ? 1.0 : 2.0) / kBands);
      for (int b = 0; b < kBands; ++b)
        cosines_[n][b] = lift * norm * std::cos(std::numbers::pi * n * (2 * b + 1) / (2 * kBands));
    }
  }

  /// The first 400 are the window, the rest stays zero.
  std::array<double, kFft>& window() { return window_; }

  void analyse(std::span<float> frame) {
    fft_.fwd(spectrum_.data(), window_.data(), kFft);
    double energy = 0;
    for (int bin = 0; bin < kBins; ++bin) {
      power_[bin] = std::norm(spectrum_[bin]) / kFft;
      energy += power_[bin];
    }
    std::array<double, kBands> logs{};
    for (int band = 0; band < kBands; ++band) logs[band] = std::log(floored(band_power(band)));
    for (int n = 1; n < kMfccs; ++n) {
      double sum = 0;
      for (int b = 0; b < kBands; ++b) sum += cosines_[n][b] * logs[b];
      frame[n] = static_cast<float>(sum);
    }
    frame[0] = static_cast<float>(std::log(floored(energy)));
  }

 private:
  double band_power(int band) const {
    const int left = edges_[band], centre = edges_[band + 1], right = edges_[band + 2];
    double sum = 0;
    for (int bin = left; bin < centre; ++bin) sum += power_[bin] * (bin - left) / (centre - left);
    for (int bin = centre; bin < right; ++bin)
      sum += power_[bin] * (right - bin) / (right - centre);
    return sum;
  }

  Eigen::FFT<double> fft_;
  std::array<int, kBands + 2> edges_{};
  std::array<std::array<double, kBands>, kMfccs> cosines_{};
  std::array<double, kFft> window_{};
  std::array<std::complex<double>, kFft> spectrum_{};
  std::array<double, kBins> power_{};
};

}  // namespace

struct Mfcc::State {
  Analyser analyser;
  FrameStore frames{kMfccs, 0};
  std::vector<double> samples;  // pre-emphasised, from `first` on
  SampleIndex first = 0;
  double previous = 0;
  bool finished = false;

  SampleIndex end() const { return first + static_cast<SampleIndex>(samples.size()); }

  void append_frame() {
    const auto begin = static_cast<std::size_t>(frames.end() * kMfccHopSamples - first);
    auto& window = analyser.window();
    for (std::size_t i = 0; i < kMfccWindowSamples; ++i)
      window[i] = begin + i < samples.size() ? samples[begin + i] : 0;
    analyser.analyse(frames.append());
  }

  void advance() {
    while (frames.end() * kMfccHopSamples + kMfccWindowSamples <= end()) append_frame();
    const SampleIndex needed = std::min(end(), frames.end() * kMfccHopSamples);
    samples.erase(samples.begin(), samples.begin() + (needed - first));
    first = needed;
  }
};

Mfcc::Mfcc() : state_(std::make_unique<State>()) {}
Mfcc::~Mfcc() = default;
Mfcc::Mfcc(Mfcc&&) noexcept = default;
Mfcc& Mfcc::operator=(Mfcc&&) noexcept = default;

void Mfcc::push(std::span<const float> samples) {
  State& state = *state_;
  assert(!state.finished && "samples after the end of the stream");
  constexpr std::size_t kPiece = 1 << 14;  // bounds the working memory
  while (!samples.empty()) {
    const auto piece = samples.first(std::min(kPiece, samples.size()));
    for (const float sample : piece) {
      const double scaled = std::isfinite(sample) ? std::nearbyint(sample * kFullScale) : 0.0;
      const double value = std::clamp(scaled, -kFullScale, kFullScale - 1);
      state.samples.push_back(value - kPreEmphasis * state.previous);
      state.previous = value;
    }
    state.advance();
    samples = samples.subspan(piece.size());
  }
}

void Mfcc::finish() {
  State& state = *state_;
  if (state.finished) return;
  state.finished = true;
  const SampleIndex covered =
      (state.frames.end() - 1) * kMfccHopSamples + kMfccWindowSamples;  // by whole frames
  if (state.end() > 0 && (state.frames.end() == 0 || covered < state.end())) state.append_frame();
  state.samples.clear();
}

void Mfcc::reset() {
  State& state = *state_;
  state.frames.clear();
  state.samples.clear();
  state.first = 0;
  state.previous = 0;
  state.finished = false;
}

FrameIndex Mfcc::frames_ready() const {
  return state_->frames.end();
}

void Mfcc::copy(FrameIndex first, FrameIndex count, float* out) const {
  assert(first >= 0 && first + count <= frames_ready() && "the frame is not ready");
  state_->frames.copy(first, count, out);
}

void Mfcc::drop_before(FrameIndex frame) {
  state_->frames.drop_before(frame);
}

}  // namespace visema
