#!/bin/sh
# Retired; what stands in for it: scripts/RETIRED.md
exec sh "$(dirname -- "$0")/../retired.sh" scripts/bootstrap/create-cluster.sh \
    "(none)=k3d-create" "$@"
