#!/bin/sh
# Download a model and wait for it: sh download.sh URL MODEL [INTERVAL_S [DEADLINE_S]].
# Exit code 0 when it is there, 1 when it is not.
set -eu

ask_again=3 # how often one asks again, after a failure or a reply that names no job
strange=5   # how many replies of 200 in a row may be something else than a job

url=$1/api/v1/models/download
model=$2
interval=${3:-1}
ends=$(($(date +%s) + ${4:-3600}))

fail() {
  echo "failed: $*" >&2
  exit 1
}

wait_intervals() {
  for _ in $(seq "$1"); do sleep "$interval"; done
  [ "$(date +%s)" -lt "$ends" ] || fail "no end in sight"
}

# field NAME: a text member of the JSON object in $reply, empty when it has none.
field() {
  printf '%s' "$reply" | tr -d '\n' | sed -n "s/.*\"$1\" *: *\"\([^\"]*\)\".*/\1/p"
}

# call CURL_ARGUMENTS: $reply becomes the job; asks again while the server is away, busy, or does
# not answer with one.
call() {
  odd=0
  while :; do
    if reply=$(curl -s --max-time 10 -w '\n%{http_code}' "$@"); then
      code=${reply##*
} reply=${reply%
*}
      status=$(field status)
      if [ "$code" = 200 ] && [ -n "$status" ]; then return; fi # an error can come with 200, too
      case $code in
        200) odd=$((odd + 1)) ;;
        429) ;;
        4*) fail "HTTP $code: $reply" ;;
      esac
      [ "$odd" -lt "$strange" ] || fail "this is no server that downloads: $reply"
    fi
    wait_intervals 1
  done
}

tries=0
while [ "$tries" -le "$ask_again" ]; do
  wait_intervals "$tries"
  tries=$((tries + 1))
  call "$url" -H 'Content-Type: application/json' -d "{\"model\": \"$model\"}"
  if [ "$status" = already_downloaded ]; then
    echo "already downloaded"
    exit 0
  fi
  job_id=$(field job_id)
  if [ -z "$job_id" ]; then
    why="the reply names no job"
    continue
  fi
  while [ "$status" != completed ] && [ "$status" != failed ]; do # a paused job may go on
    wait_intervals 1
    call "$url/status/$job_id"
  done
  if [ "$status" = completed ]; then
    echo "completed: $job_id"
    exit 0
  fi
  why="$job_id has failed"
done
fail "$why, asked for $tries times"
