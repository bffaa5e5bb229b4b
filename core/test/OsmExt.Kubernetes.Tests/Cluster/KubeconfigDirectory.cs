using System.Runtime.Versioning;
using OsmExt.Kubernetes.Cluster;

namespace OsmExt.Kubernetes.Tests.Cluster;

/// <summary>Kubeconfigs in a directory of their own, and an environment that has nothing else.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class KubeconfigDirectory : IDisposable
{
    public const string Simple = """
        apiVersion: v1
        kind: Config
        current-context: prod
        clusters:
        - name: prod
          cluster: {server: "https://prod.example:6443"}
        contexts:
        - name: prod
          context: {cluster: prod, user: admin, namespace: shop}
        users:
        - name: admin
          user: {token: secret}
        """;

    public string Root { get; } = Directory.CreateTempSubdirectory("osm-kube-").FullName;

    public Dictionary<string, string> Variables { get; } = new(StringComparer.Ordinal);

    public ClusterConnectionOptions Options => new()
    {
        Variable = name => name == "HOME" ? Root : Variables.GetValueOrDefault(name), ServiceAccountDirectory = Root, IsInteractive = false,
    };

    public string Write(string name, string text)
    {
        var path = Path.Join(Root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Writes a program.</summary>
    public string WriteScript(string name, string text)
    {
        var path = Write(name, $"#!/bin/sh\n{text}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return path;
    }

    public Task<ClusterConnection> FindAsync(string? kubeconfig = null, string? context = null)
        => ClusterConnection.FindAsync(Options with { Kubeconfig = kubeconfig, Context = context }, CancellationToken.None);

    /// <summary>Why it cannot be found.</summary>
    public async Task<string> RefusalAsync(string kubeconfig)
        => (await Assert.ThrowsAsync<ClusterConnectionException>(() => FindAsync(Write("config", kubeconfig)))).Message;

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
