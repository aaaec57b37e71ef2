{{/* The script that writes the exporter's accounts, in the form of its configuration file. */}}

{{/* One account for each target, quoted as YAML wants it.
Usage: {{ include "monitoring.postgresAccounts" . | nindent 14 }} */}}
{{- define "monitoring.postgresAccounts" -}}
quoted() { printf "'%s'" "$(sed "s/'/''/g" "/credentials/$1")"; }
{
  echo auth_modules:
  for name in {{ range .Values.postgresExporter.targets }}{{ .name }} {{ end }}; do
    echo "  $name:"
    echo "    type: userpass"
    echo "    userpass: {username: $(quoted "$name-username"), password: $(quoted "$name-password")}"
    echo "    options: {sslmode: {{ .Values.postgresExporter.sslMode }}}"
  done
} > /etc/postgres-exporter/config.yaml
{{- end -}}
