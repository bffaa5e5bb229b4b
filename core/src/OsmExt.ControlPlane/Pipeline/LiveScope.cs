using System.Collections.Immutable;
using OsmExt.Compiler.Contributions;
using OsmExt.Compiler.Endpoints;
using OsmExt.Compiler.Translation;
using OsmExt.Envoy;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Identity;
using OsmExt.Sdk.Ir;
using OsmExt.Xds.Snapshots;

namespace OsmExt.ControlPlane.Pipeline;

/// <summary>
/// A scope that proxies are attached to, and the configuration it has. It remembers what it was made of, so that making it anew
/// costs what changed. Used by the pipeline's loop only.
/// </summary>
internal sealed class LiveScope(ProxyScope scope, ScopeView view)
{
    private readonly TranslationMemo _memo = new();
    private readonly ServiceMemo<XdsResource> _endpoints = new();
    private ScopeView _admission = view;
    private ImmutableArray<XdsResource> _known = [];

    public ProxyScope Scope => scope;

    /// <summary>What the current configuration was made from.</summary>
    public ScopeView View { get; private set; } = view;

    /// <summary>What translating found.</summary>
    public EquatableArray<Diagnostic> Diagnostics { get; private set; }

    /// <summary>Whether the last attempt to make its configuration failed, so that it has an older one than it should.</summary>
    public bool Stale { get; set; }

    /// <summary>Whether policy has changed since it was looked at.</summary>
    public bool IsBehind { get; set; }

    /// <summary>Whether plugins keep it from being configured anew, so that proxies keep what they have, if they have anything.</summary>
    public bool IsHeld { get; private set; }

    /// <summary>What plugins contribute and Envoy refused.</summary>
    public EquatableArray<LeftOutContribution> LeftOut { get; private set; }

    /// <summary>How many streams are attached.</summary>
    public int Streams { get; set; }

    /// <summary>When the last stream left, or the scope was made; it is kept a while for proxies that come back.</summary>
    public long IdleSince { get; set; }

    /// <summary>Everything the scope's proxies are to have.</summary>
    public IEnumerable<XdsResource> Everything => _known.Concat(_endpoints.Values);

    /// <summary>Notes whether plugins keep it from being configured anew, and says why.</summary>
    public bool IsHeldBy(ScopeContributions contributions)
    {
        (IsHeld, LeftOut) = (contributions.Held is not null, contributions.LeftOut);
        Diagnostics = IsHeld ? contributions.Findings : Diagnostics;
        return IsHeld;
    }

    /// <summary>Makes the configuration of a view and returns how it differs from the one before.</summary>
    public IReadOnlyList<XdsChange> Renew(ScopeView view, EndpointTable endpoints, TrustBundle bundle, WorkloadCertificate certificate)
    {
        View = view;
        var policy = XdsTranslator.Policy(view, _memo);
        ImmutableArray<XdsResource> all = [.. policy.Resources, .. XdsTranslator.SecretsOf(view, bundle, certificate)];
        var changes = ResourceLists.Changes(_known.AsSpan(), all.AsSpan());
        changes.AddRange(RenewEndpoints(view, endpoints));
        (_known, Diagnostics) = (all, policy.Diagnostics);
        changes.ForEach(change => Lighten(change.Resource));
        return changes;
    }

    /// <summary>Makes the endpoint sets of Kubernetes Services anew, as far as the scope has them.</summary>
    public IEnumerable<XdsResource> Renew(EndpointTable endpoints, IEnumerable<ServiceKey> services)
    {
        foreach (var service in services.SelectMany(View.Clusters.At))
        {
            var resource = LoadAssignments.Of(View, service, endpoints);
            _endpoints.Set(service, _admission, resource);
            Lighten(resource);
            yield return resource;
        }
    }

    // From here on bytes are what is needed, of tens of thousands of resources; secrets, few of them, are looked into whenever roots change.
    private static void Lighten(XdsResource? resource)
    {
        if (resource is not null && !string.Equals(resource.TypeUrl, TypeUrls.Secret, StringComparison.Ordinal))
        {
            resource.KeepOnlyBytes();
        }
    }

    // Endpoint sets follow every change of endpoints at once, so only those of other services than before have to be made, or
    // all if the scope may now see others of their endpoints.
    private List<XdsChange> RenewEndpoints(ScopeView view, EndpointTable endpoints)
    {
        var admission = view.Frame() with { Destinations = view.Destinations };
        _admission = admission == _admission ? _admission : admission;
        var made = new List<XdsResource>();
        Func<MeshService, ScopeView, XdsResource?, XdsResource> make = (of, seen, earlier) =>
        {
            // Clients that see all of a service's endpoints share one, so most stay what they were.
            var resource = LoadAssignments.Of(seen, of, endpoints);
            if (!ReferenceEquals(resource, earlier))
            {
                made.Add(resource);
            }

            return resource;
        };
        _endpoints.Begin();
        foreach (var service in view.Clusters)
        {
            _endpoints.Get(service, _admission, make);
        }

        return ResourceLists.Changes(_endpoints.End(), [.. made]);
    }
}
