#pragma once

#include <span>
#include <string>
#include <vector>

#include "pack_writer.h"

namespace visema::session {

/// Gives every clip without a label a person: clips whose face embeddings lie close together
/// (cosine with the cluster's mean of at least `same_person`) are one. In order, so the result is
/// fixed.
void cluster_unlabelled(std::vector<ClipData>& clips, double same_person = 0.7);

/// Puts about one person in ten into "val", the rest into "train", by a hash of the person's name:
/// the split of a person never changes when clips are added.
void split_by_person(std::vector<ClipData>& clips);

}  // namespace visema::session
