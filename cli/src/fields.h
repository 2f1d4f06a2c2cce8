#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "visema/core/config_fields.h"
#include "visema/session/render.h"

namespace visema::cli {

/// "largest", "left", "right" or the number of a face, counted from 0 at the left.
void add_face(ConfigFields& fields, const std::string& name, session::FaceChoice& choice,
              int& index);
/// "25", "30000/1001" or "source".
void add_frame_rate(ConfigFields& fields, const std::string& name, std::string& fps);
/// A number in low..high, or "auto" for `none`.
void add_or_auto(ConfigFields& fields, const std::string& name, int& value, int low, int high,
                 int none, const std::string& help);
/// Bits a second, with k or M for thousands or millions, or "auto" for 0.
void add_bitrate(ConfigFields& fields, const std::string& name, std::int64_t& bitrate);
/// One of a few words.
void add_word(ConfigFields& fields, const std::string& name, std::string& word,
              const std::vector<std::string>& words, const std::string& help);
/// Effort of the x264 encoder.
void add_preset(ConfigFields& fields, const std::string& name, std::string& preset);
/// --source, --avatar.
void add_source(ConfigFields& fields, const std::string& section,
                session::PresenterOptions& presenter);
/// How the face carries itself: --fps, --face and so on, all but the seed.
void add_presenter(ConfigFields& fields, const std::string& section,
                   session::PresenterOptions& presenter);
/// --occlusion: auto, off.
void add_occlusion(ConfigFields& fields, const std::string& name, bool& occlusion);
/// --style: auto, off.
void add_style(ConfigFields& fields, const std::string& name, bool& style);
void add_seed(ConfigFields& fields, const std::string& name, std::uint64_t& seed);
/// What is wrong with them together. `prefix` stands before their names: "--".
std::vector<std::string> problems_of(const session::PresenterOptions& presenter,
                                     const std::string& prefix);
/// --device, --precision, --threads.
void add_compute(ConfigFields& fields, const std::string& section,
                 session::ComputeOptions& compute);
/// --models, --weights.
void add_models(ConfigFields& fields, const std::string& section, session::ModelPaths& models);

/// --quality.
void add_quality(ConfigFields& fields, const std::string& section, session::ModelPaths& models,
                 const std::string& automatic);
/// --look-ahead.
void add_look_ahead(ConfigFields& fields, const std::string& section, session::ModelPaths& models);

/// Folders that were not given become the installation's own.
session::ModelPaths resolve(const session::ModelPaths& given, const session::ModelPaths& installed);
/// The same for a face that speaks: weights that were given come before an adapted avatar's.
void resolve_models(session::PresenterOptions& presenter, const session::ModelPaths& installed);

}  // namespace visema::cli
