using System.Text.Json.Nodes;

namespace OsmExt.Benchmarks;

/// <summary>Objects as large as they are in clusters, with all that a mesh does not read.</summary>
internal static class ClusterObjects
{
    public static JsonObject ServiceAccount(int number) => Parse("""
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "account-SERVICE", "namespace": "shop"}}
        """, 0, number);

    public static JsonObject Service(int number) => Parse("""
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "service-SERVICE", "namespace": "shop"},
         "spec": {"selector": {"app": "service-SERVICE"}, "ports": [{"name": "http", "port": 80, "targetPort": 8080}]}}
        """, 0, number);

    public static JsonObject Slice(int number, int pods)
    {
        var slice = Parse("""
            {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4", "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}],
             "metadata": {"name": "service-SERVICE-abcde", "namespace": "shop", "labels": {"kubernetes.io/service-name": "service-SERVICE"}}}
            """, 0, number);
        slice["endpoints"] = new JsonArray([.. Enumerable.Range(number * pods, pods).Select(pod => (JsonNode)Parse("""
            {"addresses": ["ADDRESS"], "conditions": {"ready": true, "serving": true}, "nodeName": "node-NODE", "zone": "zone-1", "targetRef": {"kind": "Pod", "name": "POD", "namespace": "shop"}}
            """, pod, number))]);
        return slice;
    }

    public static JsonObject Pod(int number, int service) => Parse("""
        {"apiVersion": "v1", "kind": "Pod",
         "metadata": {"name": "POD", "namespace": "shop",
           "labels": {"app": "service-SERVICE", "pod-template-hash": "7c9d5f8b6", "version": "v1", "team": "shop", "osm-proxy-uuid": "00000000-0000-4000-8000-NUMBER"},
           "annotations": {"prometheus.io/scrape": "true", "prometheus.io/port": "9102", "kubectl.kubernetes.io/restartedAt": "2026-11-01T12:00:00Z"},
           "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "service-SERVICE-7c9d5f8b6", "uid": "00000000-0000-4000-9000-NUMBER", "controller": true}]},
         "spec": {"serviceAccountName": "account-SERVICE", "nodeName": "node-NODE", "restartPolicy": "Always", "terminationGracePeriodSeconds": 30, "dnsPolicy": "ClusterFirst",
           "containers": [{"name": "app", "image": "registry.example.com/shop/service-SERVICE:1.27.3", "imagePullPolicy": "IfNotPresent", "args": ["--listen", ":8080", "--log-format=json"],
             "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}, {"name": "metrics", "containerPort": 9102, "protocol": "TCP"}],
             "env": [{"name": "LOG_LEVEL", "value": "info"}, {"name": "REGION", "value": "eu-central-1"}, {"name": "OWN_IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
               {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "tokens", "key": "service-SERVICE"}}}],
             "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"cpu": "1", "memory": "256Mi"}},
             "livenessProbe": {"httpGet": {"path": "/live", "port": 8080}, "periodSeconds": 10}, "readinessProbe": {"httpGet": {"path": "/ready", "port": 8080}, "periodSeconds": 5},
             "securityContext": {"runAsNonRoot": true, "readOnlyRootFilesystem": true, "allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}},
             "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}, {"name": "kube-api-access-x7k2p", "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount", "readOnly": true}]}],
           "volumes": [{"name": "tmp", "emptyDir": {}}, {"name": "kube-api-access-x7k2p", "projected": {"defaultMode": 420, "sources": [{"serviceAccountToken": {"path": "token", "expirationSeconds": 3607}},
             {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}}]}}],
           "tolerations": [{"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}],
           "affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 100, "podAffinityTerm": {"topologyKey": "kubernetes.io/hostname",
             "labelSelector": {"matchLabels": {"app": "service-SERVICE"}}}}]}}},
         "status": {"phase": "Running", "podIP": "ADDRESS", "podIPs": [{"ip": "ADDRESS"}], "hostIP": "192.168.0.NODE", "qosClass": "Burstable",
           "conditions": [{"type": "PodScheduled", "status": "True", "lastTransitionTime": "2026-11-01T12:00:00Z"}, {"type": "Initialized", "status": "True", "lastTransitionTime": "2026-11-01T12:00:02Z"},
             {"type": "ContainersReady", "status": "True", "lastTransitionTime": "2026-11-01T12:00:08Z"}, {"type": "Ready", "status": "True", "lastTransitionTime": "2026-11-01T12:00:08Z"}],
           "containerStatuses": [{"name": "app", "image": "registry.example.com/shop/service-SERVICE:1.27.3", "imageID": "sha256:00000000000000000000000000000000000000000000000000000000NUMBER",
             "containerID": "containerd://00000000000000000000000000000000000000000000000000000000NUMBER", "ready": true, "restartCount": 0, "started": true,
             "state": {"running": {"startedAt": "2026-11-01T12:00:05Z"}}}]}}
        """, number, service);

    private static string NameOf(int pod) => $"service-{pod / 20}-7c9d5f8b6-{pod:x5}";

    private static string Address(int pod) => $"10.{1 + (pod >> 16)}.{(pod >> 8) & 255}.{pod & 255}";

    private static JsonObject Parse(string json, int pod, int service) => JsonNode.Parse(json.Replace("POD", NameOf(pod), StringComparison.Ordinal)
        .Replace("ADDRESS", Address(pod), StringComparison.Ordinal).Replace("NODE", $"{pod % 50}", StringComparison.Ordinal)
        .Replace("NUMBER", $"{pod:x12}", StringComparison.Ordinal).Replace("SERVICE", $"{service}", StringComparison.Ordinal))!.AsObject();
}
