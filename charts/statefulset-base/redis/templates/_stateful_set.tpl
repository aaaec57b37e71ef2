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
    {{- include "redis.labels" . | nindent 4 }}
spec:
  serviceName: {{ .name | quote }}
  replicas: 1
  selector:
    matchLabels:
      {{- include "redis.selectorLabels" . | nindent 6 }}
  template:
    metadata:
      labels:
        {{- include "redis.podLabels" . | nindent 8 }}
      annotations:
        # The file is read at start only, so a change must restart the pod.
        checksum/config: {{ include "redis.conf" . | sha256sum | quote }}
    spec:
      serviceAccountName: {{ $v.serviceAccountName | quote }}
      automountServiceAccountToken: false
      enableServiceLinks: false
      terminationGracePeriodSeconds: 30
      securityContext:
        # `redis` of the Alpine image, whose group has another number.
        runAsNonRoot: true
        runAsUser: 999
        runAsGroup: 1000
        fsGroup: 1000
        fsGroupChangePolicy: OnRootMismatch
        seccompProfile:
          type: RuntimeDefault
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
            allowPrivilegeEscalation: false
            readOnlyRootFilesystem: true
            capabilities:
              drop: [ALL]
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
    # Written out in full, and without labels: the list cannot be changed after the first sync.
    - apiVersion: v1
      kind: PersistentVolumeClaim
      metadata:
        name: data
      spec:
        accessModes: [ReadWriteOnce]
        {{- with $v.storage.storageClassName }}
        storageClassName: {{ . | quote }}
        {{- end }}
        volumeMode: Filesystem
        resources:
          requests:
            storage: {{ $v.storage.size | quote }}
{{- end -}}

{{/* One probe. The answer is compared, because redis-cli also exits 0 while the server still loads its data.
Usage: {{ include "redis.probe" $v.probes.liveness | nindent 12 }} */}}
{{- define "redis.probe" -}}
exec:
  command: [/bin/sh, -c, "redis-cli ping | grep -qx PONG"]
{{ toYaml . }}
{{- end -}}
