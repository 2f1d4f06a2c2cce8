#include "batch_format.h"

#include "render_fields.h"

namespace visema::cli {
namespace {

using session::RenderOptions;

constexpr std::string_view kSection = "job.";

ConfigFields fields_of(RenderOptions& options) {
  ConfigFields fields;
  add_render_files(fields, "job", options);
  add_render_style(fields, "job", options);
  return fields;
}

}  // namespace

batch::JobFormat job_format(const RenderOptions& defaults, RenderOptions& scratch) {
  batch::JobFormat format;
  format.fields = fields_of(scratch).fields();
  for (ConfigField& field : format.fields) field.name.erase(0, kSection.size());
  format.reset = [&] {
    scratch = defaults;
    if (scratch.preset.empty()) scratch.preset = kDefaultPreset;
  };
  format.problems = [&] { return render_problems(scratch, ""); };
  return format;
}

RenderOptions render_options(const batch::JobOptions& options) {
  RenderOptions result;
  ConfigFields fields = fields_of(result);
  for (const auto& [name, text] : options) fields.set(std::string(kSection) + name, text, "job");
  return result;
}

}  // namespace visema::cli
