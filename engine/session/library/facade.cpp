#include "visema/session/facade.h"

#include "visema/core/version.h"

const visema::session::Facade* visema_facade() {
  using namespace visema::session;
  static constexpr Facade kFacade = {visema::kVersion,
                                     &default_model_paths,
                                     &require_models,
                                     &render,
                                     &enroll,
                                     &extract_landmarks,
                                     &prepare,
                                     &compact,
                                     &doctor,
                                     &to_json,
                                     &to_json,
                                     &live,
                                     &visema::sound_devices,
                                     &to_json,
                                     &status_line,
                                     &live_problems,
                                     &live_sessions,
                                     &to_json,
                                     &status_line,
                                     &evaluate,
                                     &eval_pairs,
                                     &import_network,
                                     &inspect_model,
                                     &run_model,
                                     &visema::parse_requirement,
                                     &visema::check,
                                     &visema::evaluation_json,
                                     &visema::evaluation_table_json,
                                     &visema::evaluation_html,
                                     &visema::evaluation_table_html,
                                     &visema::evaluation_junit,
                                     &visema::evaluation_text,
                                     &visema::evaluation_table_text,
                                     &load_renderer,
                                     &render_with,
                                     &serve_painter,
                                     &sound_seconds,
                                     &render_models_sha256,
                                     &enroll_models_sha256};
  return &kFacade;
}
