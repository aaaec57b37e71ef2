#!/bin/sh
# Retired; what stands in for it: scripts/RETIRED.md
exec sh "$(dirname -- "$0")/../scripts/retired.sh" charts/build-dependencies.sh \
    "(none)=helm-build" "$@"
