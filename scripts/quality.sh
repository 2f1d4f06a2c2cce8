#!/usr/bin/env bash
# Tests the ruler, then measures real videos, still ones, ones with a mouth at rest, ones with the
# sound of another, ones by alignment alone and ours in both qualities: the tables of
# docs/quality.md. Takes about an hour on two cores.
#
#   scripts/quality.sh BUILD_FOLDER DATA_FOLDER OUT_FOLDER
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=$1
data=$2
out=$3
list=bench/ruler/validation_clips.txt
[ -d "$data/clips" ] || { echo "$data/clips: no such folder" >&2; exit 3; }
mkdir -p "$out"/{real,still,frozen,shuffled,aligned,light,short,rendered,ruler}

# Videos that are there stay, so that an interrupted run goes on; renderings only while the program
# and its weights are the same.
made_with=$(cat "$build"/lib/libvisema.so "$build"/share/visema/weights/* | sha256sum)
if [ "$(cat "$out/made_with" 2>/dev/null || true)" != "$made_with" ]; then
  rm -f "$out"/{frozen,aligned,light,short,rendered}/*
  printf '%s\n' "$made_with" >"$out/made_with"
fi

render() { "$build/bin/visema" render --fps source --quiet "$@"; }

# A generator that has learned nothing: its last layer says 0, so that the moved references remain.
rm -rf "$out/untrained"
cp -r "$build/share/visema/weights" "$out/untrained"
PYTHONPATH=scripts PYTHONDONTWRITEBYTECODE=1 python3 - "$out/untrained/renderer.safetensors" <<'PYTHON'
import sys

from tensor_file import read, write

about, tensors = read(sys.argv[1])
for name in ("head.weight", "head.bias"):
    dtype, shape, data = tensors[name]
    tensors[name] = dtype, shape, bytes(len(data))
write(sys.argv[1], about, tensors)
PYTHON
mapfile -t clips < <(grep -v '^#' "$list" | cut -f1)
for i in "${!clips[@]}"; do
  clip=$data/${clips[i]}
  name=$(basename "$(dirname "$clip")")-$(basename "$clip")
  other=$data/${clips[(i + 11) % ${#clips[@]}]}
  missing() { [ ! -e "$out/$1/$name" ]; }
  make() {
    ffmpeg -v error -y "${@:2}" "$out/part.mp4"
    mv "$out/part.mp4" "$out/$1/$name"
  }
  if missing real; then make real -i "$clip" -c copy; fi
  if missing still; then
    length=$(ffprobe -v error -show_entries format=duration -of csv=p=0 "$clip")
    make still -i "$clip" -vf loop=loop=-1:size=1 -c:a copy -t "$length"
  fi
  if missing shuffled; then
    make shuffled -i "$clip" -i "$other" -map 0:v -map 1:a -c:v copy -c:a aac -shortest
  fi
  speak() { render --source "$clip" --audio "$clip" --out "$out/$1/$name" "${@:2}"; }
  if missing rendered; then speak rendered; fi
  if missing light; then speak light --quality light; fi
  if missing short; then speak short --look-ahead short; fi
  if missing aligned; then speak aligned --weights "$out/untrained"; fi
  if missing frozen; then
    ffmpeg -v error -y -i "$clip" -vn -af volume=0 "$out/silence.wav"
    render --source "$clip" --audio "$out/silence.wav" --out "$out/silent.mp4"
    make frozen -i "$out/silent.mp4" -i "$clip" -map 0:v -map 1:a -c copy
  fi
done
rm -f "$out"/silence.wav "$out"/silent.mp4

VISEMA_MODELS=$build/share/visema/models VISEMA_WEIGHTS=$build/share/visema/weights \
  "$build/bin/visema_ruler" "$list" "$data" "$out/ruler" >"$out/ruler.md"

# A video that cannot be measured (exit code 3) has its line in the text; the others count.
evaluate() {
  "$build/bin/visema" eval "$@" --report "$out/$system.json" >"$out/$system.txt" || [ $? -eq 3 ]
}
system=real
evaluate --dir "$out/real"
for system in still frozen shuffled aligned light short rendered; do
  evaluate --dir "$out/$system" --reference-dir "$out/real" --html "$out/$system.html"
done

# Column 2 of each text is the mean over the clips; the last text has all measures.
{
  echo '| measure | real | still picture | mouth at rest | sound of another clip | alignment alone | light | short look-ahead | rendered |'
  echo '| --- | --- | --- | --- | --- | --- | --- | --- | --- |'
  awk '$1 ~ /^[a-z]+\.[a-z_]+$/ { value[FILENAME, $1] = $2; if (FILENAME == ARGV[ARGC - 1]) order[++n] = $1 }
       END {
         for (i = 1; i <= n; ++i) {
           row = "| `" order[i] "` |"
           for (f = 1; f < ARGC; ++f)
             row = row " " ((ARGV[f], order[i]) in value ? value[ARGV[f], order[i]] : "-") " |"
           print row
         }
       }' "$out"/real.txt "$out"/still.txt "$out"/frozen.txt "$out"/shuffled.txt \
      "$out"/aligned.txt "$out"/light.txt "$out"/short.txt "$out"/rendered.txt
} >"$out/systems.md"
cat "$out/ruler.md" "$out/systems.md"
