#pragma once

#include <concepts>
#include <functional>
#include <utility>

namespace visema {

/// Hands one item to whatever follows. Throws when the run has been stopped: let it pass.
template <typename Out>
using Emit = std::function<void(Out)>;

/// One step of the way from sound to picture. It knows no thread, clock, queue or mode; what it
/// emits does not depend on how its input was cut. After finish only reset may follow.
template <typename S, typename In, typename Out>
concept Stage = requires(S stage, In in, const Emit<Out>& emit) {
  stage.process(std::move(in), emit);
  stage.finish(emit);
  stage.reset();
};

}  // namespace visema
