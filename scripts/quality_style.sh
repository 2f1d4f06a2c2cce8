#!/usr/bin/env bash
# What a learned speaking style brings to speech that it was not learned from: it is learned from a
# validation clip's first half, then the second half speaks its own sound without and with it, and
# both are measured against the second half itself: the table of docs/adr/0025. Takes three
# minutes on two cores.
#
#   scripts/quality_style.sh BUILD_FOLDER DATA_FOLDER OUT_FOLDER
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=$1
data=$2
out=$3
seconds=16 # of a clip, at most
clips=(edtalk/0001 lab/0004 multivsr/0003 speakervid/0002 speakervid/0007 voxceleb-b/0003
  voxceleb-b/0004 voxceleb-b/0007)
mkdir -p "$out"/{first,rest,plain,styled}
visema=$build/bin/visema

# Avatars that play the second half of a clip (the second file) and know of its face what the first
# half shows (the first file): rest face and mouths, in the third file without the style, in the
# fourth with it.
transplant() {
  PYTHONPATH=scripts PYTHONDONTWRITEBYTECODE=1 python3 - "$@" <<'PYTHON'
import json, sys

from tensor_file import read, write

first, first_tensors = read(sys.argv[1])
about, tensors = read(sys.argv[2])
style = json.loads(first["avatar"]).get("style")
if style is None:
    sys.exit(sys.argv[1] + ": has no style")
for name in ("rest", "speech_references"):
    tensors[name] = first_tensors[name]
write(sys.argv[3], about, tensors)
about["avatar"] = json.dumps({**json.loads(about["avatar"]), "style": style})
tensors["style.posture"] = first_tensors["style.posture"]
write(sys.argv[4], about, tensors)
print(sys.argv[1], "articulation", style["articulation"])
PYTHON
}

for clip in "${clips[@]}"; do
  name=${clip/\//-}
  source=$data/clips/$clip.mp4
  length=$(ffprobe -v error -show_entries format=duration -of csv=p=0 "$source")
  half=$(awk "BEGIN { l = $length < $seconds ? $length : $seconds; printf \"%.2f\", l / 2 }")
  encode=(-c:v libx264 -crf 10 -preset fast -c:a aac)
  ffmpeg -v error -y -i "$source" -t "$half" "${encode[@]}" "$out/first/$name.mp4"
  ffmpeg -v error -y -ss "$half" -i "$source" -t "$half" "${encode[@]}" "$out/rest/$name.mp4"
  "$visema" enroll --quiet --source "$out/first/$name.mp4" --out "$out/first/$name.avatar"
  "$visema" enroll --quiet --style off --source "$out/rest/$name.mp4" --out "$out/rest/$name.avatar"
  transplant "$out"/{first,rest,plain,styled}/"$name.avatar"
  for system in plain styled; do
    style=auto
    [ "$system" = styled ] || style=off
    "$visema" render --quiet --style "$style" --avatar "$out/$system/$name.avatar" \
      --audio "$out/rest/$name.mp4" --fps source --crf 10 --out "$out/$system/$name.mp4"
    rm "$out/$system/$name.avatar"
  done
done
for system in plain styled; do
  "$visema" eval --dir "$out/$system" --reference-dir "$out/rest" \
    --report "$out/$system.json" >"$out/$system.txt"
done
