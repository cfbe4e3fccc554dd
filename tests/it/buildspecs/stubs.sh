#!/bin/sh
# Stands in for the program by whose name it is called: it notes its arguments in $STUBS/log and copies bytes.
#
#   $STUBS/local      the images of this machine's docker: one folder a tag
#   $STUBS/registry   the images that were pushed: one folder a digest, and one file a tag that holds its digest
#   $STUBS/deployed   what is deployed: the truth that every decision is compared with
#
# FAILS: the command that begins so fails before it does anything. BREAKS: it does what it should, and then fails.
# WAITS: it waits until $STUBS/go is there, when it has done half of what it should.
set -u
self=$(basename "$0")
said="$self $*"
printf '%s\n' "$said" >>"$STUBS/log"
starts() { [ -n "$1" ] && case $said in "$1"*) true ;; *) false ;; esac }
if starts "${FAILS:-}"; then echo "$self: this fails" >&2; exit 1; fi

# A name that is one file name.
flat() { printf %s "$1" | tr '/:' '__'; }
copy() { # FROM TO: replaces what was there.
    if starts "${WAITS:-}"; then
        : >"$STUBS/waiting"
        until [ -e "$STUBS/go" ]; do sleep 0.02; done
    fi
    rm -rf "$2" && mkdir -p "$2" && cp -R "$1/." "$2"
}
# The value of an option, wherever it stands: `--tag x` or `--tag=x`.
option() {
    wanted=$1
    shift
    while [ $# -gt 0 ]; do
        case $1 in
            "$wanted") printf %s "$2"; return ;;
            "$wanted"=*) printf %s "${1#*=}"; return ;;
        esac
        shift
    done
}
# The real program fails on an option that it does not have; so does this one on any that no example needs.
only() { # OPTIONS ARGUMENT…: the first is a list
    known=" $1 "
    shift
    for argument; do
        case $argument in
            --*) case $known in *" ${argument%%=*} "*) ;; *) echo "$self: unknown option $argument" >&2; return 1 ;; esac ;;
        esac
    done
}
last() { while [ $# -gt 1 ]; do shift; done; printf %s "$1"; }
# What an image reference stands for: the digest itself, or what a tag points to now.
deploy_image() { # REFERENCE NAME
    case $1 in
        *@sha256:*) image=$STUBS/registry/${1##*@} ;;
        *:placeholder) image=$STUBS/registry/placeholder; mkdir -p "$image" ;;
        *) echo "$self: $1 is no digest" >&2; exit 1 ;;
    esac
    [ -d "$image" ] || { echo "$self: there is no image $1" >&2; exit 1; }
    copy "$image" "$STUBS/deployed/$2"
    printf '%s\n' "$1" >"$STUBS/deployed/$2.image"
}

case ${1:-} in -chdir=*) cd "${1#-chdir=}" && shift ;; esac
case "$self ${1:-} ${2:-}" in
    "docker login "*) only "--username --password-stdin" "$@" && cat >/dev/null ;;
    "docker build "*)
        only "--platform --file --tag" "$@" || exit
        tag=$(option --tag "$@")
        copy "$(last "$@")" "$STUBS/local/$(flat "$tag")"
        # No two builds make the same image.
        echo "$CODEBUILD_BUILD_NUMBER" >"$STUBS/local/$(flat "$tag")/built-by"
        ;;
    "docker push "*)
        digest=sha256:$(cd "$STUBS/local/$(flat "$2")" && find . -type f | sort | xargs sha256sum | sha256sum | cut -c1-64)
        mkdir -p "$STUBS/registry"
        cp -R "$STUBS/local/$(flat "$2")" "$STUBS/registry/$digest"
        printf '%s\n' "$digest" >"$STUBS/registry/$(flat "$2").tag"
        ;;
    "aws ecr get-login-password") echo password ;;
    "aws ecr describe-images")
        only "--repository-name --image-ids --query --output" "$@" || exit
        [ "$(option --query "$@")" = 'imageDetails[0].imageDigest' ] || { echo "$self: the digest alone was meant" >&2; exit 1; }
        tag=$(option --image-ids "$@")
        # What AWS's command line prints where its query finds nothing.
        cat "$STUBS/registry/"*"$(flat "$(option --repository-name "$@"):${tag#imageTag=}").tag" 2>/dev/null || echo None
        ;;
    "aws cloudformation deploy")
        only "--stack-name --template-file --capabilities --no-fail-on-empty-changeset --parameter-overrides" "$@" || exit
        grep -q ThisBuildWasSkipped "$(option --template-file "$@")" && { echo "$self: a parameter has no value" >&2; exit 1; }
        for argument; do
            case $argument in *ImageUri=*) deploy_image "${argument#*=}" "${argument%%=*}" || exit ;; esac
        done
        mkdir -p "$STUBS/deployed/stack" && cp "$(option --template-file "$@")" "$STUBS/deployed/stack/template.yaml"
        ;;
    "aws lambda update-function-code")
        only "--function-name --zip-file --image-uri" "$@" || exit
        name=$(option --function-name "$@")
        zip=$(option --zip-file "$@")
        if [ -n "$zip" ]; then
            copy "${zip#fileb://}" "$STUBS/deployed/$name"
        else
            deploy_image "$(option --image-uri "$@")" "$name"
        fi
        ;;
    "aws lambda wait" | "aws cloudfront create-invalidation") ;;
    "aws s3 sync") target=${4#s3://}; copy "$3" "$STUBS/deployed/${target%/}" ;;
    "aws s3 cp")
        # A folder of the tests is the bucket.
        case $3 in
            s3://*) cp "$STUBS/buckets/${3#s3://}" "$4" ;;
            *) mkdir -p "$STUBS/buckets/$(dirname "${4#s3://}")" && cp "$3" "$STUBS/buckets/${4#s3://}" ;;
        esac
        ;;
    "zip -qr "*) copy "$3" "$2" ;;
    "npm ci "*) mkdir -p node_modules && echo "$CODEBUILD_BUILD_NUMBER" >node_modules/installed ;;
    "npm run build") copy src dist && echo "$CODEBUILD_BUILD_NUMBER" >dist/built-by ;;
    "terraform init "*) ;;
    "terraform apply "*)
        mkdir -p "$STUBS/deployed/terraform" && cp ./*.tf "$STUBS/deployed/terraform"
        for argument; do
            case $argument in
                -var=*_image=*)
                    name=${argument#-var=}
                    for function in api worker; do deploy_image "${name#*=}" "${name%%_image=*}-$function" || exit; done
                    ;;
            esac
        done
        ;;
    "kubectl apply "*) cp "$3" "$STUBS/deployed/" ;;
    "kubectl set image") deploy_image "${4#*=}" "${3#deployment/}" ;;
    "kubectl rollout status") ;;
    *) echo "$self: this stand-in does not know: $*" >&2; exit 1 ;;
esac || exit
if starts "${BREAKS:-}"; then echo "$self: this breaks when it is done" >&2; exit 1; fi
