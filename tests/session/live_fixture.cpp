#include "live_fixture.h"

#include "visema/landmarks/face_regions.h"
#include "visema/landmarks/face_tracker.h"
#include "visema/landmarks/head_pose.h"
#include "visema/media/audio_reader.h"

namespace visema::session {

const std::filesystem::path LiveSessionTest::kPortrait = kData / "portraits/photo-front-1.jpg";

CutSound::CutSound(AudioBlock sound, unsigned seed) : sound_(std::move(sound)), seed_(seed) {}

std::size_t CutSound::read(std::span<float> out, std::chrono::milliseconds) {
  const auto channels = static_cast<std::size_t>(sound_.channels);
  std::size_t frames = std::min(out.size() / channels, left());
  if (seed_ > 0) {
    seed_ = seed_ * 1103515245U + 12345U;
    frames = std::min<std::size_t>(frames, 1 + (seed_ >> 16U) % 97U);
  }
  std::copy_n(sound_.samples.begin() + static_cast<std::ptrdiff_t>(taken_), frames * channels,
              out.begin());
  taken_ += frames * channels;
  return frames;
}

void LiveSessionTest::SetUp() {
  SessionTest::SetUp();
  if (!IsSkipped() && !has(kPortrait)) GTEST_SKIP() << "shared clips are not here";
}

std::filesystem::path LiveSessionTest::speech(double seconds) const {
  const AudioBlock sound = samples_of(kData / "speech/lj-1.flac", 16000);
  const auto path = folder_ / "speech.wav";
  write_wav(path,
            {sound.samples.begin(),
             sound.samples.begin() + static_cast<std::ptrdiff_t>(seconds * sound.rate_hz)},
            sound.rate_hz);
  return path;
}

AudioBlock LiveSessionTest::samples_of(const std::filesystem::path& path, int rate_hz) {
  AudioReader reader(path, {rate_hz, 1});
  AudioBlock all{0, reader.info().rate_hz, 1, {}};
  while (auto block = reader.read())
    all.samples.insert(all.samples.end(), block->samples.begin(), block->samples.end());
  return all;
}

LiveSessionOptions LiveSessionTest::session_options(const SoundInput& input) {
  LiveSessionOptions is;
  is.rate_hz = input.rate_hz();
  is.channels = input.channels();
  return is;
}

Presenter& LiveSessionTest::presenter(const LiveSessionOptions& is) {
  PresenterOptions options;
  options.source = kPortrait;
  options.models = built_models();
  if (!networks_) networks_ = std::make_unique<PresenterNetworks>(options.models, options.compute);
  presenter_ =
      std::make_unique<Presenter>(*networks_, options, is.rate_hz, is.channels, Lanes::kOne,
                                  ProgressSink{}, LogSink{}, std::stop_token{});
  return *presenter_;
}

LiveReport LiveSessionTest::run(SoundInput& input, const LiveSessionOptions& is,
                                LiveSession::Sink sink) {
  LiveSession session(presenter(is), &input, is, std::move(sink));
  session.run({});
  return session.report();
}

float LiveSessionTest::lip_gap(const Image& picture) {
  FaceTracker tracker(built_models().models, FaceTrackerOptions{.smooth = false});
  const auto face = tracker.track(VideoFrame{0, 0, picture});
  return face ? inner_lip_gap(stabilise(face->mesh, face->pose)) : 1;
}

}  // namespace visema::session
