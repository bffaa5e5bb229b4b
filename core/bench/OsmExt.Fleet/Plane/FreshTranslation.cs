using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using OsmExt.Compiler;
using OsmExt.Compiler.Endpoints;
using OsmExt.Compiler.Policy;
using OsmExt.Compiler.Translation;
using OsmExt.ControlPlane.Pipeline;
using OsmExt.Envoy;
using OsmExt.Fleet.Proxies;
using OsmExt.Identity;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;
using OsmExt.Xds.Snapshots;

namespace OsmExt.Fleet.Plane;

/// <summary>
/// What proxies have to have, from nothing but the objects there are: nothing that was kept from an earlier compilation or translation is used, but for certificates, which
/// differ each time they are issued. Beside it what the control plane, with all it keeps, has published. For the pipeline's loop.
/// </summary>
internal sealed class FreshTranslation
{
    private static readonly CompilerOptions Options = new();
    private readonly IServiceProvider _services;
    private readonly EndpointTable _endpoints;
    private readonly MeshIndex _index;
    private readonly Dictionary<ProxyScope, Content> _fresh = [];

    public FreshTranslation(IServiceProvider services, MeshState state)
    {
        _services = services;
        var snapshot = ResourceSnapshot.Of(state.Snapshot.AllObjects());
        _endpoints = EndpointTable.Of(snapshot, Options);
        _index = new(PolicyCompiler.Compile(snapshot, _endpoints, Options).Mesh);
    }

    /// <summary>For each of these pods' proxies the digests of both.</summary>
    public Dictionary<string, Expected> Digests(IEnumerable<string> pods)
        => pods.Select(pod => (pod, scope: ScopeOf(pod))).Where(entry => entry.scope is not null)
            .ToDictionary(entry => entry.pod, entry => new Expected(Of(entry.scope!).Digest, Published(entry.scope!).Digest));

    /// <summary>What a pod's proxy has to have, a line for each resource.</summary>
    public string[] HoldingsOf(string pod) => ScopeOf(pod) is { } scope ? Of(scope).Lines : [];

    private ProxyScope? ScopeOf(string pod) => _services.GetRequiredService<ConnectedProxies>().ScopeOf(PodName.Parse(pod).ProxyId);

    private Content Of(ProxyScope scope)
    {
        if (!_fresh.TryGetValue(scope, out var content))
        {
            var view = ScopeView.Of(_index, scope);
            var live = new LiveScope(scope, view);
            var certificate = _services.GetRequiredService<WorkloadCertificates>().Get(scope.Identity, view.Settings.CertificateValidity, KeyType.Of(view.Settings.RsaKeyBits));
            live.Renew(view, _endpoints, _services.GetRequiredService<CertificateAuthority>().Bundle, certificate);
            _fresh[scope] = content = Content.Of(live.Everything);
        }

        return content;
    }

    private Content Published(ProxyScope scope)
        => _services.GetRequiredService<SnapshotCache>().Get(scope) is { } snapshot ? Content.Of(snapshot.TypeUrls.SelectMany(type => snapshot.InOrder(type))) : Content.None;

    /// <summary>What a proxy ends up with that asks for all listeners and clusters and for what they name.</summary>
    private sealed class Content
    {
        private readonly List<Payload> _payloads = [];

        public static Content None { get; } = new();

        public string Digest => _payloads.Aggregate(UInt128.Zero, static (sum, payload) => unchecked(sum + payload.Digest)).ToString("x32", CultureInfo.InvariantCulture);

        public string[] Lines
            => [.. _payloads.Select(payload => payload.ToString()).Order(StringComparer.Ordinal)];

        public static Content Of(IEnumerable<XdsResource> resources)
        {
            var content = new Content();
            var all = resources.ToArray();
            var named = all.Where(resource => resource.TypeUrl is TypeUrls.Cluster or TypeUrls.Listener).SelectMany(resource => References.Of(resource.Message)).ToHashSet();
            foreach (var resource in all.Where(resource => resource.TypeUrl is TypeUrls.Cluster or TypeUrls.Listener or TypeUrls.VirtualHost || named.Contains(new(resource.TypeUrl, resource.Name))))
            {
                content._payloads.Add(Payload.Of(new(resource.TypeUrl, resource.Name), resource.Value.Span, resource.Version));
            }

            return content;
        }
    }
}

/// <summary>Digests of what a proxy has to have: by a fresh translation, and as it was published.</summary>
internal sealed record Expected(string Fresh, string Published);
