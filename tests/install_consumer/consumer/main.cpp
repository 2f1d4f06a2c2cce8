// A program of somebody else that uses the installed library.
#include <visema/core/error.h>
#include <visema/core/version.h>
#include <visema/landmarks/avatar.h>
#include <visema/session/doctor.h>
#include <visema/session/render.h>

#include <iostream>

int main() {
  const visema::session::ModelPaths models = visema::session::default_model_paths();
  std::cout << "visema " << visema::kVersion << ", networks in " << models.models << '\n';
  for (const auto& version : visema::session::doctor(models).versions) std::cout << version << '\n';

  visema::session::RenderOptions options;
  options.avatar = "missing.avatar";
  options.fps = "30000/1001";
  if (visema::parse_frame_rate(options.fps) != visema::Rational{30000, 1001}) return 1;
  try {
    visema::load_avatar(options.avatar);
  } catch (const visema::Error& error) {
    std::cout << visema::describe(error) << '\n';
    return error.code() == visema::ErrorCode::kInput ? 0 : 1;
  }
  return 1;
}
