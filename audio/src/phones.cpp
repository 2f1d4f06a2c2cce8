#include "visema/audio/phones.h"

#include <pocketsphinx.h>
#include <sphinxbase/err.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <mutex>

#include "visema/core/error.h"

namespace visema {
namespace {

constexpr SampleIndex kSamplesPerFrame = 160;  // of the decoder, 100 a second
/// Sound is decoded in pieces of 8 to 12 s, cut where it is quietest.
constexpr std::size_t kShortestPiece = std::size_t{8} * 16000;
constexpr std::size_t kLongestPiece = std::size_t{12} * 16000;
constexpr std::size_t kQuietWindow = 800;

struct ConfigDeleter {
  void operator()(cmd_ln_t* config) const { cmd_ln_free_r(config); }
};
struct DecoderDeleter {
  void operator()(ps_decoder_t* decoder) const { ps_free(decoder); }
};

std::filesystem::path model_folder() {
  const char* given = std::getenv("VISEMA_PHONE_MODELS");
  return given != nullptr ? given : VISEMA_PHONE_MODELS;
}

/// The library's log is one for the process.
void silence_the_log() {
  static std::once_flag once;
  std::call_once(once, [] { err_set_logfp(nullptr); });
}

std::unique_ptr<ps_decoder_t, DecoderDeleter> make_decoder() {
  silence_the_log();
  const auto folder = model_folder();
  const auto acoustic = folder / "en-us";
  const auto phones = folder / "en-us-phone.lm.bin";
  for (const auto& path : {acoustic, phones})
    if (!std::filesystem::exists(path))
      throw Error(ErrorCode::kModel,
                  path.string() + ": missing; install the Debian package pocketsphinx-en-us");
  // sphinxbase keeps the settings of its filterbank in static variables while it makes one.
  static std::mutex making;
  const std::scoped_lock lock(making);
  // Phones without their context: nearly as good here, and 20 times faster.
  const std::unique_ptr<cmd_ln_t, ConfigDeleter> config(cmd_ln_init(
      nullptr, ps_args(), TRUE, "-hmm", acoustic.c_str(), "-allphone", phones.c_str(),
      "-allphone_ci", "yes", "-beam", "1e-20", "-pbeam", "1e-20", "-lw", "2.0", nullptr));
  std::unique_ptr<ps_decoder_t, DecoderDeleter> decoder(config ? ps_init(config.get()) : nullptr);
  if (!decoder)
    throw Error(ErrorCode::kModel, folder.string() + ": pocketsphinx cannot load its models");
  return decoder;
}

std::int16_t to_int16(float sample) {
  if (!std::isfinite(sample)) return 0;
  return static_cast<std::int16_t>(std::lround(std::clamp(sample, -1.0F, 1.0F) * 32767));
}

/// Where the piece is quietest, between its shortest length and its end.
std::size_t quietest(const std::vector<std::int16_t>& piece) {
  std::size_t best = piece.size();
  double least = std::numeric_limits<double>::max();
  for (std::size_t at = kShortestPiece; at + kQuietWindow <= piece.size(); at += kQuietWindow) {
    double energy = 0;
    for (std::size_t i = at; i < at + kQuietWindow; ++i)
      energy += static_cast<double>(piece[i]) * piece[i];
    if (energy < least) {
      least = energy;
      best = at + kQuietWindow / 2;
    }
  }
  return best;
}

}  // namespace

struct PhoneRecogniser::State {
  std::unique_ptr<ps_decoder_t, DecoderDeleter> decoder = make_decoder();
  std::vector<std::int16_t> piece;
  SampleIndex first = 0;  // of the piece
  std::vector<Phone> phones;

  void decode(std::size_t count) {
    if (count == 0) return;
    ps_start_utt(decoder.get());
    ps_process_raw(decoder.get(), piece.data(), count, FALSE, TRUE);
    ps_end_utt(decoder.get());
    for (ps_seg_t* part = ps_seg_iter(decoder.get()); part != nullptr; part = ps_seg_next(part)) {
      int begin = 0;
      int end = 0;
      ps_seg_frames(part, &begin, &end);
      const std::string symbol = ps_seg_word(part);
      if (symbol == "SIL" || symbol.starts_with("+") || symbol.starts_with("<")) continue;
      phones.push_back({symbol, first + begin * kSamplesPerFrame,
                        first + static_cast<SampleIndex>(end + 1) * kSamplesPerFrame});
    }
    piece.erase(piece.begin(), piece.begin() + static_cast<long>(count));
    first += static_cast<SampleIndex>(count);
  }
};

PhoneRecogniser::PhoneRecogniser() : state_(std::make_unique<State>()) {}
PhoneRecogniser::~PhoneRecogniser() = default;
PhoneRecogniser::PhoneRecogniser(PhoneRecogniser&&) noexcept = default;
PhoneRecogniser& PhoneRecogniser::operator=(PhoneRecogniser&&) noexcept = default;

void PhoneRecogniser::push(std::span<const float> samples) {
  for (const float sample : samples) {
    state_->piece.push_back(to_int16(sample));
    if (state_->piece.size() == kLongestPiece) state_->decode(quietest(state_->piece));
  }
}

std::vector<Phone> PhoneRecogniser::finish() {
  state_->decode(state_->piece.size());
  return std::move(state_->phones);
}

}  // namespace visema
