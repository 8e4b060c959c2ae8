#!/bin/bash
# When names lead to other addresses than last time, tells a unit.
#
#     follow.sh restart|reload UNIT NAME…
#
# A name that cannot be looked up has not changed.
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
if [ ! -e "$known" ]; then
  printf %s "$now" >"$known"
elif [ "$(cat "$known")"$'\n' != "$now" ]; then
  printf %s "$now" >"$known"
  systemctl "$action" "$unit"
fi
