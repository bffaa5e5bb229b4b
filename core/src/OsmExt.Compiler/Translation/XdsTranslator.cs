using System.Collections.Immutable;
using Google.Protobuf;
using OsmExt.Compiler.Endpoints;
using OsmExt.Envoy;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Identity;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler.Translation;

/// <summary>
/// Turns one scope's part of the mesh into Envoy resources. Pure; everything it reads is in its arguments.
/// </summary>
internal static class XdsTranslator
{
    /// <summary>Listeners, routes and clusters of a scope.</summary>
    public static Translation Policy(ScopeView view)
    {
        var diagnostics = new SortedSet<Diagnostic>();
        var conflicts = new List<DomainConflict>();
        var resources = Messages(view, conflicts).Select(entry => ResourceGate.Pass(entry.Message, entry.Name, entry.Origins, view.Scope, diagnostics)).OfType<XdsResource>().ToImmutableArray();
        Report(view, conflicts, diagnostics);
        return new(resources, diagnostics.ToEquatableArray());
    }

    /// <summary>The endpoint sets of the given services (all of the view's by default), as this scope may see them.</summary>
    public static ImmutableArray<XdsResource> Endpoints(ScopeView view, EndpointTable endpoints, IEnumerable<MeshService>? services = null)
        => [.. (services ?? view.Clusters).Select(service => XdsResource.Create(
            LoadAssignments.Of(
                service, endpoints,
                endpoint => view.MayReach(endpoint.Identity) && view.Scope.Reaches(endpoint.Address),
                TrafficMetrics.Wanted(view) && TrafficMetrics.Offered(view)),
            service.Cluster, Origins.Of(service)))];

    /// <summary>The certificate of the scope's identity, and whom to believe.</summary>
    public static ImmutableArray<XdsResource> SecretsOf(ScopeView view, TrustBundle bundle, WorkloadCertificate certificate)
        => [Secrets.Certificate(certificate), .. Secrets.Trust(view, bundle).Select(secret => XdsResource.Create(secret, secret.Name))];

    private static IEnumerable<(IMessage Message, string Name, ImmutableArray<string> Origins)> Messages(ScopeView view, List<DomainConflict> conflicts)
    {
        var accepting = InboundListener.Accepting(view).ToArray();
        foreach (var listener in OutboundListeners.Of(view))
        {
            yield return (listener, listener.Name, Origins.MeshConfig);
        }

        if (InboundListener.Of(view) is { } inbound)
        {
            yield return (inbound, inbound.Name, Origins.Of(accepting, view.Accepts));
        }

        foreach (var routes in OutboundRoutes.Of(view, conflicts))
        {
            yield return (routes, routes.Name, Origins.Of(view.Reachable));
        }

        foreach (var routes in InboundRoutes.Of(view, conflicts))
        {
            yield return (routes, routes.Name, Origins.Of(accepting, view.Accepts));
        }

        foreach (var service in view.Clusters)
        {
            yield return (Clusters.Upstream(view, service), service.Cluster, Origins.Of(service));
        }

        foreach (var service in accepting)
        {
            yield return (Clusters.Local(service), service.LocalCluster, Origins.Of(service));
        }

        foreach (var service in RateLimiting.ServicesOf(accepting))
        {
            yield return (Clusters.RateLimitService(service), service.Cluster, Origins.Of(accepting));
        }

        var outside = view.Settings.EnableEgress ? Clusters.Passthrough() : Clusters.Blackhole();
        yield return (outside, outside.Name, Origins.MeshConfig);
        if (view.Scope.Scraped)
        {
            yield return (PrometheusListener.Build(view.Scope), Names.PrometheusListener, []);
            yield return (Clusters.Metrics(), Names.MetricsCluster, []);
        }
    }

    private static void Report(ScopeView view, IEnumerable<DomainConflict> conflicts, ICollection<Diagnostic> diagnostics)
    {
        foreach (var conflict in conflicts.Where(conflict => !conflict.Domain.Contains(':', StringComparison.Ordinal)))
        {
            diagnostics.Add(new(DiagnosticCodes.Conflict, Severity.Error, new ResourceKey(nameof(Service), conflict.Loser.Namespace, conflict.Loser.Name), "metadata.name",
                $"In namespace {view.Scope.Identity.Namespace} the host name \"{conflict.Domain}\" means {conflict.Owner}, so it cannot also mean {conflict.Loser}",
                "Rename one of the services, or call it by its full name"));
        }

        if (TrafficMetrics.Wanted(view) && !TrafficMetrics.Offered(view))
        {
            diagnostics.Add(new(DiagnosticCodes.NotOffered, Severity.Warning, new ResourceKey(nameof(MeshConfig), "", MeshConfig.WellKnownName),
                "spec.featureFlags.enableWASMStats",
                $"{view.Scope.Capabilities} cannot count requests by workload, so proxies of {view.Scope.Identity} do not",
                "Run these proxies on Envoy 1.39 or later"));
        }
    }
}

/// <summary>Resources, and what had to be left out.</summary>
/// <param name="Resources">The resources.</param>
/// <param name="Diagnostics">What was left out and why, sorted.</param>
internal sealed record Translation(ImmutableArray<XdsResource> Resources, EquatableArray<Diagnostic> Diagnostics);
