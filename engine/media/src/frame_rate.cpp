#include "frame_rate.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "stream_decoder.h"

namespace visema::media {
namespace {

constexpr Rational kCommonRates[] = {{10, 1},       {12, 1}, {15, 1},       {24000, 1001},
                                     {24, 1},       {25, 1}, {30, 1},       {48, 1},
                                     {30000, 1001}, {50, 1}, {60000, 1001}, {60, 1}};

constexpr std::size_t kPackets = 250;
constexpr std::size_t kReorder = 16;

bool is_rate(AVRational rate) {
  return rate.num > 0 && rate.den > 0 && av_q2d(rate) >= 0.01 && av_q2d(rate) <= 1000;
}

/// Decoding times of all packets, nothing when the container has no full index.
std::vector<std::int64_t> times_in_index(const AVStream& stream) {
  auto* mutable_stream = const_cast<AVStream*>(&stream);
  const int count = avformat_index_get_entries_count(mutable_stream);
  if (count < 3 || count != stream.nb_frames) return {};
  std::vector<std::int64_t> times;
  for (int i = 0; i < count; ++i)
    times.push_back(avformat_index_get_entry(mutable_stream, i)->timestamp);
  return times;
}

/// Presentation times of the first packets, in order.
std::vector<std::int64_t> times_of_packets(const std::filesystem::path& path) {
  StreamDecoder stream(path, AVMEDIA_TYPE_VIDEO, 1);
  std::vector<std::int64_t> times;
  while (times.size() < kPackets) {
    const AVPacket* packet = stream.next_packet();
    if (packet == nullptr) break;
    if (packet->pts != AV_NOPTS_VALUE) times.push_back(packet->pts);
  }
  std::sort(times.begin(), times.end());
  // The last ones may have gaps that later packets fill.
  if (times.size() == kPackets) times.resize(kPackets - kReorder);
  return times;
}

/// The steps differ by more than a tenth and more than rounding.
bool differ(const std::vector<std::int64_t>& times) {
  if (times.size() < 3) return false;
  std::int64_t shortest = std::numeric_limits<std::int64_t>::max();
  std::int64_t longest = 0;
  for (std::size_t i = 1; i < times.size(); ++i) {
    shortest = std::min(shortest, times[i] - times[i - 1]);
    longest = std::max(longest, times[i] - times[i - 1]);
  }
  return longest - shortest > 2 && (longest - shortest) * 10 > longest;
}

}  // namespace

Rational average_frame_rate(const AVStream& stream) {
  AVRational rate = stream.avg_frame_rate;
  if (!is_rate(rate)) rate = stream.r_frame_rate;
  if (!is_rate(rate)) return {25, 1};
  const double value = av_q2d(rate);
  for (const Rational& common : kCommonRates)
    if (std::abs(common.value() - value) < 2e-4 * value) return common;
  av_reduce(&rate.num, &rate.den, rate.num, rate.den, 1 << 20);
  return {rate.num, rate.den};
}

bool has_variable_frame_rate(const std::filesystem::path& path, const AVStream& stream) {
  const std::vector<std::int64_t> index = times_in_index(stream);
  return differ(index.empty() ? times_of_packets(path) : index);
}

}  // namespace visema::media
