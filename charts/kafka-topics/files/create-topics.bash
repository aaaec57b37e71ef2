#!/bin/bash
# Makes the topics of a list that do not exist yet; those that do are left as they are.
#   create-topics.bash LIST     lines of: NAME PARTITIONS RETENTION_MS
# From the environment: BOOTSTRAP_SERVERS, REPLICATION_FACTOR.
set -euo pipefail

list=$1
existing=/tmp/existing-topics

topics() {
  /opt/kafka/bin/kafka-topics.sh --bootstrap-server "$BOOTSTRAP_SERVERS" "$@" </dev/null
}

# One call answers for all of them; each further one starts a Java machine.
topics --list >"$existing"

kept=0
made=0
while read -r name partitions retention_ms; do
  # The short flags: the grep of this image knows no others.
  if grep -qxF -- "$name" "$existing"; then
    kept=$((kept + 1))
    continue
  fi
  # Another run may have made it since the list was read.
  topics --create --if-not-exists --topic "$name" --partitions "$partitions" \
    --replication-factor "$REPLICATION_FACTOR" --config "retention.ms=$retention_ms"
  made=$((made + 1))
done <"$list"
echo "$made topics made, $kept were there"
