namespace OsmExt.Cli.Tests;

/// <summary>A small mesh on disk: a buyer may call a store.</summary>
internal sealed class TempMesh : IDisposable
{
    public TempMesh()
    {
        Directory.CreateDirectory(Manifests);
        Write("mesh.yaml", """
            apiVersion: v1
            kind: Namespace
            metadata:
              name: shop
              labels: {openservicemesh.io/monitored-by: osm}
            """);
        Write("buyer.yaml", Pod("buyer", 1));
        Write("store.yaml", Pod("store", 2) + """

            ---
            apiVersion: v1
            kind: Service
            metadata: {name: store, namespace: shop}
            spec:
              clusterIP: 10.96.0.1
              selector: {app: store}
              ports: [{name: http-web, port: 80, targetPort: 8080}]
            ---
            apiVersion: specs.smi-spec.io/v1alpha4
            kind: HTTPRouteGroup
            metadata: {name: routes, namespace: shop}
            spec:
              matches:
              - {name: all, pathRegex: ".*", methods: ["*"]}
            ---
            apiVersion: access.smi-spec.io/v1alpha3
            kind: TrafficTarget
            metadata: {name: store, namespace: shop}
            spec:
              destination: {kind: ServiceAccount, name: store, namespace: shop}
              rules:
              - {kind: HTTPRouteGroup, name: routes}
              sources:
              - {kind: ServiceAccount, name: buyer, namespace: shop}
            """);
    }

    public string Root { get; } = Directory.CreateTempSubdirectory("osm-").FullName;

    public string Manifests => Path.Combine(Root, "manifests");

    public string State => Path.Combine(Root, "state");

    public string PathOf(string name) => Path.Combine(Manifests, name);

    public void Write(string name, string yaml)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(name))!);
        File.WriteAllText(PathOf(name), yaml);
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private static string Pod(string name, int address) => $$"""
        apiVersion: v1
        kind: Pod
        metadata:
          name: {{name}}
          namespace: shop
          labels: {app: {{name}} }
        spec:
          serviceAccountName: {{name}}
          containers: [{name: app, image: app}]
        status: {podIP: 10.0.0.{{address}} }
        """;
}
