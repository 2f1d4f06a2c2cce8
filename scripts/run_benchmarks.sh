#!/usr/bin/env bash
# Benchmarks of the parts, then of the whole program: 512x512 at 25 frames a second from an enrolled
# avatar, and evaluation of what came out. Everything is printed as a ratio, since absolute times
# belong to the machine.
#
#   scripts/run_benchmarks.sh BUILD_FOLDER
#
# BENCH_MINUTES=10 is the length of the long sound, against 10 seconds of the short one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=$1
minutes=${BENCH_MINUTES:-10}
work=$build/bench-results
mkdir -p "$work"
scripts/setup.sh demo

OMP_WAIT_POLICY=passive "$build/bin/visema_bench" --benchmark_counters_tabular=true

speech=.cache/demo/voice.wav
for name in short long; do
  seconds=$([ $name = short ] && echo 10 || echo $((minutes * 60)))
  ffmpeg -v error -y -stream_loop -1 -i "$speech" -t "$seconds" "$work/$name.wav"
done
visema() { "$build/bin/visema" "$@" --quiet; }
visema enroll --source .cache/demo/astronaut.png --out "$work/demo.avatar"

ffmpeg -v error -y -i "$work/short.wav" -t 0.04 "$work/frame.wav"
before=$(date +%s.%N)
visema render --avatar "$work/demo.avatar" --audio "$work/frame.wav" --out "$work/frame.mp4"
after=$(date +%s.%N)
awk -v a="$before" -v b="$after" \
  'BEGIN { printf "one frame from an avatar, start to end: %.2f s\n", b - a }'

for name in short long; do
  visema render --avatar "$work/demo.avatar" --audio "$work/$name.wav" --out "$work/$name.mp4" \
    --report "$work/$name.json"
done

# The report is printed one field a line; stages hold two numbers each.
figures() {
  awk '
    function number() { return $2 + 0 }
    { gsub(/[",:{}]/, " ") }
    $1 == "frames" && !frames { frames = number() }
    $1 == "realtime_factor" { factor = number() }
    $1 == "peak_rss_bytes" { rss = number() }
    $1 == "precision" { precision = $2 }
    $1 == "threads" { threads = number() }
    $1 == "stages" { inside = 1; next }
    inside && $1 == "source" { inside = 0 }
    inside && NF == 1 { stage = $1 }
    inside && $1 == "seconds" { text = text sprintf("  %s %.2f ms", stage, number() / frames * 1000) }
    END {
      printf "%.2fx real time, %s, %d threads; a frame:%s; peak memory %.0f MB\n",
        factor, precision, threads, text, rss / 1e6
    }' "$1"
}
echo "10 s:       $(figures "$work/short.json")"
echo "$minutes min:     $(figures "$work/long.json")"
memory() { sed -n 's/.*"peak_rss_bytes": \([0-9]*\).*/\1/p' "$1"; }
awk -v s="$(memory "$work/short.json")" -v l="$(memory "$work/long.json")" \
  'BEGIN { printf "memory of the long run / of the short run: %.3f\n", l / s }'

# All measures together, phones and a reference included; the reference is decoded and tracked too.
before=$(date +%s.%N)
visema eval --video "$work/short.mp4" --reference "$work/short.mp4" --syncnet off
after=$(date +%s.%N)
awk -v a="$before" -v b="$after" \
  'BEGIN { printf "eval of 10 s with a reference: %.2fx real time\n", 10 / (b - a) }'
before=$after
visema eval --video "$work/short.mp4" --source .cache/demo/astronaut.png --syncnet off
after=$(date +%s.%N)
awk -v a="$before" -v b="$after" \
  'BEGIN { printf "eval of 10 s without one: %.2fx real time\n", 10 / (b - a) }'
