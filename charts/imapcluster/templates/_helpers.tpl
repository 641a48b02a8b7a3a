{{- define "imapcluster.name" -}}
{{- default .Chart.Name .Values.nameOverride }}
{{- end }}

{{/* Name of all objects. Short enough for what is put behind it. */}}
{{- define "imapcluster.fullname" -}}
{{- $name := include "imapcluster.name" . }}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride }}
{{- else if contains $name .Release.Name }}
{{- printf "%s-operator" (.Release.Name | trunc 40 | trimSuffix "-") }}
{{- else }}
{{- printf "%s-operator" (printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-") }}
{{- end }}
{{- end }}

{{/* Name of objects outside of namespaces, where installations of other namespaces have theirs too. */}}
{{- define "imapcluster.clusterWideName" -}}
{{- printf "%s-%s" (include "imapcluster.fullname" .) .Release.Namespace }}
{{- end }}

{{- define "imapcluster.serviceAccountName" -}}
{{- default (include "imapcluster.fullname" .) .Values.serviceAccount.name }}
{{- end }}

{{/* The first is how imapctl finds operators (crds/names/labels.ts): the same whatever a release is called. */}}
{{- define "imapcluster.selectorLabels" -}}
app.kubernetes.io/name: imapcluster-operator
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: operator
{{- end }}

{{/* What every object of the chart says of itself. */}}
{{- define "imapcluster.labels" -}}
{{ include "imapcluster.selectorLabels" . }}
app.kubernetes.io/part-of: imapcluster
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/*
Metadata but for name and namespace. Takes (dict "root" $ "labels" LABELS "annotations" ANNOTATIONS), the last two of the
object alone. Maps are merged, for no name may stand twice in one; what the object says wins over what all say.
*/}}
{{- define "imapcluster.metadata" -}}
{{- $common := deepCopy (.root.Values.commonLabels | default dict) -}}
{{- $labels := mergeOverwrite $common (fromYaml (include "imapcluster.labels" .root)) (.labels | default dict) -}}
labels:
  {{- toYaml $labels | nindent 2 }}
{{- with mergeOverwrite (deepCopy (.root.Values.commonAnnotations | default dict)) (.annotations | default dict) }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Takes (dict "root" $ "program" "imapd"). */}}
{{- define "imapcluster.image" -}}
{{- $images := .root.Values.images }}
{{- $image := get $images .program }}
{{- $name := $image.repository }}
{{- if $images.registry }}{{ $name = printf "%s/%s" (trimSuffix "/" $images.registry) $image.repository }}{{ end }}
{{- if $image.digest }}
{{- printf "%s@%s" $name $image.digest }}
{{- else }}
{{- printf "%s:%s" $name ($image.tag | default $images.tag | default .root.Chart.AppVersion) }}
{{- end }}
{{- end }}

{{/* Configuration of the operator (operator/configuration.ts), but for what each pod says of itself. */}}
{{- define "imapcluster.configuration" -}}
{{- $values := .Values }}
{{- $namespace := dict "matchLabels" (dict "kubernetes.io/metadata.name" .Release.Namespace) }}
{{- $pods := dict "matchLabels" (fromYaml (include "imapcluster.selectorLabels" .)) }}
{{- $operator := dict "namespaceSelector" $namespace "podSelector" $pods }}
{{- $resources := $values.imapd.resources | default dict }}
{{- dict
  "watchNamespaces" ($values.watchNamespaces | default list)
  "lease" (merge (dict "namespace" .Release.Namespace "name" (include "imapcluster.fullname" .)) $values.leaderElection)
  "listen" (dict "host" $values.listenAddress "port" 8080)
  "images" (dict
    "imapd" (include "imapcluster.image" (dict "root" . "program" "imapd"))
    "member" (include "imapcluster.image" (dict "root" . "program" "member"))
    "postgres" $values.images.postgres
    "mariadb" $values.images.mariadb
    "mysql" $values.images.mysql)
  "imapd" (dict "resources" (dict
    "requests" ($resources.requests | default dict)
    "limits" ($resources.limits | default dict)))
  "pods" (dict
    "pullPolicy" $values.images.pullPolicy
    "pullSecrets" ($values.images.pullSecrets | default list)
    "anyAddress" $values.listenAddress
    "logLevel" $values.logLevel
    "operatorPeers" (list $operator)
    "scraperPeers" ($values.networkPolicy.scrapers | default list))
  "members" $values.members
  "keys" $values.keys
  "apiServer" $values.apiServer
  "tuning" ($values.tuning | default dict)
  "logLevel" $values.logLevel
  | toPrettyJson }}
{{- end }}
