{{- define "osm.namespace" -}}
{{ .Values.osm.osmNamespace | default .Release.Namespace }}
{{- end -}}

{{- define "osm.labels" -}}
app.kubernetes.io/name: openservicemesh.io
app.kubernetes.io/instance: {{ .Values.osm.meshName }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{- end -}}

{{/* IMAGE of (dict "root" . "name" "osmController"): a tag, else a digest, else the chart's own version. */}}
{{- define "osm.image" -}}
{{- $image := .root.Values.osm.image -}}
{{- $digest := get $image.digest .name -}}
{{ $image.registry }}/{{ get $image.name .name }}
{{- if $image.tag }}:{{ $image.tag }}{{ else if $digest }}@{{ $digest }}{{ else }}:{{ .root.Chart.AppVersion }}{{ end -}}
{{- end -}}

{{- define "osm.validatorName" -}}
{{ .Values.osm.validatorWebhook.webhookConfigurationName | default (printf "osm-validator-mesh-%s" .Values.osm.meshName) }}
{{- end -}}

{{- define "osm.injectorName" -}}
{{ .Values.osm.webhookConfigNamePrefix }}-{{ .Values.osm.meshName }}
{{- end -}}

{{/* The namespaces of the mesh, as both webhooks and nothing else of the cluster meet them. */}}
{{- define "osm.namespaceSelector" -}}
matchLabels:
  openservicemesh.io/monitored-by: {{ .Values.osm.meshName }}
matchExpressions:
- key: openservicemesh.io/ignore
  operator: DoesNotExist
- key: kubernetes.io/metadata.name
  operator: NotIn
  values: [{{ include "osm.namespace" . }}, kube-system, kube-public, kube-node-lease]
- key: control-plane
  operator: DoesNotExist
{{- end -}}

{{/* The kinds of the plugins that are enabled: group, versions, plural, and whether their definition is somebody else's. */}}
{{- define "osm.pluginKinds" -}}
{{- $kinds := .Files.Get "files/plugin-kinds.yaml" | fromYaml -}}
{{- range $id, $plugin := .Values.osm.plugins }}
{{- if $plugin.enabled }}
{{- range get $kinds $id | default list }}
- group: {{ .group }}
  versions: {{ .versions | toJson }}
  plural: {{ .plural }}
  foreign: {{ .foreign | default false }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Webhook rules for the objects of enabled plugins; whose kinds are somebody else's is not asked. */}}
{{- define "osm.pluginRules" -}}
{{- range include "osm.pluginKinds" . | fromYamlArray }}
{{- if not .foreign }}
- apiGroups: [{{ .group }}]
  apiVersions: {{ .versions | toJson }}
  operations: [CREATE, UPDATE]
  resources: [{{ .plural }}]
  scope: Namespaced
{{- end }}
{{- end }}
{{- end -}}
