#pragma once

#include <functional>
#include <utility>

#include "visema/pipeline/stage.h"

namespace visema::session {

/// A stage that looks at what passes.
template <typename T>
class Tap {
 public:
  explicit Tap(std::function<void(const T&)> look) : look_(std::move(look)) {}
  void process(T item, const Emit<T>& emit) {
    look_(item);
    emit(std::move(item));
  }
  void finish(const Emit<T>&) {}
  void reset() {}

 private:
  std::function<void(const T&)> look_;
};

}  // namespace visema::session
