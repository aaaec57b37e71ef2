{{/* The server itself. */}}

{{/* Usage: {{ include "postgresql.statefulSet" $server }} */}}
{{- define "postgresql.statefulSet" -}}
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
      # No checksum of the init ConfigMap: an initialised server never reads it again, so a restart would change nothing.
      labels:
        {{- include "statefulset.podLabels" . | nindent 8 }}
    spec:
      {{- include "statefulset.pod" . | nindent 6 }}
      enableServiceLinks: false
      terminationGracePeriodSeconds: 60
      securityContext:
        # `postgres` of the Alpine image; initdb refuses a user that /etc/passwd does not know.
        {{- include "statefulset.podSecurity" (dict "user" 70 "group" 70) | nindent 8 }}
      containers:
        - name: postgresql
          image: {{ printf "%s:%s" $v.image.repository $v.image.tag | quote }}
          imagePullPolicy: {{ $v.image.pullPolicy }}
          ports:
            - name: tcp-postgresql
              containerPort: 5432
              protocol: TCP
          env:
            - name: POSTGRES_DB
              value: {{ $v.database | quote }}
            {{- range $key := list "POSTGRES_USER" "POSTGRES_PASSWORD" }}
            - name: {{ $key }}
              valueFrom:
                secretKeyRef:
                  name: {{ $v.credentialsSecret | quote }}
                  key: {{ $key }}
            {{- end }}
            # A folder below the mount: the volume's own root may hold lost+found, and initdb wants an empty one that it owns.
            - name: PGDATA
              value: /var/lib/postgresql/data/pgdata
          startupProbe:
            {{- include "postgresql.probe" . | nindent 12 }}
            failureThreshold: 30
          livenessProbe:
            {{- include "postgresql.probe" . | nindent 12 }}
            failureThreshold: {{ $v.probe.failureThreshold }}
          readinessProbe:
            {{- include "postgresql.probe" . | nindent 12 }}
            failureThreshold: {{ $v.probe.failureThreshold }}
          resources:
            {{- toYaml $v.resources | nindent 12 }}
          securityContext:
            {{- include "statefulset.containerSecurity" . | nindent 12 }}
          volumeMounts:
            - name: data
              mountPath: /var/lib/postgresql/data
            - name: init
              mountPath: /docker-entrypoint-initdb.d
              readOnly: true
            - name: run
              mountPath: /var/run/postgresql
            - name: tmp
              mountPath: /tmp
      volumes:
        - name: init
          configMap:
            name: {{ printf "%s-init" .name | quote }}
        - name: run
          emptyDir: {}
        - name: tmp
          emptyDir: {}
  volumeClaimTemplates:
    {{- include "statefulset.claim" . | nindent 4 }}
{{- end -}}

{{/* What the three probes share. Over TCP on purpose: while it initialises, the image runs a temporary server on the socket only.
Usage: {{ include "postgresql.probe" $server | nindent 12 }} */}}
{{- define "postgresql.probe" -}}
exec:
  command:
    - /bin/sh
    - -c
    - {{ printf "exec pg_isready --quiet --host 127.0.0.1 --port 5432 --username \"$POSTGRES_USER\" --dbname %s" .values.database | quote }}
periodSeconds: {{ .values.probe.periodSeconds }}
timeoutSeconds: {{ .values.probe.timeoutSeconds }}
{{- end -}}
