#include "visema/core/error.h"

namespace visema {

std::string describe(const std::exception& error) {
  std::string text = error.what();
  try {
    std::rethrow_if_nested(error);
  } catch (const std::exception& cause) {
    text += ": " + describe(cause);
  } catch (...) {
    text += ": unknown cause";
  }
  return text;
}

ErrorCode code_of(const std::exception& error) {
  if (const auto* ours = dynamic_cast<const Error*>(&error)) return ours->code();
  try {
    std::rethrow_if_nested(error);
  } catch (const std::exception& cause) {
    return code_of(cause);
  } catch (...) {
  }
  return ErrorCode::kInternal;
}

}  // namespace visema
