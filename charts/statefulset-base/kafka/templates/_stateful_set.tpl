{{/* The node itself. */}}

{{/* Usage: {{ include "kafka.statefulSet" $node }} */}}
{{- define "kafka.statefulSet" -}}
{{- $v := .values -}}
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: {{ .name | quote }}
  namespace: {{ .root.Release.Namespace | quote }}
  labels:
    {{- include "statefulset.labels" . | nindent 4 }}
spec:
  serviceName: {{ .name | quote }}
  replicas: 1
  selector:
    matchLabels:
      {{- include "statefulset.selectorLabels" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "statefulset.podLabels" . | nindent 8 }}
      annotations:
        # The file is read at start only, so a change must restart the pod.
        checksum/config: {{ include "kafka.serverProperties" . | sha256sum | quote }}
    spec:
      {{- include "statefulset.pod" . | nindent 6 }}
      # The image turns every KAFKA_* variable into a setting; those that Kubernetes derives from a Service named kafka are none.
      enableServiceLinks: false
      terminationGracePeriodSeconds: 60
      securityContext:
        # `appuser` of the image.
        {{- include "statefulset.podSecurity" (dict "user" 1000 "group" 1000) | nindent 8 }}
      containers:
        - name: kafka
          image: {{ printf "%s:%s" $v.image.repository $v.image.tag | quote }}
          imagePullPolicy: {{ $v.image.pullPolicy }}
          ports:
            - name: tcp-kafka
              containerPort: 9092
              protocol: TCP
            - name: tcp-controller
              containerPort: 9093
              protocol: TCP
            - name: tcp-external
              containerPort: 9094
              protocol: TCP
          env:
            - name: CLUSTER_ID
              value: {{ $v.clusterId | quote }}
            - name: KAFKA_HEAP_OPTS
              value: {{ printf "-Xms%s -Xmx%s" $v.heap.min $v.heap.max | quote }}
          startupProbe:
            {{- include "kafka.probe" $v.probes.startup | nindent 12 }}
          livenessProbe:
            {{- include "kafka.probe" $v.probes.liveness | nindent 12 }}
          readinessProbe:
            {{- include "kafka.probe" $v.probes.readiness | nindent 12 }}
          resources:
            {{- toYaml $v.resources | nindent 12 }}
          securityContext:
            {{- include "statefulset.containerSecurity" . | nindent 12 }}
          volumeMounts:
            - name: data
              mountPath: /var/lib/kafka/data
            # The image copies what lies here over its defaults before it starts.
            - name: config
              mountPath: /mnt/shared/config
              readOnly: true
            # Where it writes the configuration that it then runs with.
            - name: effective-config
              mountPath: /opt/kafka/config
            - name: logs
              mountPath: /opt/kafka/logs
            - name: tmp
              mountPath: /tmp
      volumes:
        - name: config
          configMap:
            name: {{ printf "%s-config" .name | quote }}
        - name: effective-config
          emptyDir: {}
        - name: logs
          emptyDir: {}
        - name: tmp
          emptyDir: {}
  volumeClaimTemplates:
    {{- include "statefulset.claim" . | nindent 4 }}
{{- end -}}

{{/* One probe: the client listener accepts connections. The image's own tools would start a second JVM for each check.
Usage: {{ include "kafka.probe" $v.probes.liveness | nindent 12 }} */}}
{{- define "kafka.probe" -}}
tcpSocket:
  port: tcp-kafka
{{ toYaml . }}
{{- end -}}
