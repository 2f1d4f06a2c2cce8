#!/usr/bin/env bash
# Tests the ruler, then measures real videos, still ones, ones with the sound of another and ours;
# the tables of docs/quality.md. Takes about half an hour on two cores.
#
#   scripts/quality.sh BUILD_FOLDER DATA_FOLDER OUT_FOLDER
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=$1
data=$2
out=$3
list=bench/ruler/validation_clips.txt
[ -d "$data/clips" ] || { echo "$data/clips: no such folder" >&2; exit 3; }
mkdir -p "$out"/{real,still,shuffled,rendered,ruler}

# Videos that are there stay, so that an interrupted run goes on.
mapfile -t clips < <(grep -v '^#' "$list")
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
  if missing rendered; then
    "$build/bin/visema" render --source "$clip" --audio "$clip" --fps source \
      --out "$out/rendered/$name" --quiet
  fi
done

VISEMA_MODELS=$build/share/visema/models VISEMA_WEIGHTS=$build/share/visema/weights \
  "$build/bin/visema_ruler" "$list" "$data" "$out/ruler" >"$out/ruler.md"
"$build/bin/visema" eval --dir "$out/real" --report "$out/real.json" >"$out/real.txt"
for system in still shuffled rendered; do
  "$build/bin/visema" eval --dir "$out/$system" --reference-dir "$out/real" \
    --report "$out/$system.json" --html "$out/$system.html" >"$out/$system.txt"
done

# Column 2 of each text is the mean over the clips; the last text has all measures.
{
  echo '| measure | real | still picture | sound of another clip | rendered |'
  echo '| --- | --- | --- | --- | --- |'
  awk '$1 ~ /^[a-z]+\.[a-z_]+$/ { value[FILENAME, $1] = $2; if (FILENAME == ARGV[4]) order[++n] = $1 }
       END {
         for (i = 1; i <= n; ++i) {
           row = "| `" order[i] "` |"
           for (f = 1; f < ARGC; ++f)
             row = row " " ((ARGV[f], order[i]) in value ? value[ARGV[f], order[i]] : "-") " |"
           print row
         }
       }' "$out"/real.txt "$out"/still.txt "$out"/shuffled.txt "$out"/rendered.txt
} >"$out/systems.md"
cat "$out/ruler.md" "$out/systems.md"
