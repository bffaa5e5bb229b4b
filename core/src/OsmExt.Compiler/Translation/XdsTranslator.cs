using System.Collections.Immutable;
using Envoy.Config.Bootstrap.V3;
using Google.Protobuf;
using OsmExt.Compiler.Contributions;
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
    /// <param name="view">The scope's part of the mesh.</param>
    /// <param name="memo">What the scope's last translation made; the result is the same without, it only takes longer.</param>
    public static Translation Policy(ScopeView view, TranslationMemo? memo = null)
    {
        memo ??= new();
        var conflicts = new List<DomainConflict>();
        var passed = Everything(view, memo, conflicts);
        var resources = ImmutableArray.CreateBuilder<XdsResource>(passed.Count);
        var diagnostics = new SortedSet<Diagnostic>(view.Contributions.Findings);
        foreach (var (resource, finding) in passed)
        {
            if (resource is not null)
            {
                resources.Add(resource);
            }

            if (finding is not null)
            {
                diagnostics.Add(finding);
            }
        }

        Report(view, conflicts, diagnostics);
        return new(resources.DrainToImmutable(), diagnostics.ToEquatableArray());
    }

    /// <summary>The endpoint sets of the given services (all of the view's by default), as this scope may see them.</summary>
    public static ImmutableArray<XdsResource> Endpoints(ScopeView view, EndpointTable endpoints, IEnumerable<MeshService>? services = null)
        => [.. (services ?? view.Clusters).Select(service => LoadAssignments.Of(view, service, endpoints))];

    /// <summary>The certificate of the scope's identity, and whom to believe.</summary>
    public static ImmutableArray<XdsResource> SecretsOf(ScopeView view, TrustBundle bundle, WorkloadCertificate certificate)
        => [Secrets.Certificate(certificate), .. Secrets.Trust(view, bundle), .. view.Contributions.Secrets.Select(secret => secret.ToResource())];

    private static List<Passed> Everything(ScopeView view, TranslationMemo memo, List<DomainConflict> conflicts)
    {
        var frame = memo.Begin(view.Frame());
        if (view.Contributions.Held is not null)
        {
            // Without listeners no connection is taken, in either direction.
            memo.End();
            return [];
        }

        var passed = new List<Passed>(view.Clusters.Count + view.Reachable.Count + 16);
        passed.AddRange(memo.Section("outbound", ContributedHosts.Ports(view).ToEquatableArray(), ports => Outbound(frame, ports)));
        passed.AddRange(view.Reachable.Tcp.SelectMany(service => memo.TcpListeners.Get(service, frame, static (of, seen, _) => OutboundTo(of, seen))));
        passed.AddRange(OutboundRoutes.Of(view, frame, memo, conflicts));
        Func<MeshService, ScopeView, Passed?, Passed> upstream = (of, seen, _) => Upstream(of, seen, memo.PlainClusters);
        passed.AddRange(view.Clusters.Select(service => memo.Clusters.Get(service, frame, upstream)));
        var own = memo.Section("own", (view.Own, view.Accepts), input => Own(frame with { Own = input.Own, Accepts = input.Accepts }));
        passed.AddRange(own.Passed);
        passed.AddRange(memo.Section("contributed", (Services: ContributedClusters.ServicesOf(view), view.Own), input => ContributedResources.Of(frame, input.Services, input.Own).ToArray()));
        conflicts.AddRange(own.Conflicts);
        passed = Patches.Apply(passed, frame, memo.Patched);
        memo.End();
        return passed;
    }

    private static Passed[] Outbound(ScopeView frame, EquatableArray<int> ports)
        => [.. OutboundListeners.Of(frame, ports).SelectMany(made => made.Findings.Select(finding => new Passed(null, finding))
            .Concat(made.Listener is { } listener ? [ResourceGate.Pass(new(listener, listener.Name, Origins.MeshConfig), frame.Scope)] : []))];

    private static IReadOnlyList<Passed> OutboundTo(MeshService service, ScopeView frame)
        => [.. OutboundListeners.Tcp(frame, service).Select(listener => ResourceGate.Pass(new(listener, listener.Name, Origins.Of(service)), frame.Scope))];

    private static Passed Upstream(MeshService service, ScopeView frame, Dictionary<AppProtocol, Draft> plain)
    {
        var cluster = Clusters.Upstream(frame, service);
        if (!Clusters.IsPlain(frame.Settings, service))
        {
            return ResourceGate.Pass(new(cluster, cluster.Name, Origins.Of(service)), frame.Scope);
        }

        var draft = plain.TryGetValue(service.Protocol, out var sample)
            ? Draft.Like(sample, cluster, cluster.Name, Origins.Of(service))
            : plain[service.Protocol] = new(cluster, cluster.Name, Origins.Of(service));
        return ResourceGate.Pass(draft, frame.Scope);
    }

    private static (Passed[] Passed, List<DomainConflict> Conflicts) Own(ScopeView view)
    {
        var (conflicts, findings) = (new List<DomainConflict>(), new List<Diagnostic>());
        Passed[] passed = [.. OwnMessages(view, conflicts, findings).Select(entry => ResourceGate.Pass(new(entry.Message, entry.Name, entry.Origins), view.Scope))];
        return ([.. passed, .. findings.Select(finding => new Passed(null, finding))], conflicts);
    }

    // What a pod needs for itself, whatever it may call.
    private static IEnumerable<(IMessage Message, string Name, ImmutableArray<string> Origins)> OwnMessages(
        ScopeView view, List<DomainConflict> conflicts, List<Diagnostic> findings)
    {
        var accepting = InboundListener.Accepting(view).ToArray();
        if (InboundListener.Of(view, findings) is { } inbound)
        {
            yield return (inbound, inbound.Name, Origins.Of(accepting, view.Accepts));
        }

        foreach (var routes in InboundRoutes.Of(view, conflicts))
        {
            yield return (routes, routes.Name, Origins.Of(accepting, view.Accepts));
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
    }
}

/// <summary>Resources, and what had to be left out.</summary>
/// <param name="Resources">The resources.</param>
/// <param name="Diagnostics">What was left out and why, sorted.</param>
internal sealed record Translation(ImmutableArray<XdsResource> Resources, EquatableArray<Diagnostic> Diagnostics)
{
    /// <summary>What plugins add to what the proxy starts with; null where nobody asked.</summary>
    public BootstrapAddition? Bootstrap { get; init; }
}

/// <summary>A part of what a proxy starts with.</summary>
/// <param name="Message">The part; an empty one adds nothing.</param>
/// <param name="Objects">The objects it was made from.</param>
internal sealed record BootstrapAddition(Bootstrap Message, EquatableArray<string> Objects);
