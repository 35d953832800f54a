#!/usr/bin/env bash
# usage: image.sh [EXTRA...]. Builds the image with docker or podman where one answers, else with
# buildah as root on a base made here from Debian's packages; starts it and measures it; says what
# is missing when it can do none of these. Environment: BASE, IMAGE, PYTHON, KEEP=1 (buildah's store).
set -euo pipefail
cd "$(dirname "$0")/../.."
IMAGE=${IMAGE:-relief}
VERSION=$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)
REVISION=$(git rev-parse HEAD 2>/dev/null || echo unknown)
ARGS=(--build-arg "VERSION=$VERSION" --build-arg "REVISION=$REVISION" --build-arg "EXTRAS=$*")
[ -z "${BASE:-}" ] || ARGS+=(--build-arg "BASE=$BASE")

say() { printf '%s\n' "$*"; }

for extra in "$@"; do
    [ -f "requirements-$extra.lock" ] && [ "$extra" != dev ] && continue
    offered=$(ls requirements-*.lock | sed -n 's/^requirements-\(.*\)\.lock$/\1/p' | grep -v '^dev$' | xargs)
    say "没有这个附加组件 no such extra: $extra；可选 there are: $offered" >&2
    exit 2
done

with_daemon() { # docker or podman
    "$1" build "${ARGS[@]}" --target relief --tag "$IMAGE:$VERSION" .
    "$1" build "${ARGS[@]}" --target demo --tag "$IMAGE:$VERSION-demo" .
    say "大小 size: $(($("$1" image inspect --format '{{.Size}}' "$IMAGE:$VERSION") / 1000000)) MB"
    # The story with no network at all, its root read-only.
    "$1" run --rm --network none --read-only --tmpfs /tmp "$IMAGE:$VERSION-demo" demo --once | tail -1
    local service state=""
    service=$("$1" run --detach --network none --read-only --tmpfs /tmp "$IMAGE:$VERSION-demo" serve --migrate)
    # shellcheck disable=SC2064  # now: the names are local
    trap "$1 rm --force --volumes $service >/dev/null" EXIT
    for _ in $(seq 60); do
        state=$("$1" inspect --format '{{.State.Health.Status}}' "$service")
        [ "$state" != healthy ] || break
        sleep 1
    done
    say "健康 health: $state"
    [ "$state" = healthy ]
}

if docker version --format '{{.Server.Version}}' >/dev/null 2>&1; then
    with_daemon docker
elif podman info >/dev/null 2>&1; then
    with_daemon podman
elif command -v buildah >/dev/null && command -v debootstrap >/dev/null && [ "$(id -u)" = 0 ]; then
    "${PYTHON:-python3}" -B tools/image/by_buildah.py "$IMAGE:$VERSION" "$*" "${ARGS[@]}"
else
    say '没有可用的镜像构建工具：需要 docker 或 podman（守护进程须在运行），或以 root 运行的 buildah 和 debootstrap（Debian：apt install buildah debootstrap）。' >&2
    say 'Nothing here can build an image: docker or podman whose daemon answers is needed, or buildah and debootstrap as root (Debian: apt install buildah debootstrap).' >&2
    exit 1
fi
