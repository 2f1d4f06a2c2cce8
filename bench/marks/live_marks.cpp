// How long a sound takes to the encoded picture of the mouth that it opens, measured from outside:
// marks are sent to live sessions in real time, and what they send back as MPEG-TS is received,
// decoded and looked at (bench/live.sh).
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <memory>
#include <thread>

#include "received_stream.h"
#include "visema/core/error.h"
#include "visema/landmarks/face_regions.h"
#include "visema/landmarks/face_tracker.h"
#include "visema/landmarks/head_pose.h"
#include "visema/media/audio_reader.h"
#include "visema/media/video_reader.h"

namespace visema::bench {
namespace {

constexpr double kLookAhead = 0.150;  // seconds of sound behind a frame's start that it needs
constexpr double kAround = 0.6;       // seconds beside a mark that are measured with it
constexpr auto kUsual = std::chrono::milliseconds(300);  // latency, about; all marks sound the same
constexpr SampleIndex kReach = kMarkRateHz * 9 / 10;
constexpr double kLeastOpening = 0.02;
constexpr double kOpened = 0.3;  // share of the opening at which it counts

std::vector<float> sound_of(const std::filesystem::path& path) {
  AudioReader reader(path, {kMarkRateHz, 1});
  std::vector<float> all;
  while (auto block = reader.read())
    all.insert(all.end(), block->samples.begin(), block->samples.end());
  return all;
}

/// Opening of the mouth in each picture, canonical units.
std::vector<double> openings_of(const std::filesystem::path& path) {
  FaceTracker tracker(VISEMA_BINARY_DIR "/share/visema/models", {.smooth = false});
  VideoReader reader(path);
  std::vector<double> openings;
  while (const auto frame = reader.read()) {
    const auto face = tracker.track(*frame);
    openings.push_back(face ? inner_lip_gap(stabilise(face->mesh, face->pose)) : 0);
  }
  return openings;
}

/// The place in [begin, end) of `sound` that is most like the mark.
SampleIndex find_mark(const std::vector<float>& sound, const std::vector<float>& mark,
                      SampleIndex begin, SampleIndex end) {
  const auto last = static_cast<SampleIndex>(sound.size()) - static_cast<SampleIndex>(mark.size());
  SampleIndex best = -1;
  float most = 0;
  for (SampleIndex at = std::max<SampleIndex>(begin, 0); at < std::min(end, last); ++at) {
    float likeness = 0;
    for (std::size_t i = 0; i < mark.size(); ++i)
      likeness += mark[i] * sound[static_cast<std::size_t>(at) + i];
    if (likeness <= most) continue;
    most = likeness;
    best = at;
  }
  return best;
}

struct Figure {
  const char* name;
  std::vector<double> ms;

  void print() {
    std::sort(ms.begin(), ms.end());
    const auto at = [&](double share) {
      return ms.empty() ? 0
                        : ms[static_cast<std::size_t>(share * static_cast<double>(ms.size() - 1))];
    };
    std::printf("  %-34s n %5zu   p50 %6.0f   p95 %6.0f   most %6.0f ms\n", name, ms.size(),
                at(0.5), at(0.95), at(1));
  }
};

/// Milliseconds, of one session.
struct Latencies {
  Figure mouth{"mouth opens behind the sound", {}};
  Figure opened{"sound to packet of the open mouth", {}};
  Figure needed{"last needed sample to packet", {}};
  Figure heard{"first sample to packet", {}};
};

/// A mark: where the stream has it, and when its first sample was heard.
struct Mark {
  double time_s;
  BenchClock::time_point heard;

  double ms_from(double stream_s, BenchClock::time_point to) const {
    const std::chrono::duration<double, std::milli> since = to - heard;
    return since.count() - 1000 * (stream_s - time_s);
  }
};

void measure(const Mark& mark, const std::vector<ReceivedPacket>& pictures,
             const std::vector<double>& openings, Latencies& latencies) {
  std::vector<double> closed;
  double most = 0;
  const std::size_t count = std::min(pictures.size(), openings.size());
  for (std::size_t i = 0; i < count; ++i) {
    const double from = pictures[i].time_s - mark.time_s;
    if (std::abs(from) > kAround) continue;
    latencies.heard.ms.push_back(mark.ms_from(pictures[i].time_s, pictures[i].complete));
    latencies.needed.ms.push_back(latencies.heard.ms.back() - 1000 * kLookAhead);
    if (from < -kAround / 2) closed.push_back(openings[i]);
    if (from > -kAround / 2) most = std::max(most, openings[i]);
  }
  if (closed.empty()) return;
  std::nth_element(closed.begin(), closed.begin() + static_cast<std::ptrdiff_t>(closed.size() / 2),
                   closed.end());
  const double rest = closed[closed.size() / 2];
  if (most - rest < kLeastOpening) return;
  for (std::size_t i = 0; i < count; ++i) {
    const double from = pictures[i].time_s - mark.time_s;
    if (from < -kAround / 2 || openings[i] < rest + kOpened * (most - rest)) continue;
    latencies.mouth.ms.push_back(1000 * from);
    latencies.opened.ms.push_back(mark.ms_from(mark.time_s, pictures[i].complete));
    return;
  }
}

/// What leaves at that time, in the time of the stream.
double leaves_at(const std::vector<ReceivedPacket>& pictures, BenchClock::time_point time) {
  const auto found = std::find_if(pictures.begin(), pictures.end(),
                                  [&](const auto& one) { return one.complete >= time; });
  return found == pictures.end() ? 0 : found->time_s;
}

Latencies measure(const ReceivedStream& stream, const std::filesystem::path& file,
                  const MarkedSound& marks, BenchClock::time_point start) {
  Latencies latencies;
  const std::vector<float> sound = sound_of(file);
  const std::vector<double> openings = openings_of(file);
  if (stream.sound.empty()) return latencies;
  const double first_s = stream.sound.front().time_s;
  for (const SampleIndex begin : marks.begins) {
    const std::chrono::duration<double> sent(static_cast<double>(begin) / kMarkRateHz);
    const auto heard = start + std::chrono::duration_cast<BenchClock::duration>(sent);
    const double guess_s = leaves_at(stream.pictures, heard + kUsual) - first_s;
    const auto guess = static_cast<SampleIndex>(guess_s * kMarkRateHz);
    const SampleIndex at = find_mark(sound, marks.mark, guess - kReach, guess + kReach);
    if (at < 0) continue;
    measure({first_s + static_cast<double>(at) / kMarkRateHz, heard}, stream.pictures, openings,
            latencies);
  }
  return latencies;
}

struct Session {
  std::unique_ptr<StreamReceiver> receiver;
  BenchClock::time_point start;
  std::exception_ptr error;
};

int run(const std::filesystem::path& speech, double seconds, int sessions, int port,
        const std::filesystem::path& folder) {
  const MarkedSound marks(speech, seconds);
  std::vector<Session> all(static_cast<std::size_t>(sessions));
  for (int i = 0; i < sessions; ++i)
    all[static_cast<std::size_t>(i)].receiver = std::make_unique<StreamReceiver>(port + 2 * i + 1);
  {
    std::vector<std::jthread> receivers;
    std::vector<std::jthread> feeds;
    for (int i = 0; i < sessions; ++i) {
      Session& one = all[static_cast<std::size_t>(i)];
      receivers.emplace_back([&one](const std::stop_token& stop) { one.receiver->receive(stop); });
      const std::string address = "tcp://127.0.0.1:" + std::to_string(port + 2 * i);
      feeds.emplace_back([&one, &marks, address] {
        try {
          one.start = send_in_real_time(marks, address);
        } catch (const std::exception&) {
          one.error = std::current_exception();
        }
      });
    }
    feeds.clear();  // waits for them
    std::this_thread::sleep_for(std::chrono::seconds(1));
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].error) std::rethrow_exception(all[i].error);
    const auto file = folder / (std::to_string(i) + ".ts");
    const ReceivedStream stream = all[i].receiver->stream(file);
    Latencies latencies = measure(stream, file, marks, all[i].start);
    std::printf("session %zu: %zu pictures, %zu of %zu marks opened the mouth\n", i + 1,
                stream.pictures.size(), latencies.mouth.ms.size(), marks.begins.size());
    for (Figure* figure :
         {&latencies.opened, &latencies.mouth, &latencies.needed, &latencies.heard})
      figure->print();
  }
  return 0;
}

}  // namespace
}  // namespace visema::bench

int main(int argc, char** argv) {
  if (argc != 6) {
    std::fputs("usage: visema_live_marks SPEECH SECONDS SESSIONS FIRST_PORT FOLDER\n", stderr);
    return 2;
  }
  try {
    return visema::bench::run(argv[1], std::atof(argv[2]), std::atoi(argv[3]), std::atoi(argv[4]),
                              argv[5]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "visema_live_marks: error: %s\n", visema::describe(error).c_str());
    return 1;
  }
}
