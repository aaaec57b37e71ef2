#!/bin/sh
# Retired; what stands in for it: scripts/RETIRED.md
exec sh "$(dirname -- "$0")/../retired.sh" scripts/bootstrap/dev.sh \
    "(none)=dev-init init=dev-init --up=dev-up --start=dev-up --down=dev-down --stop=dev-down --destroy=dev-clean --status=dev-status" "$@"
