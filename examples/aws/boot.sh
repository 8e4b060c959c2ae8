#!/bin/bash
# Makes a bare Debian 13 one part of the stage, with the configuration of examples/live-origin.
#
#     boot.sh ingest|primary|backup|edge|worker
#
# In: /etc/videosphere/env, written by the user data of self-hosted.yaml; the bundle (bundle.sh)
# unpacked where this lies. Out: packages, a user, systemd units that start the part, start it again
# when it ends, and end it with the machine. Run twice, it changes nothing: who runs it tries again
# when it fails. It opens no port that the security groups do not know, and keeps no secret outside
# /var/lib/videosphere.
#
# ROOT puts every file it writes elsewhere: for its test.
set -euo pipefail

role=${1:?boot.sh wants a role: ingest, primary, backup, edge or worker}
root=${ROOT:-}
here=$(cd "$(dirname "$0")" && pwd)
state=$root/var/lib/videosphere
units=$root/etc/systemd/system
env_file=$root/etc/videosphere/env
program=$here/bin/live-origin
export DEBIAN_FRONTEND=noninteractive VIDEOSPHERE_ROOT=$here

set -a
# shellcheck disable=SC1090
. "$env_file"
set +a

say() { echo "▸ $*"; }

# A machine that has just started updates itself, and holds the lock meanwhile.
apt_install() { apt-get -o DPkg::Lock::Timeout=300 install --yes --no-install-recommends "$@"; }

install_packages() {
  local packages=(ca-certificates curl awscli)
  case $role in
    ingest) packages+=(nginx libnginx-mod-rtmp ffmpeg nodejs) ;;
    primary | backup) packages+=(nginx libnginx-mod-rtmp ffmpeg) ;;
    edge) packages+=(nginx libnginx-mod-rtmp) ;;
    worker) packages+=(ffmpeg nodejs) ;;
  esac
  say "installing ${packages[*]}"
  apt_install "${packages[@]}"
  # Debian starts a server of its own.
  systemctl disable --now nginx 2>/dev/null || true
}

# Session Manager, for whoever has the right to it: a shell, and ports, without one open. Debian has
# no package of the agent; a machine that goes without does its work all the same.
install_agent() {
  if dpkg --status amazon-ssm-agent >/dev/null 2>&1; then return; fi
  local deb url
  deb=$(mktemp --suffix=.deb)
  url=https://s3.$AWS_REGION.amazonaws.com/amazon-ssm-$AWS_REGION/latest/debian_$(dpkg --print-architecture)
  if ! { curl -fsS --retry 3 -o "$deb" "$url/amazon-ssm-agent.deb" && apt_install "$deb"; }; then
    say "there is no Session Manager on this machine"
  fi
  rm -f "$deb"
}

make_user() {
  id videosphere >/dev/null 2>&1 || useradd --system --home-dir "$state" --shell /usr/sbin/nologin videosphere
  mkdir -p "$state/nginx" "$state/work" "$units"
  chown -R videosphere: "$state"
  chmod 700 "$state"
  chown root:videosphere "$env_file"
  chmod 640 "$env_file"
}

instance_id() {
  local token metadata=http://169.254.169.254/latest
  token=$(curl -sfS -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' $metadata/api/token)
  curl -sfS -H "X-aws-ec2-metadata-token: $token" $metadata/meta-data/instance-id
}

# Takes the elastic address of this part from whoever had it.
claim_address() {
  local id
  id=$(instance_id)
  say "claiming $ADDRESS for $id"
  aws ec2 associate-address --allocation-id "$ADDRESS" --instance-id "$id" --allow-reassociation
}

# The public name of an elastic address: inside the network it leads to the private address.
name_of() {
  local domain=$AWS_REGION.compute.amazonaws.com
  if [ "$AWS_REGION" = us-east-1 ]; then domain=compute-1.amazonaws.com; fi
  echo "ec2-${1//./-}.$domain"
}

as_user() { runuser -u videosphere -- env VIDEOSPHERE_ROOT="$here" "$@"; }

# unit NAME COMMAND [LINE…]: a service that is there as long as the machine is. Without the limit of
# starts it would stay down after five failures within ten seconds.
unit() {
  local name=$1 command=$2
  shift 2
  {
    printf '%s\n' '[Unit]' "Description=videosphere: $name" 'Wants=network-online.target' \
      'After=network-online.target' 'StartLimitIntervalSec=0' '[Service]' 'User=videosphere' "EnvironmentFile=$env_file" \
      "Environment=VIDEOSPHERE_ROOT=$here" "ExecStart=$command" 'Restart=always' 'RestartSec=1' \
      'LimitNOFILE=65536' "$@" '[Install]' 'WantedBy=multi-user.target'
  } >"$units/videosphere-$name.service"
  systemctl daemon-reload
  systemctl enable --now "videosphere-$name"
}

# every SECONDS NAME COMMAND USER: a small job, again and again.
every() {
  printf '%s\n' '[Unit]' "Description=videosphere: $2" '[Service]' 'Type=oneshot' "User=$4" \
    "EnvironmentFile=$env_file" "ExecStart=$3" >"$units/videosphere-$2.service"
  printf '%s\n' '[Unit]' "Description=videosphere: $2" '[Timer]' "OnBootSec=$1" \
    "OnUnitInactiveSec=$1" 'AccuracySec=1s' '[Install]' 'WantedBy=timers.target' \
    >"$units/videosphere-$2.timer"
  systemctl daemon-reload
  systemctl enable --now "videosphere-$2.timer"
}

# ready URL RESOURCE: waits until the part answers there, then tells CloudFormation, which waits for it
# while it makes the stack. Later it does not, and refuses to hear it.
ready() {
  local id
  curl -fsS --retry 60 --retry-delay 1 --retry-all-errors --max-time 5 -o /dev/null "$1"
  id=$(instance_id)
  aws cloudformation signal-resource --stack-name "$STACK" --logical-resource-id "$2" \
    --unique-id "$id" --status SUCCESS || say "no stack is being made"
}

# A name is looked up once, at the start. When an origin is replaced, its name leads elsewhere: what a
# unit starts with is noted before, and compared from then on.
note() { echo "ExecStartPre=+-$here/follow.sh note $*"; }
follow() { every 10 follow "$here/follow.sh $*" root; }

# nginx_unit [NAME…]: with the names in its configuration.
nginx_unit() {
  # shellcheck disable=SC2016 # systemd's
  unit nginx "/usr/sbin/nginx -p $state/nginx -c $state/nginx/nginx.conf" \
    'ExecReload=/bin/kill -HUP $MAINPID' 'KillMode=mixed' ${1:+"$(note videosphere-nginx "$@")"}
  # Logs begin anew before they fill the disk: where they are, as all that write there append.
  every 300 trim "/usr/bin/find $state/nginx -maxdepth 1 -name *.log -size +100M -exec /usr/bin/truncate -s 0 {} +" videosphere
}

install_packages
install_agent
make_user

case $role in
  ingest)
    claim_address
    primary=${PRIMARY:-$(name_of "$PRIMARY_ADDRESS")} backup=${BACKUP:-$(name_of "$BACKUP_ADDRESS")}
    (
      umask 077
      aws secretsmanager get-secret-value --secret-id "$PUBLISH_KEY_SECRET" --query SecretString \
        --output text >"$state/key"
    )
    chown videosphere: "$state/key"
    upload="/usr/bin/node --env-file=$env_file $here/examples/live-origin/vod/upload.mjs"
    as_user "$program" configure ingest --dir "$state/nginx" --primary "$primary" \
      --backup "$backup" --key-file "$state/key" --upload "$upload"
    nginx_unit "$primary" "$backup"
    # What a crash left behind; nginx hands over the rest itself.
    every 300 sweep "$upload --folder $state/nginx/recordings --idle 120" videosphere
    # A publisher's session keeps the old addresses over a reload, so nginx is started anew.
    follow restart videosphere-nginx "$primary" "$backup"
    ready http://127.0.0.1:8082/stat.xml Ingest
    ;;
  primary | backup)
    claim_address
    peer=${PEER:-$(name_of "$PEER_ADDRESS")}
    rungs=$(as_user "$program" configure "$role" --dir "$state/nginx" --ingest "$INGEST_RANGE" --ladder "$LADDER")
    nginx_unit
    unit playlists "/bin/sh -c 'exec $program playlists --listen 127.0.0.1:8081 --hls $state/nginx/hls --rungs $rungs --peer \$\$(getent ahostsv4 $peer | cut -d\" \" -f1 | head -n1):8080'" \
      "$(note videosphere-playlists "$peer")"
    follow restart videosphere-playlists "$peer"
    ready http://127.0.0.1:8080/playlists.json "${role^}"
    ;;
  edge)
    primary=${PRIMARY:-$(name_of "$PRIMARY_ADDRESS")} backup=${BACKUP:-$(name_of "$BACKUP_ADDRESS")}
    as_user "$program" configure edge --dir "$state/nginx" --primary "$primary" --backup "$backup"
    nginx_unit "$primary" "$backup"
    follow reload videosphere-nginx "$primary" "$backup"
    ready http://127.0.0.1:8080/health Edges
    ;;
  worker)
    # A job at work goes back to the queue within this time, also when AWS takes a spot instance.
    unit worker "/usr/bin/node $here/examples/live-origin/vod/worker.mjs" \
      "Environment=VOD_WORK_FOLDER=$state/work" 'KillMode=mixed' 'TimeoutStopSec=15'
    ;;
  *)
    echo "there is no role $role" >&2
    exit 2
    ;;
esac
say "this is $role now"
