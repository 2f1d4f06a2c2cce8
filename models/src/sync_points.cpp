#include "visema/models/sync_network.h"

namespace visema {

void append_sync_points(const FaceMesh& canonical, std::vector<float>& out) {
  for (const std::uint16_t point : kSyncPointList) {
    out.push_back(canonical[point].x);
    out.push_back(canonical[point].y);
  }
}

}  // namespace visema
