#!/bin/bash
# Makes the bundle that the machines of self-hosted.yaml run: videosphere.tar.gz, some 30 MB.
#
#     examples/aws/bundle.sh [FILE]
#
# On Debian 12 or 13 (or an Ubuntu no younger than 24.04), of the architecture of the machines: the
# program is linked with the C library of where it is built.
set -euo pipefail
file=$(realpath -m "${1:-videosphere.tar.gz}")
cd "$(dirname "$0")/../.."
# Link-time optimisation is for the wasm modules; here it would only take minutes.
CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 cargo build --release --package live-origin
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -p "$folder/bin" "$folder/examples/live-origin"
cp "${CARGO_TARGET_DIR:-target}/release/live-origin" "$folder/bin/"
cp -r examples/live-origin/nginx "$folder/examples/live-origin/"
tar -c --exclude=test --exclude=node_modules -C examples/live-origin vod | tar -x -C "$folder/examples/live-origin"
(cd "$folder/examples/live-origin/vod" && npm ci --omit=dev --no-audit --no-fund --loglevel=error)
cp examples/aws/boot.sh examples/aws/follow.sh "$folder/"
tar -czf "$file" -C "$folder" --owner=0 --group=0 .
echo "$file"
