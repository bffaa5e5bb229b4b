{{/* What cannot be had is refused, in words, before anything is installed. */}}
{{- define "osm.checks" -}}
{{- $osm := .Values.osm -}}
{{- if ne $osm.certificateProvider.kind "tresor" -}}
{{- fail (printf "osm.certificateProvider.kind: %s is not there yet; the control plane keeps the root itself (tresor)" $osm.certificateProvider.kind) -}}
{{- end -}}
{{- range $name := list "deployGrafana" "deployJaeger" "enableFluentbit" -}}
{{- if get $osm $name -}}
{{- fail (printf "osm.%s: this chart does not bring it; install it by itself (core/docs/helm-values.md says how it is connected)" $name) -}}
{{- end -}}
{{- end -}}
{{- if .Release.IsInstall -}}
{{- range $other := (lookup "apps/v1" "Deployment" "" "").items -}}
{{- if eq "osm-controller" (dig "metadata" "labels" "app" "" $other) -}}
{{- $mesh := dig "metadata" "labels" "meshName" "" $other -}}
{{- if eq $other.metadata.namespace (include "osm.namespace" $) -}}
{{- fail (printf "namespace %s has a control plane already, of mesh %s; use another namespace, or helm upgrade" $other.metadata.namespace $mesh) -}}
{{- else if eq $mesh $osm.meshName -}}
{{- fail (printf "mesh %s is there already, in namespace %s; give this one another osm.meshName" $mesh $other.metadata.namespace) -}}
{{- else if $osm.enforceSingleMesh -}}
{{- fail (printf "mesh %s is there already, in namespace %s; set osm.enforceSingleMesh to false to have several" $mesh $other.metadata.namespace) -}}
{{- else if eq "true" (dig "metadata" "labels" "enforceSingleMesh" "" $other) -}}
{{- fail (printf "mesh %s in namespace %s wants to be the only one of the cluster" $mesh $other.metadata.namespace) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
