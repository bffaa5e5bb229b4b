namespace OsmExt.Kubernetes.Cluster;

/// <summary>A kind of objects as an API server serves it.</summary>
/// <param name="Group">API group; empty for the core group.</param>
/// <param name="Version">The version that is spoken.</param>
/// <param name="Plural">Its name in addresses, for example <c>pods</c>.</param>
/// <param name="IsNamespaced">Whether its objects are in namespaces.</param>
internal sealed record ApiResource(string Group, string Version, string Plural, bool IsNamespaced = true)
{
    public static ApiResource Secrets { get; } = new("", "v1", "secrets");

    public static ApiResource Leases { get; } = new("coordination.k8s.io", "v1", "leases");

    public static ApiResource Events { get; } = new("events.k8s.io", "v1", "events");

    public static ApiResource CustomResourceDefinitions { get; } = new("apiextensions.k8s.io", "v1", "customresourcedefinitions", false);

    /// <summary>Whether its objects' statuses are written by themselves.</summary>
    public bool HasStatus { get; init; }

    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>The objects of all namespaces.</summary>
    public string All => $"{Root}/{Plural}";

    private string Root => Group.Length == 0 ? $"api/{Version}" : $"apis/{Group}/{Version}";

    /// <summary>The objects of one namespace; of a kind outside of namespaces, all.</summary>
    public string In(string ns) => IsNamespaced ? $"{Root}/namespaces/{Uri.EscapeDataString(ns)}/{Plural}" : All;

    /// <summary>One object.</summary>
    public string Of(string ns, string name) => $"{In(ns)}/{Uri.EscapeDataString(name)}";
}
