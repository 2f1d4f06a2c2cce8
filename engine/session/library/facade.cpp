#include "visema/session/facade.h"

#include "visema/core/version.h"

const visema::session::Facade* visema_facade() {
  using namespace visema::session;
  static constexpr Facade kFacade = {
      visema::kVersion, &default_model_paths, &require_models, &render,
      &enroll,          &extract_landmarks,   &prepare,        &doctor,
      &to_json};
  return &kFacade;
}
