#include "visema/session/doctor.h"

#include <fstream>
#include <functional>

#include "model_files.h"
#include "visema/core/error.h"
#include "visema/core/version.h"
#include "visema/landmarks/canonical_face.h"
#include "visema/media/probe.h"
#include "visema/models/compute.h"
#include "visema/models/generator_network.h"
#include "visema/models/graph_network.h"
#include "visema/models/speech_encoder.h"
#include "visema/models/speech_network.h"
#include "visema/models/sync_network.h"
#include "visema/models/tensor_file.h"

namespace visema::session {
namespace {

std::string processor_name() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    const auto colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown processor";
}

std::string processor() {
  std::string text = processor_name();
  for (const std::string& feature : processor_features()) text += " " + feature;
  return text;
}

/// Debian's LibTorch takes whatever libblas.so.3 is; the reference one is 10 to 20 times slower.
bool has_reference_blas() {
  std::ifstream maps("/proc/self/maps");
  bool blas = false;
  for (std::string line; std::getline(maps, line);) {
    if (line.find("openblas") != std::string::npos || line.find("libmkl") != std::string::npos ||
        line.find("libblis") != std::string::npos || line.find("libatlas") != std::string::npos)
      return false;
    if (line.find("/libblas.so") != std::string::npos) blas = true;
  }
  return blas;
}

using Loader = std::function<void(const std::filesystem::path&, const Compute&)>;

/// Whatever the engine does with that file when it starts.
Loader loader_of(const std::string& name) {
  if (name == "speech_encoder.safetensors")
    return [](const auto& path, const Compute&) { SpeechEncoder{path}; };
  if (name == "speech.safetensors" || name == "speech-live.safetensors")
    return [](const auto& path, const Compute& compute) { SpeechNetwork(path, compute); };
  if (name == "renderer.safetensors" || name == "renderer-light.safetensors")
    return [](const auto& path, const Compute& compute) { GeneratorNetwork(path, compute); };
  if (name == "sync.safetensors")
    return [](const auto& path, const Compute& compute) { SyncNetwork(path, compute); };
  if (name == "canonical_face.safetensors")
    return [](const auto& path, const Compute&) { CanonicalFace::load(path); };
  return [](const auto& path, const Compute&) { GraphNetwork{path}; };
}

ModelFileStatus examine(const ModelFile& wanted, const ModelPaths& models, const Compute& compute) {
  const auto path = models.*wanted.folder / wanted.name;
  ModelFileStatus status;
  status.name = wanted.name;
  status.path = path.string();
  status.optional = !needs(ModelUse::kRender, wanted);
  std::error_code ignored;
  status.present = std::filesystem::is_regular_file(path, ignored);
  const std::string mend =
      std::string("run `") + wanted.mend + "` in the folder of the source code";
  if (!status.present) {
    status.problem = "missing; " + mend;
    return status;
  }
  try {
    const TensorFile file = TensorFile::open(path);
    status.sha256 = file.sha256();
    const auto fact = [&](const char* key) {
      const auto found = file.metadata().find(key);
      return found == file.metadata().end() ? std::string() : found->second;
    };
    status.network = fact("network");
    status.version = fact("version");
    loader_of(wanted.name)(path, compute);
  } catch (const std::exception& error) {
    status.problem = describe(error) + "; remove it and " + mend;
  }
  return status;
}

}  // namespace

DoctorReport doctor(const ModelPaths& models, const ComputeOptions& compute) {
  const Compute resolved = resolve({compute.device, compute.precision, compute.threads});
  DoctorReport report;
  report.versions = {std::string("visema ") + kVersion, "libtorch " + torch_version()};
  for (std::string& version : libav_versions()) report.versions.push_back(std::move(version));
#if defined(__clang__)
  report.versions.emplace_back("compiler " __VERSION__);
#else
  report.versions.emplace_back("compiler gcc " __VERSION__);
#endif
  report.cpu = processor();
  report.device = name_of(resolved.device);
  report.precision = name_of(resolved.precision);
  report.threads = resolved.threads;
  if (has_reference_blas())
    report.advice.emplace_back(
        "LibTorch uses the reference BLAS, which is 10 to 20 times slower than OpenBLAS; run "
        "`apt-get install libopenblas0-pthread`");
  for (const ModelFile& file : model_files())
    report.files.push_back(examine(file, models, resolved));
  return report;
}

}  // namespace visema::session
