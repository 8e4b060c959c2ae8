#!/bin/sh
# Keeps `live-origin restamp` running for a camera.
#
# In: the program, and what `restamp` wants. nginx-rtmp kills this script, not what it started, when the
# camera leaves: `restamp` waits for a while whether it comes back, and the next one for the first to end.
program=$1
shift
while :; do
  "$program" restamp "$@"
  sleep 1
done
