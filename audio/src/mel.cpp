#include "visema/audio/mel.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <complex>
#include <numbers>
#include <unsupported/Eigen/FFT>

#include "frame_store.h"

namespace visema {
namespace {

constexpr SampleIndex kHalfWindow = kMelWindowSamples / 2;
constexpr int kBins = kMelWindowSamples / 2 + 1;
constexpr double kPreEmphasis = 0.97;
constexpr double kReferenceDb = 20;
constexpr double kRangeDb = 100;
constexpr double kMaxValue = 4;

/// The bins of one band whose weight is not zero.
struct Band {
  int first_bin = 0;
  std::vector<double> weights;
};

std::array<Band, kMelBands> make_bands() {
  const auto dense = mel_filterbank();
  std::array<Band, kMelBands> bands;
  for (int b = 0; b < kMelBands; ++b) {
    const auto row = std::span(dense).subspan(static_cast<std::size_t>(b) * kBins, kBins);
    const auto is_set = [](float weight) { return weight > 0; };
    const auto first = std::find_if(row.begin(), row.end(), is_set);
    const auto last = std::find_if(row.rbegin(), row.rend(), is_set).base();
    bands[b].first_bin = static_cast<int>(first - row.begin());
    bands[b].weights.assign(first, last);
  }
  return bands;
}

/// One window of pre-emphasised samples to one frame.
class Analyser {
 public:
  Analyser() : bands_(make_bands()) {
    fft_.SetFlag(Eigen::FFT<double>::HalfSpectrum);
    for (int i = 0; i < kMelWindowSamples; ++i)
      hann_[i] = 0.5 - 0.5 * std::cos(2 * std::numbers::pi * i / kMelWindowSamples);
  }

  std::array<double, kMelWindowSamples>& window() { return window_; }

  void analyse(std::span<float> frame) {
    for (int i = 0; i < kMelWindowSamples; ++i) window_[i] *= hann_[i];
    fft_.fwd(spectrum_.data(), window_.data(), kMelWindowSamples);
    for (int bin = 0; bin < kBins; ++bin) magnitude_[bin] = std::sqrt(std::norm(spectrum_[bin]));
    for (int b = 0; b < kMelBands; ++b) {
      double sum = 0;
      const double* bins = &magnitude_[bands_[b].first_bin];
      for (const double weight : bands_[b].weights) sum += weight * *bins++;
      const double db = 20 * std::log10(std::max(1e-5, sum)) - kReferenceDb;
      const double value = 2 * kMaxValue * (db + kRangeDb) / kRangeDb - kMaxValue;
      frame[b] = static_cast<float>(std::clamp(value, -kMaxValue, kMaxValue));
    }
  }

 private:
  Eigen::FFT<double> fft_;
  std::array<Band, kMelBands> bands_;
  std::array<double, kMelWindowSamples> hann_{};
  std::array<double, kMelWindowSamples> window_{};
  std::array<std::complex<double>, kMelWindowSamples> spectrum_{};
  std::array<double, kBins> magnitude_{};
};

}  // namespace

struct LogMel::State {
  explicit State(MelPadding how) : padding(how) {}

  MelPadding padding;
  Analyser analyser;
  FrameStore frames{kMelBands, kMelSilence};
  std::vector<double> samples;  // pre-emphasised, [first_sample, end_sample)
  SampleIndex first_sample = 0;
  SampleIndex end_sample = 0;
  double previous = 0;
  bool finished = false;

  double padded(SampleIndex index) const {
    if (padding == MelPadding::kReflect && end_sample > kHalfWindow) {
      if (index < 0) index = -index;
      if (index >= end_sample) index = 2 * (end_sample - 1) - index;
    }
    if (index < 0 || index >= end_sample) return 0;
    return samples[static_cast<std::size_t>(index - first_sample)];
  }

  void append_frame() {
    const SampleIndex begin = frames.end() * kMelHopSamples - kHalfWindow;
    auto& window = analyser.window();
    if (begin >= first_sample && begin + kMelWindowSamples <= end_sample) {
      std::copy_n(samples.begin() + (begin - first_sample), kMelWindowSamples, window.begin());
    } else {
      for (int i = 0; i < kMelWindowSamples; ++i) window[i] = padded(begin + i);
    }
    analyser.analyse(frames.append());
  }

  /// Appends the frames whose right edge lies within the samples and frees what they leave behind.
  void advance() {
    // Reflection at the start needs the sample that lies half a window after it.
    const SampleIndex margin = padding == MelPadding::kReflect ? kHalfWindow + 1 : kHalfWindow;
    while (frames.end() * kMelHopSamples + margin <= end_sample) append_frame();
    const SampleIndex needed =
        std::max<SampleIndex>(first_sample, frames.end() * kMelHopSamples - kHalfWindow);
    samples.erase(samples.begin(), samples.begin() + (needed - first_sample));
    first_sample = needed;
  }
};

LogMel::LogMel(MelPadding padding) : state_(std::make_unique<State>(padding)) {}
LogMel::~LogMel() = default;
LogMel::LogMel(LogMel&&) noexcept = default;
LogMel& LogMel::operator=(LogMel&&) noexcept = default;

void LogMel::push(std::span<const float> samples) {
  State& state = *state_;
  assert(!state.finished && "samples after the end of the stream");
  constexpr std::size_t kPiece = 1 << 14;  // bounds the working memory
  while (!samples.empty()) {
    const auto piece = samples.first(std::min(kPiece, samples.size()));
    for (const float sample : piece) {
      const double value = std::isfinite(sample) ? sample : 0.0;
      state.samples.push_back(value - kPreEmphasis * state.previous);
      state.previous = value;
    }
    state.end_sample += static_cast<SampleIndex>(piece.size());
    state.advance();
    samples = samples.subspan(piece.size());
  }
}

void LogMel::finish() {
  State& state = *state_;
  if (state.finished) return;
  state.finished = true;
  if (state.end_sample == 0) return;
  while (state.frames.end() * kMelHopSamples <= state.end_sample) state.append_frame();
  state.samples.clear();
}

void LogMel::reset() {
  State& state = *state_;
  state.frames.clear();
  state.samples.clear();
  state.first_sample = state.end_sample = 0;
  state.previous = 0;
  state.finished = false;
}

FrameIndex LogMel::frames_ready() const {
  return state_->frames.end();
}

void LogMel::copy(FrameIndex first, FrameIndex count, float* out) const {
  assert((state_->finished || first + count <= frames_ready()) && "the frame is not ready");
  state_->frames.copy(first, count, out);
}

void LogMel::drop_before(FrameIndex frame) {
  state_->frames.drop_before(frame);
}

}  // namespace visema
