{{- define "relief.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "relief.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 53 | trimSuffix "-" }}
{{- else -}}
{{- $name := include "relief.name" . -}}
{{- $full := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) -}}
{{- $full | trunc 53 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{/* What the selectors of this release have in common. */}}
{{- define "relief.selector" -}}
app.kubernetes.io/name: {{ include "relief.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "relief.labels" -}}
{{ include "relief.selector" . }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | trunc 63 | quote }}
app.kubernetes.io/part-of: relief
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 }}
{{- end }}

{{- define "relief.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}
{{- end }}

{{- define "relief.host" -}}
{{- (urlParse .Values.publicUrl).hostname }}
{{- end }}

{{- define "relief.claim" -}}
{{- .Values.storage.existingClaim | default (include "relief.fullname" .) }}
{{- end }}

{{/* The settings, in the pod itself: a changed value is a changed pod, and a hook needs no other
object to stand before it. Metrics are asked for by the pod's own address. */}}
{{- define "relief.env" -}}
- name: RELIEF_SECRETS_DIR
  value: /run/secrets/relief
- name: RELIEF_DATA_DIR
  value: /var/lib/relief
- name: RELIEF_HOST
  value: 0.0.0.0
- name: RELIEF_PORT
  value: "8080"
- name: RELIEF_PUBLIC_URL
  value: {{ .Values.publicUrl | quote }}
- name: POD_IP
  valueFrom: {fieldRef: {fieldPath: status.podIP}}
- name: RELIEF_ALLOWED_HOSTS
  value: {{ printf "localhost,$(POD_IP),%s,%s,%s.%s.svc%s" (include "relief.host" .) (include "relief.fullname" .) (include "relief.fullname" .) .Release.Namespace (.Values.config.allowed_hosts | empty | ternary "" (printf ",%s" .Values.config.allowed_hosts)) | quote }}
{{- range $name, $value := omit .Values.config "allowed_hosts" }}
- name: RELIEF_{{ upper $name }}
  value: {{ if kindIs "float64" $value }}{{ ternary (printf "%d" (int64 $value)) (toString $value) (eq (floor $value) $value) | quote }}{{ else }}{{ toString $value | quote }}{{ end }}
{{- end }}
{{- end }}

{{/* Secrets by reference, as files. Called with the root and the names of those that are wanted:
the owner's connection goes to the migration alone. */}}
{{- define "relief.secrets" -}}
projected:
  defaultMode: 0440
  sources:
    {{- range $name, $ref := .root.Values.secrets }}
    {{- if and $ref.name (or (eq $.which "all") (and (eq $.which "service") (ne $name "owner_url")) (and (eq $.which "migration") (has $name (list "owner_url" "direct_url" "database_url")))) }}
    - secret:
        name: {{ $ref.name }}
        items: [{key: {{ $ref.key | quote }}, path: relief_{{ $name }}}]
    {{- end }}
    {{- end }}
{{- end }}

{{- define "relief.podSecurity" -}}
runAsNonRoot: true
{{- with .Values.podSecurity.runAsUser }}
runAsUser: {{ int . }}
{{- end }}
{{- with .Values.podSecurity.runAsGroup }}
runAsGroup: {{ int . }}
{{- end }}
{{- with .Values.podSecurity.fsGroup }}
fsGroup: {{ int . }}
fsGroupChangePolicy: OnRootMismatch
{{- end }}
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "relief.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities: {drop: [ALL]}
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "relief.migrate" -}}
name: migrate
image: {{ include "relief.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
args: [migrate]
env:
  {{- include "relief.env" . | nindent 2 }}
securityContext:
  {{- include "relief.containerSecurity" . | nindent 2 }}
resources:
  requests: {cpu: 100m, memory: 128Mi}
  limits: {memory: 512Mi}
volumeMounts:
  - {name: owner-secrets, mountPath: /run/secrets/relief, readOnly: true}
  - {name: scratch, mountPath: /tmp}
{{- end }}

{{/* One deployment: `component` is api or worker, `values` its values. */}}
{{- define "relief.deployment" -}}
{{- $root := .root -}}
{{- $own := .values -}}
{{- $isApi := eq .component "api" -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "relief.fullname" $root }}-{{ .component }}
  namespace: {{ $root.Release.Namespace }}
  labels:
    {{- include "relief.labels" $root | nindent 4 }}
    app.kubernetes.io/component: {{ .component }}
spec:
  {{- if not $own.autoscaling.enabled }}
  replicas: {{ int $own.replicas }}
  {{- end }}
  revisionHistoryLimit: 5
  strategy:
    type: RollingUpdate
    rollingUpdate: {maxSurge: 1, maxUnavailable: 0}
  selector:
    matchLabels:
      {{- include "relief.selector" $root | nindent 6 }}
      app.kubernetes.io/component: {{ .component }}
  template:
    metadata:
      labels:
        {{- include "relief.labels" $root | nindent 8 }}
        app.kubernetes.io/component: {{ .component }}
      {{- with $own.podAnnotations }}
      annotations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
    spec:
      automountServiceAccountToken: false
      enableServiceLinks: false
      {{- with $root.Values.image.pullSecrets }}
      imagePullSecrets:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $own.priorityClassName }}
      priorityClassName: {{ . }}
      {{- end }}
      securityContext:
        {{- include "relief.podSecurity" $root | nindent 8 }}
      terminationGracePeriodSeconds: {{ int $root.Values.terminationGraceSeconds }}
      {{- if eq $root.Values.migrations.mode "init" }}
      initContainers:
        - {{- include "relief.migrate" $root | nindent 10 }}
      {{- end }}
      containers:
        - name: {{ .component }}
          image: {{ include "relief.image" $root | quote }}
          imagePullPolicy: {{ $root.Values.image.pullPolicy }}
          args: [{{ ternary "serve" "worker" $isApi }}]
          env:
            {{- include "relief.env" $root | nindent 12 }}
          {{- if $isApi }}
          ports:
            - {name: http, containerPort: 8080, protocol: TCP}
          startupProbe:
            httpGet: {path: /livez, port: http}
            periodSeconds: 1
            failureThreshold: 60
          livenessProbe:
            httpGet: {path: /livez, port: http}
            periodSeconds: 10
            timeoutSeconds: 5
            failureThreshold: 6
          readinessProbe:
            httpGet: {path: /readyz, port: http}
            periodSeconds: 5
            timeoutSeconds: 5
            failureThreshold: 2
          lifecycle:
            # Endpoints learn of the end before the process does: nobody is sent to a closed port.
            preStop:
              exec: {command: [python, -c, "import time; time.sleep(5)"]}
          {{- else }}
          livenessProbe:
            exec: {command: [python, /opt/relief/healthcheck.py]}
            initialDelaySeconds: 30
            periodSeconds: 30
            timeoutSeconds: 10
            failureThreshold: 4
          {{- end }}
          resources:
            {{- toYaml $own.resources | nindent 12 }}
          securityContext:
            {{- include "relief.containerSecurity" $root | nindent 12 }}
          volumeMounts:
            - {name: secrets, mountPath: /run/secrets/relief, readOnly: true}
            - {name: scratch, mountPath: /tmp}
            - {name: store, mountPath: /var/lib/relief}
      volumes:
        - name: secrets
          {{- include "relief.secrets" (dict "root" $root "which" "service") | nindent 10 }}
        {{- if eq $root.Values.migrations.mode "init" }}
        - name: owner-secrets
          {{- include "relief.secrets" (dict "root" $root "which" "migration") | nindent 10 }}
        {{- end }}
        - name: scratch
          emptyDir: {sizeLimit: 1Gi}
        - name: store
          {{- if $root.Values.storage.enabled }}
          persistentVolumeClaim: {claimName: {{ include "relief.claim" $root }}}
          {{- else }}
          emptyDir: {sizeLimit: 1Gi}
          {{- end }}
      {{- if $root.Values.topologySpread.enabled }}
      topologySpreadConstraints:
        {{- range $root.Values.topologySpread.topologyKeys }}
        - maxSkew: 1
          topologyKey: {{ . }}
          whenUnsatisfiable: {{ $root.Values.topologySpread.whenUnsatisfiable }}
          labelSelector:
            matchLabels:
              {{- include "relief.selector" $root | nindent 14 }}
              app.kubernetes.io/component: {{ $.component }}
        {{- end }}
      {{- end }}
      {{- with $own.nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $own.tolerations }}
      tolerations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $own.affinity }}
      affinity:
        {{- toYaml . | nindent 8 }}
      {{- end }}
{{- end }}

{{- define "relief.hpa" -}}
{{- $root := .root -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ include "relief.fullname" $root }}-{{ .component }}
  namespace: {{ $root.Release.Namespace }}
  labels:
    {{- include "relief.labels" $root | nindent 4 }}
    app.kubernetes.io/component: {{ .component }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ include "relief.fullname" $root }}-{{ .component }}
  minReplicas: {{ int .values.autoscaling.minReplicas }}
  maxReplicas: {{ int .values.autoscaling.maxReplicas }}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target: {type: Utilization, averageUtilization: {{ int .values.autoscaling.cpuPercent }}}
  behavior:
    scaleDown: {stabilizationWindowSeconds: 300}
{{- end }}

{{- define "relief.pdb" -}}
{{- $root := .root -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "relief.fullname" $root }}-{{ .component }}
  namespace: {{ $root.Release.Namespace }}
  labels:
    {{- include "relief.labels" $root | nindent 4 }}
    app.kubernetes.io/component: {{ .component }}
spec:
  {{- if hasKey .values.pdb "minAvailable" }}
  minAvailable: {{ .values.pdb.minAvailable }}
  {{- else }}
  maxUnavailable: {{ .values.pdb.maxUnavailable | default 1 }}
  {{- end }}
  selector:
    matchLabels:
      {{- include "relief.selector" $root | nindent 6 }}
      app.kubernetes.io/component: {{ .component }}
{{- end }}
