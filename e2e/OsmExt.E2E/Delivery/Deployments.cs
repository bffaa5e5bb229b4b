namespace OsmExt.E2E.Delivery;

/// <summary>Pods of Deployments, and objects as Flagger writes them for a Canary with provider osm.</summary>
internal static class Deployments
{
    public const string Namespace = "test";

    /// <summary>A pod of a Deployment, which the local mesh does not make itself. Its labels are <c>app</c> and nothing else.</summary>
    public static string Pod(string deployment, string pod, string address, string account, string image = "image: test/echo", string envoy = "") => $$"""
        apiVersion: v1
        kind: Pod
        metadata:
          name: {{pod}}
          namespace: {{Namespace}}
          labels: {app: {{deployment}}}
          annotations: {prometheus.io/scrape: "true"{{(envoy.Length > 0 ? $", osm.local/envoy: \"{envoy}\"" : "")}} }
          ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: {{deployment}}-6b7d9, uid: {{pod}}-owner, controller: true}]
        spec:
          serviceAccountName: {{account}}
          containers: [{name: app, {{image}}}]
        status: {podIP: {{address}}}
        """;

    /// <summary>A pod that sends requests: the test itself.</summary>
    public static string Client(string deployment, string pod, string address, string envoy = "")
        => Pod(deployment, pod, address, deployment, "command: [sleep, infinity]", envoy);

    /// <summary>A Service with the port name that Flagger gives, and the endpoints it has at the moment.</summary>
    public static string Service(string name, string clusterAddress, string app, params (string Pod, string Address)[] endpoints) => $$"""
        apiVersion: v1
        kind: Service
        metadata:
          name: {{name}}
          namespace: {{Namespace}}
          annotations: {kustomize.toolkit.fluxcd.io/reconcile: disabled, helm.toolkit.fluxcd.io/driftDetection: disabled}
        spec:
          type: ClusterIP
          clusterIP: {{clusterAddress}}
          selector: {app: {{app}}}
          ports: [{name: http, port: 8080, protocol: TCP, targetPort: 8080}]
        ---
        apiVersion: discovery.k8s.io/v1
        kind: EndpointSlice
        metadata: {name: {{name}}-1, namespace: {{Namespace}}, labels: {kubernetes.io/service-name: {{name}} } }
        addressType: IPv4
        ports: [{name: http, port: 8080}]
        endpoints: [{{string.Join(", ", endpoints.Select(endpoint
            => $$"""{addresses: [{{endpoint.Address}}], conditions: {ready: true}, targetRef: {kind: Pod, namespace: {{Namespace}}, name: {{endpoint.Pod}} } }"""))}}]
        """;

    /// <summary>The split, both backends always, canary first.</summary>
    public static string Split(string apex, int canaryWeight) => $$"""
        apiVersion: split.smi-spec.io/v1alpha2
        kind: TrafficSplit
        metadata:
          name: {{apex}}
          namespace: {{Namespace}}
          ownerReferences: [{apiVersion: flagger.app/v1beta1, kind: Canary, name: {{apex}}, uid: canary, controller: true, blockOwnerDeletion: true}]
        spec:
          service: {{apex}}
          backends: [{service: {{apex}}-canary, weight: {{canaryWeight}}}, {service: {{apex}}-primary, weight: {{100 - canaryWeight}}}]
        """;
}
