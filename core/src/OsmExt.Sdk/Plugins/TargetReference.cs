using OsmExt.Sdk.Collections;

namespace OsmExt.Sdk.Plugins;

/// <summary>Names what a plugin's object is about.</summary>
/// <param name="Kind"><c>Service</c>, <c>ServiceAccount</c>, <c>Pod</c>, or <c>HTTPRouteGroup</c>.</param>
/// <param name="Name">Its name; empty for pods.</param>
/// <param name="Port">One port of the service; null for all.</param>
public sealed record TargetReference(string Kind, string Name, int? Port = null)
{
    /// <summary>The kind of targets that are requests.</summary>
    public const string Routes = "HTTPRouteGroup";

    /// <summary>The namespace of what is named; empty for that of the object itself.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>For requests: the name of one match of the group; empty for all.</summary>
    public string SectionName { get; init; } = "";

    /// <summary>For requests: the service they are for; empty for all of the namespace's proxies.</summary>
    public string Service { get; init; } = "";

    /// <summary>For pods: the labels they all have.</summary>
    public LabelSet Labels { get; init; } = LabelSet.Empty;
}
