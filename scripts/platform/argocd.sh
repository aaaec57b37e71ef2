#!/bin/sh
# Retired; what stands in for it: scripts/RETIRED.md
exec sh "$(dirname -- "$0")/../retired.sh" scripts/platform/argocd.sh \
    "(none)=argocd-install install=argocd-install --status=argocd-status --password=argocd-password --uninstall=argocd-uninstall" "$@"
