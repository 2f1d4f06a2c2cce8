#!/usr/bin/env bash
# What `visema enroll --adapt` brings: the generator learns a validation clip's first 60 %, then the
# rest of the clip speaks its own sound with it and without it, and both are measured against the
# rest itself: the table of docs/quality.md. Takes half an hour on two cores.
#
#   scripts/quality_adapt.sh BUILD_FOLDER DATA_FOLDER OUT_FOLDER [MINUTES]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=$1
data=$2
out=$3
minutes=${4:-3}
clips=(lab/0004 speakervid/0002 speakervid/0007 voxceleb-b/0003)
mkdir -p "$out"/{first,rest,plain,adapted}
visema=$build/bin/visema

# The weight file inside an avatar, as a file.
generator_of() {
  python3 - "$1" "$2" <<'PYTHON'
import json, struct, sys
with open(sys.argv[1], "rb") as avatar, open(sys.argv[2], "wb") as weights:
    size = struct.unpack("<Q", avatar.read(8))[0]
    begin, end = json.loads(avatar.read(size))["generator"]["data_offsets"]
    avatar.seek(8 + size + begin)
    weights.write(avatar.read(end - begin))
PYTHON
}

# Whether the enrolment of this report kept what it learned: True or False.
kept() {
  python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["adapt"]["kept"])' "$1"
}

for clip in "${clips[@]}"; do
  name=${clip/\//-}
  source=$data/clips/$clip.mp4
  length=$(ffprobe -v error -show_entries format=duration -of csv=p=0 "$source")
  cut=$(awk "BEGIN { printf \"%.2f\", 0.6 * $length }")
  encode=(-c:v libx264 -crf 10 -preset fast -c:a aac)
  [ -e "$out/first/$name.mp4" ] ||
    ffmpeg -v error -y -i "$source" -t "$cut" "${encode[@]}" "$out/first/$name.mp4"
  [ -e "$out/rest/$name.mp4" ] ||
    ffmpeg -v error -y -i "$source" -ss "$cut" "${encode[@]}" "$out/rest/$name.mp4"
  rest=(--source "$out/rest/$name.mp4" --audio "$out/rest/$name.mp4" --fps source --crf 10 --quiet)
  [ -e "$out/plain/$name.mp4" ] || "$visema" render "${rest[@]}" --out "$out/plain/$name.mp4"
  if [ ! -e "$out/adapted/$name.mp4" ]; then
    "$visema" enroll --source "$out/first/$name.mp4" --adapt "$minutes" --out "$out/$name.avatar" \
      --report "$out/$name.json"
    is_kept=$(kept "$out/$name.json")
    if [ "$is_kept" = True ]; then
      mkdir -p "$out/weights-$name"
      cp "$build"/share/visema/weights/speech.safetensors "$out/weights-$name/"
      generator_of "$out/$name.avatar" "$out/weights-$name/renderer.safetensors"
      "$visema" render "${rest[@]}" --weights "$out/weights-$name" --out "$out/adapted/$name.mp4"
    else
      echo "$name: the generator got no better and stays the original"
      cp "$out/plain/$name.mp4" "$out/adapted/$name.mp4"
    fi
  fi
done
for system in plain adapted; do
  "$visema" eval --dir "$out/$system" --reference-dir "$out/rest" \
    --report "$out/$system.json" >"$out/$system.txt"
done
