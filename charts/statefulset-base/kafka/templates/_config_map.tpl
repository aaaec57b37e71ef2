{{/* Configuration file of the node. */}}

{{/* Usage: {{ include "kafka.configMap" $node }} */}}
{{- define "kafka.configMap" -}}
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ printf "%s-config" .name | quote }}
  namespace: {{ .root.Release.Namespace | quote }}
  labels:
    {{- include "statefulset.labels" . | nindent 4 }}
data:
  server.properties: |
    {{- include "kafka.serverProperties" . | nindent 4 }}
{{- end -}}

{{/* Usage: {{ include "kafka.serverProperties" $node | nindent 4 }} */}}
{{- define "kafka.serverProperties" -}}
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@localhost:9093
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listeners=PLAINTEXT://:9092,CONTROLLER://:9093,EXTERNAL://:9094
advertised.listeners=PLAINTEXT://{{ .name }}.{{ .root.Release.Namespace }}.svc.cluster.local:9092,EXTERNAL://localhost:9094
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,EXTERNAL:PLAINTEXT
# A folder below the mount: lost+found in the volume's own root would be taken for a broken partition.
log.dirs=/var/lib/kafka/data/log
num.partitions={{ .values.defaultPartitions }}
auto.create.topics.enable={{ .values.autoCreateTopics }}
# One node: nothing can be replicated.
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
# The first consumer of a group would otherwise wait for others that do not come.
group.initial.rebalance.delay.ms=0
{{- end -}}
