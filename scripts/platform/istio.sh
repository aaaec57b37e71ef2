#!/bin/sh
# Retired; what stands in for it: scripts/RETIRED.md
exec sh "$(dirname -- "$0")/../retired.sh" scripts/platform/istio.sh \
    "(none)=istio-install install=istio-install --uninstall=istio-uninstall --status=istio-status" "$@"
