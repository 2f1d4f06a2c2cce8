#include "visema/media/resampler.h"

extern "C" {
#include <libavutil/opt.h>
}

#include <algorithm>
#include <cassert>
#include <string>
#include <vector>

#include "handles.h"
#include "libav_text.h"
#include "visema/core/error.h"

namespace visema {
namespace {

media::SwrPtr make_resampler(int in_rate, int in_channels, int out_rate, int out_channels) {
  AVChannelLayout in{};
  AVChannelLayout out{};
  av_channel_layout_default(&in, in_channels);
  av_channel_layout_default(&out, out_channels);
  SwrContext* raw = nullptr;
  int code = swr_alloc_set_opts2(&raw, &out, AV_SAMPLE_FMT_FLT, out_rate, &in, AV_SAMPLE_FMT_FLT,
                                 in_rate, 0, nullptr);
  media::SwrPtr swr(raw);
  if (code >= 0) code = av_opt_set_double(raw, "rematrix_maxval", 1.0, 0);
  if (code >= 0) code = swr_init(raw);
  if (code < 0)
    throw Error(ErrorCode::kInput, "sound of " + std::to_string(in_channels) + " channels, " +
                                       std::to_string(in_rate) + " Hz cannot be turned into " +
                                       std::to_string(out_channels) + " channels, " +
                                       std::to_string(out_rate) + " Hz");
  return swr;
}

}  // namespace

struct Resampler::Impl {
  Impl(int in_rate_hz, int in_channel_count, int out_rate_hz, int out_channel_count)
      : in_rate(in_rate_hz),
        out_rate(out_rate_hz),
        in_channels(in_channel_count),
        out_channels(out_channel_count) {
    media::catch_libav_log();
    const auto rate_ok = [](int rate) { return rate >= 1000 && rate <= 768000; };
    const auto channels_ok = [](int count) { return count >= 1 && count <= 64; };
    if (!rate_ok(in_rate) || !rate_ok(out_rate) || !channels_ok(in_channels) ||
        !channels_ok(out_channels))
      throw Error(ErrorCode::kInput, "sound of " + std::to_string(in_channels) + " channels, " +
                                         std::to_string(in_rate) + " Hz to " +
                                         std::to_string(out_channels) + " channels, " +
                                         std::to_string(out_rate) +
                                         " Hz: rates must be 1000..768000, channels 1..64");
    // Input samples that the filter looks ahead: half of 32 taps at the lower rate, with room.
    tail_length = 64 * std::max(1, (in_rate + out_rate - 1) / out_rate);
    swr = make_resampler(in_rate, in_channels, out_rate, out_channels);
  }

  /// Feeds `count` samples and appends what comes out.
  void feed(const float* samples, int count, std::vector<float>& out) {
    const int room = swr_get_out_samples(swr.get(), count);
    const std::size_t before = out.size();
    out.resize(before + static_cast<std::size_t>(std::max(room, 0)) * out_channels);
    auto* to = reinterpret_cast<std::uint8_t*>(out.data() + before);
    auto* from = reinterpret_cast<const std::uint8_t*>(samples);
    const int got = swr_convert(swr.get(), &to, room, &from, count);
    if (got < 0) throw Error(ErrorCode::kInternal, "resampling: " + media::error_text(got));
    out.resize(before + static_cast<std::size_t>(got) * out_channels);
  }

  void remember(const std::vector<float>& samples) {
    const std::size_t room = static_cast<std::size_t>(tail_length) * in_channels;
    if (samples.size() >= room) {
      tail.assign(samples.end() - static_cast<std::ptrdiff_t>(room), samples.end());
      return;
    }
    tail.insert(tail.end(), samples.begin(), samples.end());
    if (tail.size() > room)
      tail.erase(tail.begin(), tail.end() - static_cast<std::ptrdiff_t>(room));
  }

  AudioBlock block_of(std::vector<float> samples) {
    AudioBlock block{out_count, out_rate, out_channels, std::move(samples)};
    out_count += block.size();
    return block;
  }

  /// round(input * out_rate / in_rate)
  SampleIndex total() const { return frame_start(in_count, out_rate, {in_rate, 1}); }

  AudioBlock finish() {
    // The sound goes on as its own mirror picture, so that the filter rings least at the end.
    std::vector<float> mirror;
    for (std::size_t i = tail.size() / in_channels; i-- > 0;)
      mirror.insert(mirror.end(), tail.begin() + static_cast<std::ptrdiff_t>(i * in_channels),
                    tail.begin() + static_cast<std::ptrdiff_t>((i + 1) * in_channels));
    const SampleIndex missing = total() - out_count;
    std::vector<float> rest;
    while (static_cast<SampleIndex>(rest.size()) / out_channels < missing)
      feed(mirror.data(), static_cast<int>(mirror.size()) / in_channels, rest);
    rest.resize(static_cast<std::size_t>(std::max<SampleIndex>(missing, 0)) * out_channels);
    AudioBlock block = block_of(std::move(rest));
    swr = make_resampler(in_rate, in_channels, out_rate, out_channels);
    tail.clear();
    in_count = out_count = 0;
    return block;
  }

  int in_rate;
  int out_rate;
  int in_channels;
  int out_channels;
  int tail_length = 0;
  media::SwrPtr swr;
  std::vector<float> tail;  // the last input
  SampleIndex in_count = 0;
  SampleIndex out_count = 0;
};

Resampler::Resampler(int in_rate_hz, int in_channels, int out_rate_hz, int out_channels)
    : impl_(std::make_unique<Impl>(in_rate_hz, in_channels, out_rate_hz, out_channels)) {}
Resampler::~Resampler() = default;
Resampler::Resampler(Resampler&&) noexcept = default;
Resampler& Resampler::operator=(Resampler&&) noexcept = default;

AudioBlock Resampler::process(const AudioBlock& block) {
  assert(block.rate_hz == impl_->in_rate && block.channels == impl_->in_channels);
  std::vector<float> out;
  if (!block.samples.empty()) {
    impl_->feed(block.samples.data(), static_cast<int>(block.size()), out);
    impl_->remember(block.samples);
    impl_->in_count += block.size();
  }
  return impl_->block_of(std::move(out));
}

AudioBlock Resampler::finish() {
  return impl_->finish();
}

}  // namespace visema
