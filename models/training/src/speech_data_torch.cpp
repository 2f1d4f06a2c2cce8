#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "speech_data.h"
#include "visema/core/error.h"
#include "visema/core/face_points.h"
#include "visema/models/speech_network.h"
#include "weight_card_torch.h"

namespace visema::training {
namespace {

constexpr std::int64_t kNumbers = kMeshPoints * 3;

template <typename Result>
std::vector<Result> bytes_of(const TensorFile& file, const std::string& name, std::int64_t count) {
  const std::vector<std::int64_t> values = file.integers(name);
  if (static_cast<std::int64_t>(values.size()) != count)
    throw Error(ErrorCode::kModel, file.source() + ": " + name + " has " +
                                       std::to_string(values.size()) + " values: must have " +
                                       std::to_string(count));
  return {values.begin(), values.end()};
}

torch::Tensor rows_of(const std::vector<float>& rows, std::int64_t count) {
  return torch::from_blob(const_cast<float*>(rows.data()), {count, kNumbers}, torch::kFloat);
}

std::vector<float> to_vector(const torch::Tensor& values) {
  const torch::Tensor flat = values.contiguous();
  return {flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()};
}

float gap_of(const float* mesh) {
  float sum = 0;
  for (const auto& [upper, lower] : kLipGapPairs) sum += mesh[lower * 3 + 1] - mesh[upper * 3 + 1];
  return sum / static_cast<float>(kLipGapPairs.size());
}

/// The encoder's rows of a sound of so many mel frames.
std::vector<float> read_encoded(const TensorFile& file, const std::string& name,
                                std::int64_t mel_frames) {
  if (!file.contains(name))
    throw Error(ErrorCode::kInput,
                file.source() + ": " + name + " is missing: the pack has no features of a speech " +
                    "encoder; make it anew with visema prepare, or use --look-ahead short");
  std::vector<float> rows = file.floats(name);
  const std::int64_t least = (mel_frames - 1) * kSpeechMelHop / kEncodedHop + 2;
  if (rows.size() % kEncodedWidth != 0 ||
      static_cast<std::int64_t>(rows.size()) < least * kEncodedWidth)
    throw Error(ErrorCode::kModel, file.source() + ": " + name + " has " +
                                       std::to_string(rows.size()) +
                                       " values: must have at least " + std::to_string(least) +
                                       " rows of " + std::to_string(kEncodedWidth));
  return rows;
}

SpeechClip load_clip(const PackClip& listed, const TensorFile& file, const SpeechBasis& basis,
                     Encoded encoded) {
  const auto name = [&](const char* part) { return PackReader::tensor_name(listed, part); };
  SpeechClip clip;
  clip.id = listed.id;
  clip.source = listed.source;
  clip.weight = listed.weight;
  clip.file_time_s = file.floats(name("time"));
  clip.time_s = clip.file_time_s;
  clip.valid = bytes_of<std::uint8_t>(file, name("valid"), clip.frames());
  clip.mel = file.floats(name("mel"));
  clip.active = bytes_of<std::uint8_t>(file, name("active"),
                                       static_cast<std::int64_t>(clip.mel.size()) / kSpeechBands);

  if (encoded == Encoded::kLoad)
    clip.encoded = read_encoded(file, name("encoded"), clip.mel_frames());
  const torch::Tensor mesh =
      read_tensor(file, name("mesh"), {clip.frames(), kMeshPoints, 3}).view({-1, kNumbers});
  const torch::Tensor rest = read_tensor(file, name("rest"), {kMeshPoints, 3}).view({1, kNumbers});
  const torch::Tensor offset = mesh - rest;
  const auto coefficients = [&](const BasisPart& part) {
    return to_vector(torch::matmul(offset, rows_of(part.project, part.count).t()));
  };
  clip.lower = coefficients(basis.lower);
  clip.upper = coefficients(basis.upper);
  clip.rest_gap = gap_of(rest.data_ptr<float>());
  for (int i = 0; i < kMeshPoints; ++i) {
    const float* at = rest.data_ptr<float>() + std::ptrdiff_t{3} * i;
    clip.rest[i] = {at[0], at[1], at[2]};
  }
  const float* numbers = mesh.data_ptr<float>();
  for (std::int64_t i = 0; i < clip.frames(); ++i)
    clip.gap.push_back(gap_of(numbers + i * kNumbers));
  if (!listed.training) {
    clip.lips.resize(static_cast<std::size_t>(clip.frames()) * kMeasuredPoints * 3);
    const float* offsets = offset.data_ptr<float>();
    for (std::int64_t i = 0; i < clip.frames(); ++i)
      copy_measured_points(offsets + i * kNumbers, &clip.lips[i * kMeasuredPoints * 3]);
  }
  return clip;
}

}  // namespace

double SpeechSet::minutes() const {
  double seconds = 0;
  for (const SpeechClip& clip : clips)
    seconds += static_cast<double>(clip.mel_frames()) * kSpeechMelHop / 16000.0;
  return seconds / 60;
}

SpeechSet load_speech_set(PackReader& pack, const SpeechBasis& basis, bool training,
                          Encoded encoded) {
  const torch::NoGradGuard no_grad;
  SpeechSet set;
  set.encoded = encoded == Encoded::kLoad;
  std::map<std::string, std::int64_t> persons;
  for (const PackClip& listed : pack.clips()) {
    if (listed.training != training || !listed.own_sound || listed.frames < 3) continue;
    SpeechClip clip = load_clip(listed, pack.shard(listed), basis, encoded);
    clip.person =
        persons.emplace(listed.person, static_cast<std::int64_t>(persons.size())).first->second;
    if (clip.person == static_cast<std::int64_t>(set.clips_of_person.size()))
      set.clips_of_person.emplace_back();
    set.clips_of_person[clip.person].push_back(set.clips.size());
    set.clips.push_back(std::move(clip));
  }
  for (const SpeechClip& clip : set.clips)
    for (int i = 0; i < kMeshPoints; ++i) {
      const float share = 1.0F / static_cast<float>(set.clips.size());
      set.mean_rest[i].x += clip.rest[i].x * share;
      set.mean_rest[i].y += clip.rest[i].y * share;
      set.mean_rest[i].z += clip.rest[i].z * share;
    }
  return set;
}

EncodedStatistics encoded_statistics(const SpeechSet& set) {
  std::vector<double> sum(kEncodedWidth), squares(kEncodedWidth);
  double rows = 0;
  for (const SpeechClip& clip : set.clips) {
    rows += static_cast<double>(clip.encoded_rows());
    for (std::size_t i = 0; i < clip.encoded.size(); ++i) {
      const double value = clip.encoded[i];
      sum[i % kEncodedWidth] += value;
      squares[i % kEncodedWidth] += value * value;
    }
  }
  EncodedStatistics statistics;
  for (std::size_t i = 0; i < kEncodedWidth; ++i) {
    const double mean = sum[i] / rows;
    const double variance = std::max(squares[i] / rows - mean * mean, 1e-8);
    statistics.mean.push_back(static_cast<float>(mean));
    statistics.scale.push_back(static_cast<float>(1 / std::sqrt(variance)));
  }
  return statistics;
}

std::vector<float> lip_gap_row(const BasisPart& lower) {
  std::vector<float> row;
  for (std::int64_t k = 0; k < lower.count; ++k) row.push_back(gap_of(&lower.rows[k * kNumbers]));
  return row;
}

void copy_measured_points(const float* mesh, float* out) {
  const auto copy = [&](std::uint16_t point) { out = std::copy_n(mesh + point * 3, 3, out); };
  std::for_each(kInnerLips.begin(), kInnerLips.end(), copy);
  std::for_each(kOuterLips.begin(), kOuterLips.end(), copy);
}

}  // namespace visema::training
