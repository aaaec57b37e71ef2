#!/bin/sh
# Retired; what stands in for it: scripts/RETIRED.md
exec sh "$(dirname -- "$0")/../retired.sh" scripts/platform/monitoring.sh \
    "(none)=deploy-monitoring deploy=deploy-monitoring --status=monitoring-status --port-forward=port-forward" "$@"
