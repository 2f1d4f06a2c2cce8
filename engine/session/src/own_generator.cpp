#include "own_generator.h"

#include <exception>

#include "presenter.h"
#include "visema/core/error.h"

namespace visema::session {

std::shared_ptr<const Generator> own_generator(const Avatar& avatar,
                                               const PresenterOptions& options,
                                               const PresenterNetworks& networks,
                                               const LogSink& log) {
  if (avatar.generator.empty()) return nullptr;
  const std::string name = options.avatar.string();
  const auto gives_way = [&](const char* whom) {
    if (log) log(LogLevel::kInfo, name + ": its own generator gives way to " + whom);
    return nullptr;
  };
  if (!options.own_generator) return gives_way("the weights that were named");
  try {
    auto own = networks.load(avatar.generator, name);
    if (options.models.quality && own->info().config != networks.generator->info().config)
      return gives_way("the one of the quality that was named");
    return own;
  } catch (const PainterLost&) {
    throw;
  } catch (const Error&) {
    std::throw_with_nested(
        Error(ErrorCode::kInput, name + ": its own generator is not one of this program; enroll "
                                        "the source again with --adapt, or name --weights"));
  }
}

}  // namespace visema::session
