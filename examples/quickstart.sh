#!/bin/sh
# A small monorepo with two services, deployed and skipped with shipmark: no AWS account, no git, nothing left behind.
#
#   sh examples/quickstart.sh            builds shipmark first, with the profile that builds fastest
#   SHIPMARK=/path/to/shipmark sh …      uses that one
#
# Every step is checked: the script ends with status 1 at the first answer that is not the expected one.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
if [ -z "${SHIPMARK:-}" ]; then
    printf 'Building shipmark for a first look: two to three minutes on two cores. The installed program (--release) is smaller and faster.\n'
    (cd "$root" && cargo build --profile quick --locked)
    SHIPMARK=${CARGO_TARGET_DIR:-$root/target}/quick/shipmark
fi
# Settings of a surrounding build would change the answers.
for variable in $(env | sed -n 's/^\(SHIPMARK_[A-Z_]*\|CODEBUILD_[A-Z_]*\|GITHUB_[A-Z_]*\|CI\)=.*/\1/p'); do unset "$variable"; done

monorepo=$(mktemp -d)
trap 'rm -rf "$monorepo"' EXIT
trap 'exit 1' HUP INT TERM
cd "$monorepo"

say() { printf '\n\033[1m# %s\033[0m\n' "$1"; }
show() { printf '$ %s\n' "$1"; }
must() { # WHAT EXPECTED FOUND
    [ "$2" = "$3" ] || { printf 'quickstart: %s: expected `%s`, found `%s`\n' "$1" "$2" "$3" >&2; exit 1; }
}
take() { # COMMAND…: takes the answer into this shell's variables, as a buildspec does
    BUILD_SKIPPED=false
    answer=$("$SHIPMARK" -q "$@") && eval "$answer"
}
deploys() { wc -l <"deployed-$1" | tr -d ' '; }

mkdir -p services/api services/web shared
echo 'print("api 1")' >services/api/main.py
echo '<h1>web 1</h1>' >services/web/index.html
echo '{ "price": 10 }' >shared/prices.json
: >deployed-api && : >deployed-web
cat >shipmark.toml <<'MAP'
project = "quickstart"

[defaults]
exclude = ["deployed-*"]              # written by this example's stand-in for a deploy

[groups]
shared = ["shared/**", "deploy.sh"]

[services.api]
include = ["services/api/**"]
groups = ["shared"]
outputs = { IMAGE_URI = "registry/*" }

[services.web]
include = ["services/web/**"]
groups = ["shared"]
outputs = { IMAGE_URI = "registry/*" }
MAP
# The stand-in for a deploy: it counts its runs, and hands back the image that it would have pushed.
cat >deploy.sh <<'DEPLOY'
echo "deploying $1"
echo deployed >>"deployed-$1"
echo "IMAGE_URI=registry/$1:$(cat services/"$1"/* | cksum | cut -d' ' -f1)" >>"$SHIPMARK_OUTPUTS"
DEPLOY

say 'A monorepo with two services and no git. Nothing was ever deployed, so both must build.'
show 'shipmark plan'
"$SHIPMARK" plan
take plan --format shell
must 'BUILD_SERVICES' 'api web' "$BUILD_SERVICES"
must 'BUILD_REASON_API' never-deployed "$BUILD_REASON_API"

say 'Deploy both. The deploy is recorded only because the command succeeded.'
for service in api web; do
    show "shipmark run $service -- sh deploy.sh $service"
    "$SHIPMARK" run "$service" -- sh deploy.sh "$service"
    must "deploys of $service" 1 "$(deploys "$service")"
done

say 'Decide again: the bytes are those deployed, so both are skipped, and the recorded image comes back.'
show 'shipmark decide api'
"$SHIPMARK" decide api
take decide api
must 'BUILD_SKIPPED' true "$BUILD_SKIPPED"
must 'BUILD_REASON_API' unchanged "$BUILD_REASON_API"
must 'IMAGE_URI' "registry/api:$(cat services/api/* | cksum | cut -d' ' -f1)" "$IMAGE_URI"
show 'shipmark run api -- sh deploy.sh api'
"$SHIPMARK" run api -- sh deploy.sh api
must 'deploys of api' 1 "$(deploys api)"

say 'Change one file of api: api builds, web does not.'
echo 'print("api 2")' >services/api/main.py
show 'shipmark decide'
"$SHIPMARK" decide
take decide
must 'BUILD_SERVICES' api "$BUILD_SERVICES"
must 'BUILD_REASON_API' changed "$BUILD_REASON_API"
must 'BUILD_SKIPPED_WEB' true "$BUILD_SKIPPED_WEB"
show 'shipmark run api -- sh deploy.sh api'
"$SHIPMARK" run api -- sh deploy.sh api
must 'deploys of api' 2 "$(deploys api)"

say 'Change a shared file: both build. A deploy that fails is not recorded, and the service builds again.'
echo '{ "price": 11 }' >shared/prices.json
show 'shipmark run web -- false'
if "$SHIPMARK" run web -- false; then must 'status of a failed deploy' 'not 0' 0; fi
show 'shipmark plan'
"$SHIPMARK" plan
take plan --format shell
must 'BUILD_SERVICES' 'api web' "$BUILD_SERVICES"

say 'Done: every answer was the expected one.'
