#pragma once

#include "visema/audio/microphone.h"
#include "visema/evaluation/report_writers.h"
#include "visema/evaluation/requirement.h"
#include "visema/session/compact.h"
#include "visema/session/doctor.h"
#include "visema/session/eval.h"
#include "visema/session/import.h"
#include "visema/session/landmarks.h"
#include "visema/session/live.h"
#include "visema/session/live_sessions.h"
#include "visema/session/model.h"
#include "visema/session/painter.h"
#include "visema/session/prepare.h"
#include "visema/session/render.h"
#include "visema/session/renderer.h"

namespace visema::session {

/// The facade as a table, for a program that loads libvisema at run time with dlsym(kFacadeSymbol),
/// as `visema` does so that its help and its usage errors do not wait for LibTorch to load. Only
/// for a program built from the same source: compare `version` with kVersion first.
struct Facade {
  const char* version;
  decltype(&session::default_model_paths) default_model_paths;
  decltype(&session::require_models) require_models;
  decltype(&session::render) render;
  decltype(&session::enroll) enroll;
  decltype(&session::extract_landmarks) extract_landmarks;
  decltype(&session::prepare) prepare;
  decltype(&session::compact) compact;
  decltype(&session::doctor) doctor;
  std::string (*report_json)(const RenderReport&);
  std::string (*enroll_report_json)(const EnrollReport&);
  decltype(&session::live) live;
  decltype(&visema::sound_devices) sound_devices;
  std::string (*live_report_json)(const LiveReport&);
  std::string (*live_status_line)(const LiveReport&);
  decltype(&session::live_problems) live_problems;
  decltype(&session::live_sessions) live_sessions;
  std::string (*live_sessions_report_json)(const LiveSessionsReport&);
  std::string (*live_sessions_status_line)(const LiveSessionsReport&);
  decltype(&session::evaluate) evaluate;
  decltype(&session::eval_pairs) eval_pairs;
  decltype(&session::import_network) import_network;
  decltype(&session::inspect_model) inspect_model;
  decltype(&session::run_model) run_model;
  decltype(&visema::parse_requirement) parse_requirement;
  decltype(&visema::check) check_requirement;
  decltype(&visema::evaluation_json) evaluation_json;
  decltype(&visema::evaluation_table_json) evaluation_table_json;
  decltype(&visema::evaluation_html) evaluation_html;
  decltype(&visema::evaluation_table_html) evaluation_table_html;
  decltype(&visema::evaluation_junit) evaluation_junit;
  decltype(&visema::evaluation_text) evaluation_text;
  decltype(&visema::evaluation_table_text) evaluation_table_text;
  decltype(&session::load_renderer) load_renderer;
  decltype(&session::render_with) render_with;
  decltype(&session::serve_painter) serve_painter;
  decltype(&session::sound_seconds) sound_seconds;
  decltype(&session::render_models_sha256) render_models_sha256;
  decltype(&session::enroll_models_sha256) enroll_models_sha256;
};

inline constexpr const char* kFacadeSymbol = "visema_facade";

}  // namespace visema::session

extern "C" const visema::session::Facade* visema_facade();
