using System.Collections.Immutable;
using OsmExt.Compiler.Contributions;
using OsmExt.Compiler.Endpoints;
using OsmExt.Compiler.Policy;
using OsmExt.Compiler.Translation;
using OsmExt.Envoy;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Identity;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler;

/// <summary>
/// The whole way from objects to what each proxy would be sent, without serving anything: for printing, for tests and for
/// benchmarks. Certificates are placeholders.
/// </summary>
internal sealed class OfflineMesh
{
    private readonly MeshIndex _index;
    private readonly EndpointTable _endpoints;
    private readonly TrustBundle _bundle;
    private readonly IMeshContributions _contributions;

    private OfflineMesh(
        MeshIndex index, EndpointTable endpoints, MeshProxies proxies, EquatableArray<Diagnostic> diagnostics, TrustBundle bundle, IMeshContributions contributions)
    {
        _contributions = contributions;
        _index = index;
        _endpoints = endpoints;
        _bundle = bundle;
        Proxies = proxies;
        Diagnostics = diagnostics;
    }

    public Mesh Mesh => _index.Mesh;

    public MeshProxies Proxies { get; }

    /// <summary>What reading and compiling found; each proxy's translation may find more.</summary>
    public EquatableArray<Diagnostic> Diagnostics { get; }

    /// <param name="snapshot">Every object.</param>
    /// <param name="options">What the operator decides.</param>
    /// <param name="plugins">What plugins contribute to a mesh; nothing by default.</param>
    public static OfflineMesh Compile(ResourceSnapshot snapshot, CompilerOptions options, Func<Mesh, ResourceSnapshot, CompilerOptions, IMeshContributions>? plugins = null)
    {
        var endpoints = EndpointTable.Of(snapshot, options);
        var policy = PolicyCompiler.Compile(snapshot, endpoints, options);
        var contributions = plugins?.Invoke(policy.Mesh, snapshot, options) ?? NoContributions.Instance;
        var compiled = PluginTraffic.Apply(policy, contributions, snapshot);
        var index = new MeshIndex(compiled.Mesh);
        var diagnostics = new SortedSet<Diagnostic>(snapshot.Diagnostics.Concat(compiled.Diagnostics).Concat(EndpointReview.Of(index, endpoints, snapshot).Findings)
            .Concat(contributions.Diagnostics).Concat(PluginReview.Of(compiled.Mesh, contributions, snapshot, options)));
        return new(index, endpoints, MeshProxies.Of(snapshot, endpoints, options), diagnostics.ToEquatableArray(),
            TrustBundle.Placeholder(options.TrustDomain), contributions);
    }

    /// <summary>Everything one proxy would be sent.</summary>
    public Translation.Translation Translate(Proxy proxy, ProxyCapabilities? capabilities = null)
    {
        var view = ScopeView.Of(_index, _contributions.ScopeOf(proxy, capabilities ?? Capabilities.OfRelease(Capabilities.NewestEnvoy)), _contributions);
        var policy = XdsTranslator.Policy(view);
        ImmutableArray<XdsResource> all =
        [
            .. policy.Resources,
            .. XdsTranslator.Endpoints(view, _endpoints),
            .. XdsTranslator.SecretsOf(view, _bundle, WorkloadCertificate.Placeholder(proxy.Identity.Workload)),
        ];
        return policy with { Resources = all, Bootstrap = new(ContributedBootstrap.Of(view.Contributions, view.Scope), [.. ContributedBootstrap.ObjectsOf(view.Contributions)]) };
    }

    /// <summary>What plugins add to what one proxy starts with, and what is in the way of that.</summary>
    public (BootstrapAddition Added, ScopeContributions Contributions) BootstrapOf(Proxy proxy, ProxyCapabilities capabilities)
    {
        var view = ScopeView.Of(_index, _contributions.ScopeOf(proxy, capabilities), _contributions);
        return (new(ContributedBootstrap.Of(view.Contributions, view.Scope), [.. ContributedBootstrap.ObjectsOf(view.Contributions)]), view.Contributions);
    }
}
