#!/bin/sh
# Retired; what stands in for it: scripts/RETIRED.md
exec sh "$(dirname -- "$0")/../retired.sh" scripts/bootstrap/stop.sh \
    "(none)=k3d-stop" "$@"
