#!/usr/bin/env bash
# The figures of docs/batch.md: many short jobs from a few sources.
#
#   bench/batch.sh BUILD_FOLDER
#
# BATCH_JOBS=1000 of BATCH_SECONDS=0.5 each from BATCH_SOURCES=20, and BATCH_PAIR=60 of them by one
# worker and by two, and by two with a painter.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=$(cd "$1" && pwd)
jobs=${BATCH_JOBS:-1000}
sources=${BATCH_SOURCES:-20}
seconds=${BATCH_SECONDS:-0.5}
pair=${BATCH_PAIR:-60}
work=$build/batch-bench
scripts/setup.sh demo
rm -rf "$work"
mkdir -p "$work/sounds"

# The demo's portrait in other lights, and its voice cut into pieces.
for ((i = 0; i < sources; ++i)); do
  ffmpeg -v error -y -i .cache/demo/astronaut.png \
    -vf "eq=brightness=$(awk -v i="$i" 'BEGIN { print i / 50 - 0.2 }')" "$work/face-$i.png"
done
ffmpeg -v error -y -stream_loop -1 -i .cache/demo/voice.wav \
  -t "$(awk -v n="$jobs" -v s="$seconds" 'BEGIN { print n * s }')" \
  -f segment -segment_time "$seconds" "$work/sounds/%05d.wav"
for ((i = 0; i < jobs; ++i)); do
  printf '{"id": "job-%05d", "source": "face-%d.png", "audio": "sounds/%05d.wav"}\n' \
    "$i" $((i % sources)) "$i"
done >"$work/jobs.jsonl"
head -n "$pair" "$work/jobs.jsonl" >"$work/pair.jsonl"

visema() { "$build/bin/visema" "$@"; }
field() { sed -n "s/^ *\"$2\": \([0-9.]*\).*/\1/p" "$1"; }

for workers in 1 2; do
  visema batch "$work/pair.jsonl" --out-dir "$work/pair-$workers" --workers "$workers" \
    --report "$work/pair-$workers.json" --quiet
done
awk -v one="$(field "$work/pair-1.json" wall_seconds)" \
  -v two="$(field "$work/pair-2.json" wall_seconds)" -v n="$pair" \
  'BEGIN { printf "%d jobs: one worker %.1f s, two %.1f s, ratio %.2f\n", n, one, two, one / two }'

visema batch "$work/pair.jsonl" --out-dir "$work/pair-painter" --workers 2 --painter on \
  --report "$work/pair-painter.json" --quiet
awk -v off="$(field "$work/pair-2.json" wall_seconds)" \
  -v on="$(field "$work/pair-painter.json" wall_seconds)" \
  -v pictures="$(field "$work/pair-painter.json" painted_pictures)" \
  -v calls="$(field "$work/pair-painter.json" paint_calls)" -v n="$pair" \
  'BEGIN { printf "%d jobs, two workers: %.1f s, with a painter %.1f s, ratio %.2f; %d pictures in %d calls\n",
      n, off, on, off / on, pictures, calls }'

visema batch "$work/jobs.jsonl" --out-dir "$work/out" --workers 2 --report "$work/batch.json" --quiet
report=$work/batch.json
awk -v n="$jobs" -v wall="$(field "$report" wall_seconds)" -v busy="$(field "$report" busy)" \
  -v enrolments="$(field "$report" enrolments)" -v prepare="$(field "$report" prepare_seconds)" \
  'BEGIN {
    printf "%d jobs: %.1f s before the first, %.1f s for all, %d enrolments\n", n, prepare, wall,
      enrolments
    printf "time of the workers outside their jobs: %.1f %%\n", 100 * (1 - busy)
  }'
memory() { awk -v a="$(field "$1" peak_rss_bytes)" -v b="$(field "$1" peak_worker_rss_bytes)" \
  'BEGIN { printf "%.0f MB batch, %.0f MB largest worker", a / 1e6, b / 1e6 }'; }
echo "peak memory of $pair jobs: $(memory "$work/pair-2.json")"
painter_bytes=$(field "$work/pair-painter.json" peak_painter_rss_bytes)
echo "peak memory of $pair jobs with a painter: $(memory "$work/pair-painter.json")," \
  "$((painter_bytes / 1000000)) MB painter"
echo "peak memory of $jobs jobs: $(memory "$report")"

for what in status "status --json"; do
  before=$(date +%s%N)
  # shellcheck disable=SC2086  # two words
  visema batch $what --out-dir "$work/out" >/dev/null
  echo "batch $what of $jobs jobs: $((($(date +%s%N) - before) / 1000000)) ms"
done
before=$(date +%s%N)
visema batch "$work/jobs.jsonl" --out-dir "$work/out" --resume --quiet
echo "verifying $jobs finished jobs (--resume): $((($(date +%s%N) - before) / 1000000)) ms"
