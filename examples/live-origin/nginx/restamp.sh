#!/bin/sh
# Puts the clock of this machine into a stream's time stamps, once, before it forks to the origins.
#
# In: SOURCE and DESTINATION (RTMP), the segment length in milliseconds. Out: the same frames, their
# first time stamp now, so that a camera that comes back goes on later than where it stopped, and
# media sequence numbers, which the origins make of time stamps, never run backwards.
#
# Seconds are counted modulo 2^20 (12 days), because RTMP has 31 usable bits of milliseconds: a
# publication may last 12 days from whenever it began. The start is put into the middle of a
# segment's slot: key frames that come a few milliseconds early or late stay in the right one. By how
# much that is off the time of day the origins measure, for dates (src/playlists/lateness.rs).
set -eu
now=$(( $(date +%s) % 1048576 ))
slot=$3
offset_millis=$(( (now * 1000 + slot - 1) / slot * slot + slot / 2 ))
exec ffmpeg -nostdin -v warning -rw_timeout 15000000 -i "$1" -map 0:v:0 -map '0:a:0?' -c copy \
  -output_ts_offset "${offset_millis}ms" -f flv -flvflags no_duration_filesize "$2"
