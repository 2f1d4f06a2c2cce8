#include "own_generator.h"

#include <exception>

#include "visema/core/error.h"

namespace visema::session {

std::unique_ptr<const GeneratorNetwork> own_generator(const Avatar& avatar,
                                                      const PresenterOptions& options,
                                                      const Compute& compute, const LogSink& log) {
  if (avatar.generator.empty()) return nullptr;
  const std::string name = options.avatar.string();
  if (!options.own_generator) {
    if (log)
      log(LogLevel::kInfo, name + ": its own generator gives way to the weights that were named");
    return nullptr;
  }
  try {
    return std::make_unique<const GeneratorNetwork>(TensorFile::from_bytes(avatar.generator, name),
                                                    compute);
  } catch (const Error&) {
    std::throw_with_nested(
        Error(ErrorCode::kInput, name + ": its own generator is not one of this program; enroll "
                                        "the source again with --adapt, or name --weights"));
  }
}

}  // namespace visema::session
