#!/bin/sh
# Retired; what stands in for it: scripts/RETIRED.md
exec sh "$(dirname -- "$0")/../retired.sh" scripts/platform/kafka.sh \
    "(none)=kafka-install deploy=kafka-install --no-topics=kafka-install+--no-topics --no-ui=kafka-install --no-connect=kafka-install --status=kafka-status" "$@"
