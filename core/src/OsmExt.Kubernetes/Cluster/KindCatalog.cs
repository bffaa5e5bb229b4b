using System.Text.Json.Nodes;
using OsmExt.Kubernetes.Views;

namespace OsmExt.Kubernetes.Cluster;

/// <summary>Which kinds a server serves, and in which version. Custom resources come and go: whoever waits for one is told when definitions have changed.</summary>
internal sealed class KindCatalog(ClusterClient client) : IReflectorSink
{
    private static readonly string[] BuiltIn = ["", "apps", "batch", "discovery.k8s.io"];
    private readonly Lock _lock = new();
    private TaskCompletionSource _changed = NewSignal();

    /// <summary>Whether changes of definitions are seen at present.</summary>
    public bool IsWatched { get; set; }

    /// <summary>Ends when definitions change from now on.</summary>
    public Task ChangedAsync()
    {
        lock (_lock)
        {
            return _changed.Task;
        }
    }

    /// <summary>How to ask for a kind; null while it is not served in any version that is read.</summary>
    public async Task<ApiResource?> FindAsync(ResourceKind kind, CancellationToken cancellationToken)
    {
        // These are always there, and every version of Kubernetes calls them the same.
        if (BuiltIn.Contains(kind.Group, StringComparer.Ordinal))
        {
            return new(kind.Group, kind.Versions[0], $"{kind.Kind.ToLowerInvariant()}s", kind.IsNamespaced);
        }

        var group = await client.FindAsync(new("get", "apis", $"apis/{kind.Group}"), cancellationToken).ConfigureAwait(false);
        var served = Names(group?["versions"], "version").ToHashSet(StringComparer.Ordinal);
        foreach (var version in kind.Versions.Where(served.Contains))
        {
            var resources = await client.FindAsync(new("get", "apis", $"apis/{kind.Group}/{version}"), cancellationToken).ConfigureAwait(false);
            string[] names = [.. (resources?["resources"] as JsonArray ?? []).Where(resource => (string?)resource?["kind"] == kind.Kind).Select(resource => (string?)resource?["name"]).OfType<string>()];
            if (Array.Find(names, name => !name.Contains('/')) is { } plural)
            {
                return new(kind.Group, version, plural, kind.IsNamespaced) { HasStatus = names.Contains($"{plural}/status", StringComparer.Ordinal) };
            }
        }

        return null;
    }

    public void Begin()
    {
    }

    public void Listed(ApiObject found)
    {
    }

    public Doubt? End(bool isSure)
    {
        Announce();
        return null;
    }

    public void Changed(ApiObject changed) => Announce();

    public void Deleted(ApiObject deleted) => Announce();

    private void Announce()
    {
        lock (_lock)
        {
            _changed.TrySetResult();
            _changed = NewSignal();
        }
    }

    private static IEnumerable<string> Names(JsonNode? list, string field) => (list as JsonArray ?? []).Select(entry => (string?)entry?[field]).OfType<string>();

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
