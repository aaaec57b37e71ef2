#!/bin/sh
# Retired; what stands in for it: scripts/RETIRED.md
exec sh "$(dirname -- "$0")/../retired.sh" scripts/platform/port-forward.sh \
    "(none)=port-forward+start --start=port-forward+start --stop=port-forward+stop --status=port-forward+status --argocd=port-forward+start+--only+argocd --grafana=port-forward+start+--only+grafana --prometheus=port-forward+start+--only+prometheus --kafka-ui=port-forward+start+--only+kafka-ui --argo-rollouts=port-forward+start+--only+argo-rollouts" "$@"
