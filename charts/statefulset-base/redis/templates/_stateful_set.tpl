{{/* The server itself. */}}

{{/* Usage: {{ include "redis.statefulSet" $server }} */}}
{{- define "redis.statefulSet" -}}
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
        checksum/config: {{ include "redis.conf" . | sha256sum | quote }}
    spec:
      {{- include "statefulset.pod" . | nindent 6 }}
      enableServiceLinks: false
      terminationGracePeriodSeconds: 30
      securityContext:
        # `redis` of the Alpine image, whose group has another number.
        {{- include "statefulset.podSecurity" (dict "user" 999 "group" 1000) | nindent 8 }}
      containers:
        - name: redis
          image: {{ printf "%s:%s" $v.image.repository $v.image.tag | quote }}
          imagePullPolicy: {{ $v.image.pullPolicy }}
          args: [redis-server, /etc/redis/redis.conf]
          ports:
            - name: tcp-redis
              containerPort: 6379
              protocol: TCP
          livenessProbe:
            {{- include "redis.probe" $v.probes.liveness | nindent 12 }}
          readinessProbe:
            {{- include "redis.probe" $v.probes.readiness | nindent 12 }}
          resources:
            {{- toYaml $v.resources | nindent 12 }}
          securityContext:
            {{- include "statefulset.containerSecurity" . | nindent 12 }}
          volumeMounts:
            - name: data
              mountPath: /data
            - name: config
              mountPath: /etc/redis
              readOnly: true
            - name: tmp
              mountPath: /tmp
      volumes:
        - name: config
          configMap:
            name: {{ printf "%s-config" .name | quote }}
        - name: tmp
          emptyDir: {}
  volumeClaimTemplates:
    {{- include "statefulset.claim" . | nindent 4 }}
{{- end -}}

{{/* One probe. The answer is compared, because redis-cli also exits 0 while the server still loads its data.
Usage: {{ include "redis.probe" $v.probes.liveness | nindent 12 }} */}}
{{- define "redis.probe" -}}
exec:
  command: [/bin/sh, -c, "redis-cli ping | grep -qx PONG"]
{{ toYaml . }}
{{- end -}}
