#!/bin/sh
# usage: install.sh VENV EXTRA... ("" is what always runs). Wheels only, each by its hash; what lies
# beside this script is taken before the registry. pip itself stays outside of what it fills.
set -eu
venv=$1
shift
[ -x /build/pip/bin/python ] || python3 -m venv /build/pip
[ -x "$venv/bin/python" ] || python3 -m venv --without-pip "$venv"
from=""
for wheel in /build/*.whl; do [ -e "$wheel" ] && from="--no-index --find-links /build" && break; done
for extra in "$@"; do
    lock=/build/requirements${extra:+-$extra}.lock
    # shellcheck disable=SC2086  # two words, or none
    /build/pip/bin/python -m pip --python "$venv/bin/python" install -q --no-cache-dir --no-compile \
        --disable-pip-version-check --no-input --no-deps --only-binary :all: --require-hashes $from -r "$lock"
done
"$venv/bin/python" -m compileall -q --invalidation-mode unchecked-hash "$venv/lib"
for packages in "$venv"/lib/python3*/site-packages; do echo /opt/relief >"$packages/relief.pth"; done
printf '#!%s\nimport sys\n\nfrom app.cli import main\n\nsys.exit(main())\n' "$venv/bin/python" >"$venv/bin/relief"
chmod 755 "$venv/bin/relief"
