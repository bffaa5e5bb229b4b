using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;

namespace OsmExt.Sdk.Plugins;

/// <summary>
/// A plugin written in C#. It is a function: the same input gives the same output, and it does nothing else. It must not keep
/// what it is given, start threads, or read anything that is not in its input.
/// </summary>
public interface IPlugin
{
    /// <summary>What the plugin contributes to a mesh, and what it has to say about its own objects.</summary>
    PluginOutput Contribute(PluginInput input);
}

/// <summary>What a plugin may look at.</summary>
/// <param name="Mesh">The mesh's policy.</param>
/// <param name="OsmNamespace">The control plane's namespace.</param>
/// <param name="Resources">The objects of the kinds its manifest names, in order of namespace and name.</param>
/// <param name="Cancellation">Signalled when the time is up; long loops should look at it.</param>
public sealed record PluginInput(Mesh Mesh, string OsmNamespace, EquatableArray<PluginResource> Resources, CancellationToken Cancellation)
{
    /// <summary>The mesh's own objects of the kinds its manifest says it reads, in order of namespace, name and kind.</summary>
    public EquatableArray<Resource> Objects { get; init; }

    /// <summary>The HTTPRouteGroups of the mesh's namespaces, if its manifest says it reads them; only what Envoy can carry out is in them.</summary>
    public EquatableArray<RouteGroup> RouteGroups { get; init; }

    /// <summary>
    /// What the services of the plugin's manifest have published, in order of service and name. Nothing where none run, as in tools that work
    /// without a mesh; and what an earlier version of the plugin published, until a service publishes it anew.
    /// </summary>
    public EquatableArray<PublishedValue> Published { get; init; }
}

/// <summary>What an HTTPRouteGroup means.</summary>
/// <param name="Key">The object.</param>
/// <param name="Matches">Its matches, in the order written. A match with a mistake is not among them, and has been reported.</param>
public sealed record RouteGroup(ResourceKey Key, EquatableArray<HttpRouteMatch> Matches);

/// <summary>What a plugin answers.</summary>
public sealed record PluginOutput
{
    /// <summary>What it contributes; the order does not matter.</summary>
    public EquatableArray<Contribution> Contributions { get; init; }

    /// <summary>The certificates it asks for; the order does not matter.</summary>
    public EquatableArray<CertificateRequest> Certificates { get; init; }

    /// <summary>What is wrong with its objects.</summary>
    public EquatableArray<Diagnostic> Diagnostics { get; init; }

    /// <summary>What else is to be said of its objects in their status; of each object's each type once, and at most eight.</summary>
    public EquatableArray<PluginCondition> Conditions { get; init; }
}
