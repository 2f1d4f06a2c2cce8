#!/usr/bin/env bash
# Figures of live runs on this machine: from a sound to the encoded picture of the mouth that it
# opens, for one session and more in one process; and how fast a stop shows.
#
#   bench/live.sh FACE SPEECH [STOPS [SESSIONS [SECONDS]]]
#
# FACE: picture or .avatar. SPEECH: sound file; its loudest 0.8 s are sent as marks for SECONDS (60)
# to 1, 2 .. SESSIONS (4) sessions, and it is said and stopped after a second or two, STOPS times
# (20). Ports from PORT (7009) on are used. Programs are taken from build/release.
set -euo pipefail

if [ $# -lt 2 ]; then sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2; fi
face=$(realpath "$1")
speech=$(realpath "$2")
stops=${3:-20}
sessions=${4:-4}
seconds=${5:-60}
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
bin=$root/build/release/bin
port=${PORT:-7009}
folder=$(mktemp -d)
program=
finish() {
  if [ -n "$program" ]; then kill "$program" 2>/dev/null || true; fi
  rm -rf "$folder"
}
trap finish EXIT

if [[ $face == *.avatar ]]; then who=avatar; else who=source; fi

# Starts the program with a control socket and connects to it.
start() {
  "$bin/visema" live "$@" --control "tcp://127.0.0.1:$port" --report "$folder/report.json" --quiet &
  program=$!
  for _ in $(seq 600); do
    if exec 3<>"/dev/tcp/127.0.0.1/$port"; then return; fi 2>/dev/null
    sleep 0.1
  done
  exit 1
}

tell() {
  printf '%s\n' "$1" >&3
  read -r reply <&3 || true
  case $reply in *'"ok":true'*) ;; *) printf 'live.sh: error: %s\n' "$reply" >&2; exit 1 ;; esac
}

end() {
  tell '{"command":"shutdown"}'
  wait "$program"
  program=
  exec 3>&-
}

marks() {
  local count=$1 first=$((port + 1)) i
  for ((i = 0; i < count; ++i)); do
    printf '[sessions.s%d]\n%s = "%s"\n' "$i" "$who" "$face"
    printf 'input = "tcp://127.0.0.1:%d?rate=16000"\n' $((first + 2 * i))
    printf 'to = "udp://127.0.0.1:%d"\n' $((first + 2 * i + 1))
  done >"$folder/sessions.toml"
  start --sessions "$folder/sessions.toml"
  # Sound that comes before a session is live would wait, and add to its delay.
  while tell '{"command":"sessions"}'; do
    case $reply in
      *'"state":"failed"'*) printf 'live.sh: error: %s\n' "$reply" >&2; exit 1 ;;
      *'"frames":0,'*) sleep 0.2 ;;
      *) break ;;
    esac
  done
  local bytes=${reply##*\"rss_bytes\":}
  printf '== %d sessions, %d MiB\n' "$count" $((${bytes%%[^0-9]*} >> 20))
  "$bin/visema_live_marks" "$speech" "$seconds" "$count" "$first" "$folder"
  end
  awk '/^    "s[0-9]+"/ || /"(repeated|late|gaps)":/ { gsub(/[ ",{]/, ""); printf "%s ", $0 } END { print "" }' \
    "$folder/report.json"
}

for ((count = 1; count <= sessions; ++count)); do marks "$count"; done

if ((stops > 0)); then
  start "--$who" "$face" --to "file:$folder/live.mkv"
  for ((i = 0; i < stops; ++i)); do
    tell "{\"command\":\"say\",\"file\":\"$speech\"}"
    sleep "1.$((RANDOM % 10))"
    tell '{"command":"stop"}'
    sleep 0.8
  done
  end
  printf '== %d stops\n' "$stops"
  sed -n -e '/"frames":/,/"wall_seconds"/p' -e '/"latency_ms"/,/^  },/p' "$folder/report.json"
fi
uptime
