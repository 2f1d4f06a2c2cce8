#include "clip_sound.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <random>

#include "visema/core/error.h"
#include "visema/media/audio_reader.h"
#include "visema/media/probe.h"

namespace visema::ruler {
namespace {

constexpr int kSamplesPerFrame = kRate / 25;

std::vector<float> moved(const std::vector<float>& sound, long samples) {
  if (samples < 0)
    return {sound.begin() + std::min<long>(-samples, static_cast<long>(sound.size())), sound.end()};
  std::vector<float> out(static_cast<std::size_t>(samples), 0.0F);
  out.insert(out.end(), sound.begin(), sound.end());
  return out;
}

template <typename T>
void put(std::ofstream& file, T value) {
  file.write(reinterpret_cast<const char*>(&value), sizeof value);
}

}  // namespace

std::vector<float> read_sound(const std::filesystem::path& clip) {
  AudioReader reader(clip, {kRate, 1});
  std::vector<float> sound;
  while (auto block = reader.read())
    sound.insert(sound.end(), block->samples.begin(), block->samples.end());
  const MediaInfo info = probe(clip);
  const StreamInfo* video = info.first(StreamKind::kVideo);
  const StreamInfo* audio = info.first(StreamKind::kAudio);
  if (video == nullptr || audio == nullptr) return sound;
  return moved(sound, std::lround((audio->start_time_s - video->start_time_s) * kRate));
}

std::vector<float> shifted(const std::vector<float>& sound, int frames) {
  return moved(sound, static_cast<long>(frames) * kSamplesPerFrame);
}

std::vector<float> noisy(const std::vector<float>& sound, double snr_db) {
  double power = 0;
  for (const float s : sound) power += static_cast<double>(s) * s;
  power /= std::max<double>(1, static_cast<double>(sound.size()));
  std::mt19937 random(7);
  std::normal_distribution<float> noise(
      0, static_cast<float>(std::sqrt(power / std::pow(10, snr_db / 10))));
  std::vector<float> out = sound;
  float most = 1;
  for (float& s : out) {
    s += noise(random);
    most = std::max(most, std::abs(s));
  }
  for (float& s : out) s /= most;
  return out;
}

void write_sound(const std::filesystem::path& path, const std::vector<float>& sound) {
  std::ofstream file(path, std::ios::binary);
  const auto bytes = static_cast<std::uint32_t>(sound.size() * 2);
  file << "RIFF";
  put<std::uint32_t>(file, 36 + bytes);
  file << "WAVEfmt ";
  put<std::uint32_t>(file, 16);
  put<std::uint16_t>(file, 1);
  put<std::uint16_t>(file, 1);
  put<std::uint32_t>(file, kRate);
  put<std::uint32_t>(file, kRate * 2);
  put<std::uint16_t>(file, 2);
  put<std::uint16_t>(file, 16);
  file << "data";
  put(file, bytes);
  for (const float s : sound)
    put(file, static_cast<std::int16_t>(std::lround(std::clamp(s, -1.0F, 1.0F) * 32767)));
  if (!file.flush()) throw Error(ErrorCode::kOutput, path.string() + ": cannot be written");
}

}  // namespace visema::ruler
