#!/bin/bash
# When names lead to other addresses than a unit started with, tells the unit.
#
#     follow.sh note|restart|reload UNIT NAME…
#
# `note` only remembers where they lead, which the unit has done before it looks them up itself: so no
# change falls between. A name that cannot be looked up has not changed.
set -euo pipefail
action=$1 unit=$2
shift 2
known=${RUNTIME:-/run}/$unit.addresses
now=
for name in "$@"; do
  address=$(getent ahostsv4 "$name" | head -n1 | cut -d' ' -f1) || exit 0
  [ -n "$address" ] || exit 0
  now+="$name $address"$'\n'
done
if [ "$action" = note ]; then
  printf %s "$now" >"$known"
elif [ "$(cat "$known" 2>/dev/null)"$'\n' != "$now" ]; then
  systemctl "$action" "$unit"
  # Last, so that a unit which could not be told is told the next time.
  printf %s "$now" >"$known"
fi
