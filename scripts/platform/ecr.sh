#!/bin/sh
# Retired; what stands in for it: scripts/RETIRED.md
exec sh "$(dirname -- "$0")/../retired.sh" scripts/platform/ecr.sh \
    "(none)=ecr-login create=ecr-login --status=ecr-status --delete=ecr-delete" "$@"
