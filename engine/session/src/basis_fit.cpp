#include "basis_fit.h"

#include "visema/landmarks/articulation_basis.h"
#include "visema/landmarks/canonical_face.h"

namespace visema::session {

void fit_basis(const std::vector<ClipData>& clips, const ModelPaths& models,
               const std::filesystem::path& out) {
  BasisFitter fitter(CanonicalFace::load(models.models / "canonical_face.safetensors"));
  for (const ClipData& clip : clips) {
    if (!clip.dropped.empty() || clip.split != "train") continue;
    for (std::size_t i = 0; i < clip.mesh.size(); ++i) {
      if (clip.valid[i] == 0) continue;
      FaceMesh offset = clip.mesh[i];
      for (std::size_t k = 0; k < offset.size(); ++k) {
        offset[k].x -= clip.rest[k].x;
        offset[k].y -= clip.rest[k].y;
        offset[k].z -= clip.rest[k].z;
      }
      fitter.add(offset, clip.weight);
    }
  }
  fitter.fit().save(out, {{"visema", "articulation basis, version 1"}});
}

}  // namespace visema::session
