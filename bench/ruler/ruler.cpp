// Tests the measures of `visema eval` on clips whose truth is known and prints what it finds as
// Markdown: docs/quality.md.
//
//   visema_ruler CLIP_LIST DATA_FOLDER WORK_FOLDER [sync|mouths|identity]...
//
// CLIP_LIST names one clip a line, relative to DATA_FOLDER, and after a tab its person; # begins a
// comment. WORK_FOLDER gets trials.tsv with every single trial.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <string>

#include "articulation.h"
#include "statistics.h"
#include "trials.h"
#include "visema/core/error.h"
#include "visema/evaluation/sync_score.h"

namespace visema::ruler {
namespace {

std::vector<RulerClip> read_list(const std::filesystem::path& list,
                                 const std::filesystem::path& data) {
  std::ifstream file(list);
  if (!file) throw Error(ErrorCode::kInput, list.string() + ": cannot be read");
  std::vector<RulerClip> clips;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    const auto tab = line.find('\t');
    if (tab == std::string::npos)
      throw Error(ErrorCode::kInput,
                  list.string() + ": " + line + ": a tab and a person must follow");
    clips.push_back({data / line.substr(0, tab), line.substr(tab + 1)});
  }
  return clips;
}

bool in_sync(const SyncTrial& trial) {
  return trial.measured && std::abs(trial.offset) <= 1 && trial.margin >= kInSyncMargin;
}

void print_offsets(const std::vector<ClipTrials>& clips) {
  std::puts(
      "\n| clips of | clips | offset of the file itself, frames | shift found to +-1 of it |");
  std::puts("| --- | --- | --- | --- |");
  std::map<std::string, std::vector<const ClipTrials*>> sources;
  for (const ClipTrials& clip : clips) sources[clip.source].push_back(&clip);
  double right = 0, tried = 0, absolute = 0, zero = 0;
  for (const auto& [source, members] : sources) {
    std::string offsets;
    double good = 0, all = 0;
    for (const ClipTrials* clip : members) {
      offsets += (offsets.empty() ? "" : ", ") + std::to_string(clip->own.offset);
      zero += std::abs(clip->own.offset) <= 1 ? 1 : 0;
      for (std::size_t k = 0; k < clip->shifted.size(); ++k) {
        const SyncTrial& trial = clip->shifted[k];
        ++all;
        absolute += trial.measured && std::abs(trial.offset - kShifts[k]) <= 1 ? 1 : 0;
        good += trial.measured && std::abs(trial.offset - clip->own.offset - kShifts[k]) <= 1;
      }
    }
    std::printf("| %s | %zu | %s | %.0f %% |\n", source.c_str(), members.size(), offsets.c_str(),
                100 * good / all);
    right += good;
    tried += all;
  }
  const double n = static_cast<double>(clips.size());
  std::printf("| all | %zu | within +-1 of 0: %.0f %% | %.1f %% |\n", clips.size(), 100 * zero / n,
              100 * right / tried);
  std::printf("\nShift found to +-1 of the shift alone, as if every file were in sync: %.1f %%.\n",
              100 * absolute / tried);
}

/// Own sounds against those of other clips, where `seconds` of speech were compared.
void print_separation(const std::vector<ClipTrials>& clips, double seconds) {
  std::vector<SyncTrial> own, other;
  const auto put = [&](const SyncTrial& trial, auto& trials) {
    if (trial.measured && trial.seconds >= seconds) trials.push_back(trial);
  };
  for (const ClipTrials& clip : clips) {
    put(clip.own, own);
    for (const SyncTrial& trial : clip.other) put(trial, other);
  }
  const auto area = [&](double SyncTrial::*score) {
    std::vector<double> in, out;
    for (const SyncTrial& trial : own) in.push_back(trial.*score);
    for (const SyncTrial& trial : other) out.push_back(trial.*score);
    return area_under_curve(in, out);
  };
  std::printf(
      "| own against another person's sound, at least %.1f s of speech: %zu clips, %zu pairs |",
      seconds, own.size(), other.size());
  std::printf(" AUC %.3f by `sync.evidence`, %.3f by `sync.margin`, %.3f by `sync.confidence` |\n",
              area(&SyncTrial::evidence), area(&SyncTrial::margin), area(&SyncTrial::confidence));
}

void print_verdicts(const std::vector<ClipTrials>& clips) {
  std::vector<double> own, still;
  for (const ClipTrials& clip : clips) {
    if (clip.own.measured) own.push_back(clip.own.margin);
    if (clip.still.measured) still.push_back(clip.still.margin);
  }
  std::printf("| own sound against a still picture | AUC %.3f by `sync.margin` |\n",
              area_under_curve(own, still));
  const auto share = [&](const auto& take) {
    double yes = 0, all = 0;
    for (const ClipTrials& clip : clips) take(clip, yes, all);
    return 100 * yes / all;
  };
  std::printf("| `IsInSync()` holds: own sound, files out of sync included | %.0f %% |\n",
              share([](const ClipTrials& c, double& yes, double& all) {
                yes += in_sync(c.own);
                ++all;
              }));
  std::printf("| `IsInSync()` holds: another clip's sound | %.0f %% |\n",
              share([](const ClipTrials& c, double& yes, double& all) {
                for (const SyncTrial& t : c.other) {
                  yes += in_sync(t);
                  ++all;
                }
              }));
  std::printf("| `IsInSync()` holds: sound shifted by 2 to 11 frames | %.0f %% |\n",
              share([](const ClipTrials& c, double& yes, double& all) {
                for (const SyncTrial& t : c.shifted) {
                  yes += in_sync(t);
                  ++all;
                }
              }));
  std::printf("| `IsInSync()` holds: a still picture | %.0f %% |\n",
              share([](const ClipTrials& c, double& yes, double& all) {
                yes += in_sync(c.still);
                ++all;
              }));
}

bool all_measured(const ClipTrials& clip) {
  const auto measured = [](const SyncTrial& trial) { return trial.measured; };
  return clip.own.measured && clip.still.measured &&
         std::all_of(clip.noisy.begin(), clip.noisy.end(), measured) &&
         std::all_of(clip.frozen.begin(), clip.frozen.end(), measured);
}

/// Over the clips in which every step of both ladders can be measured.
void print_fall(const std::vector<ClipTrials>& all) {
  std::vector<ClipTrials> clips;
  std::copy_if(all.begin(), all.end(), std::back_inserter(clips), all_measured);
  const auto mean_of = [&](const auto& take) {
    std::vector<double> values;
    for (const ClipTrials& clip : clips) values.push_back(take(clip).confidence);
    return mean(values);
  };
  const double own = mean_of([](const ClipTrials& c) { return c.own; });
  std::printf("\n%zu clips:\n\n| white noise | none |", clips.size());
  for (const double snr : kNoise) std::printf(" %.0f dB |", snr);
  std::printf("\n| --- | --- |");
  for (std::size_t i = 0; i < std::size(kNoise); ++i) std::printf(" --- |");
  std::printf("\n| mean `sync.confidence` | %.3f |", own);
  for (std::size_t i = 0; i < std::size(kNoise); ++i)
    std::printf(" %.3f |", mean_of([&](const ClipTrials& c) { return c.noisy[i]; }));
  std::printf("\n\n| picture stands still | never |");
  for (const double share : kFrozen) std::printf(" %.0f %% of each second |", 100 * share);
  std::printf(" always |\n| --- | --- |");
  for (std::size_t i = 0; i <= std::size(kFrozen); ++i) std::printf(" --- |");
  std::printf("\n| mean `sync.confidence` | %.3f |", own);
  for (std::size_t i = 0; i < std::size(kFrozen); ++i)
    std::printf(" %.3f |", mean_of([&](const ClipTrials& c) { return c.frozen[i]; }));
  std::printf(" %.3f |\n", mean_of([](const ClipTrials& c) { return c.still; }));
}

void print_mouths(const std::vector<ClipTrials>& clips) {
  std::puts("\n| mouth | open in silence | p, b, m closed | closure contrast |");
  std::puts("| --- | --- | --- | --- |");
  for (const Articulation& a : rank_mouths(clips))
    std::printf("| %s | %.1f %% | %.1f %% | %.3f |\n", a.mouth.c_str(), a.open_in_silence_percent,
                a.closed_percent, a.contrast);
}

void print_identity(const std::vector<ClipTrials>& clips, const session::ModelPaths& models) {
  const IdentityAuc auc = separate_persons(clips, models);
  std::printf("\n| embedding | pairs of one person, of two | AUC |\n| --- | --- | --- |\n");
  std::printf("| faceres (`identity.mean`) | %zu, %zu | %.4f |\n", auc.same, auc.other, auc.first);
  std::printf("| mobileface (`identity.second_mean`) | %zu, %zu | %.4f |\n", auc.same, auc.other,
              auc.second);
}

/// One line a trial: clip, what was tried, offset, confidence, margin, evidence,
/// seconds, distances by shift.
void write_trials(const std::vector<ClipTrials>& clips, const std::filesystem::path& path) {
  std::ofstream file(path);
  for (const ClipTrials& clip : clips) {
    const auto put = [&](const std::string& tried, const SyncTrial& trial) {
      if (!trial.measured) return;
      file << clip.source << '/' << clip.path.stem().string() << '\t' << tried << '\t'
           << trial.offset << '\t' << trial.confidence << '\t' << trial.margin << '\t'
           << trial.evidence << '\t' << trial.seconds;
      for (const double d : trial.distance) file << '\t' << d;
      file << '\n';
    };
    put("own", clip.own);
    put("still", clip.still);
    for (const auto& trial : clip.other) put("other", trial);
    for (std::size_t i = 0; i < clip.shifted.size(); ++i)
      put("shift " + std::to_string(kShifts[i]), clip.shifted[i]);
  }
}

int run(const std::vector<std::string>& arguments) {
  if (arguments.size() < 3)
    throw Error(ErrorCode::kUsage,
                "usage: visema_ruler CLIP_LIST DATA_FOLDER WORK_FOLDER [sync|mouths|identity]...");
  const std::set<std::string> tables(arguments.begin() + 3, arguments.end());
  const auto wants = [&](const char* table) { return tables.empty() || tables.contains(table); };
  const auto models = session::default_model_paths();
  const auto clips =
      run_trials(read_list(arguments[0], arguments[1]), models, arguments[2], wants("sync"));
  if (wants("sync")) {
    write_trials(clips, std::filesystem::path(arguments[2]) / "trials.tsv");
    print_offsets(clips);
    std::printf("\n| question | answer |\n| --- | --- |\n");
    print_separation(clips, 1);
    print_separation(clips, 0.4);
    print_verdicts(clips);
    print_fall(clips);
  }
  if (wants("mouths")) print_mouths(clips);
  if (wants("identity")) print_identity(clips, models);
  return 0;
}

}  // namespace
}  // namespace visema::ruler

int main(int argc, char** argv) {
  try {
    return visema::ruler::run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "visema_ruler: %s\n", visema::describe(error).c_str());
    return static_cast<int>(visema::code_of(error));
  }
}
