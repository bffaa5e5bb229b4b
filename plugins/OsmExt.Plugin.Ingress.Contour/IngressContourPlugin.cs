using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Plugins;

namespace OsmExt.Plugin.Ingress.Contour;

/// <summary>Turns IngressBackends into ways into the mesh for gateways outside it, and says where Contour's HTTPProxies cannot go through them.</summary>
public sealed class IngressContourPlugin : IPlugin
{
    /// <inheritdoc/>
    public PluginOutput Contribute(PluginInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var findings = new List<Diagnostic>();
        var reader = new BackendReader(input, findings);
        var backends = InOrder(input).SelectMany(reader.Backends).ToArray();
        findings.AddRange(new HttpProxyReview(input, backends).Findings());
        return new() { Contributions = [.. backends.SelectMany(backend => backend.Chains())], Diagnostics = [.. findings] };
    }

    /// <summary>The IngressBackends. Of two that speak of one port the older counts, then the first by name.</summary>
    internal static IEnumerable<PluginResource> InOrder(PluginInput input) => input.Resources.Where(resource => resource.Kind == "IngressBackend")
        .OrderBy(ingress => ingress.Metadata.Created ?? DateTimeOffset.MaxValue).ThenBy(ingress => ingress.Key);
}
