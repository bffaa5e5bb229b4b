using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;

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
public sealed record PluginInput(Mesh Mesh, string OsmNamespace, EquatableArray<PluginResource> Resources, CancellationToken Cancellation);

/// <summary>What a plugin answers.</summary>
public sealed record PluginOutput
{
    /// <summary>What it contributes; the order does not matter.</summary>
    public EquatableArray<Contribution> Contributions { get; init; }

    /// <summary>What is wrong with its objects.</summary>
    public EquatableArray<Diagnostic> Diagnostics { get; init; }
}
