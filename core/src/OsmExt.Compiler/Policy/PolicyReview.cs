using System.Collections.Immutable;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler.Policy;

/// <summary>Looks at the finished policy of a namespace for what is legal but surely not meant.</summary>
/// <param name="Findings">What was found.</param>
internal sealed record PolicyReview(EquatableArray<Diagnostic> Findings)
{
    public static PolicyReview Of(Input input)
    {
        var diagnostics = new DiagnosticBag();
        foreach (var service in input.Services.Where(service => service.Name.Subdomain.Length == 0 && !service.IsSplit))
        {
            if (Written(service, input) is { Selector.IsEmpty: true } written)
            {
                diagnostics.Warning(DiagnosticCodes.AdmitsNobody, written, "spec.selector",
                    "it selects no pods, so no identity can answer for it and clients refuse to connect", "Give it a selector");
            }
        }

        ReportOnePortAsTwo(input, diagnostics);
        foreach (var setting in input.Settings.Values.Cast<UpstreamTrafficSetting>().Where(setting => !setting.Settings.RateLimits.Routes.IsEmpty))
        {
            ReportRoutesNobodyHas(setting, input, diagnostics);
        }

        return new(diagnostics.Sorted());
    }

    private static Service? Written(MeshService service, Input input)
        => input.Objects.GetValueOrDefault(new(nameof(Service), service.Name.Namespace, service.Name.Name)) as Service;

    private static void ReportOnePortAsTwo(Input input, DiagnosticBag diagnostics)
    {
        // Ports of one service stand together; most have one.
        for (var start = 0; start < input.Services.Length;)
        {
            var end = start + 1;
            while (end < input.Services.Length && input.Services[end].Name == input.Services[start].Name)
            {
                end++;
            }

            if (end - start > 1 && input.Services[start].Name.Subdomain.Length == 0)
            {
                foreach (var port in input.Services[start..end].Where(service => service.TargetPort > 0).GroupBy(service => service.TargetPort)
                    .Where(port => port.Any(service => service.Protocol.IsHttp() != port.First().Protocol.IsHttp())))
                {
                    ReportOnePortAsTwo([.. port], input, diagnostics);
                }
            }

            start = end;
        }
    }

    private static void ReportOnePortAsTwo(MeshService[] ports, Input input, DiagnosticBag diagnostics)
    {
        var first = ports[0];
        if (Written(first, input) is { } written)
        {
            var others = string.Join(", ", ports
                .Where(port => port.Protocol.IsHttp() != first.Protocol.IsHttp())
                .Select(port => $"{port.Port} ({port.Protocol.Name()})"));
            diagnostics.Warning(DiagnosticCodes.Conflict, written, "spec.ports",
                $"port {first.Port} and port {others} lead to the same container port {first.TargetPort}, "
                    + $"which is accepted as {first.Protocol.Name()} for all of them",
                "Give them one protocol, or separate container ports");
        }
    }

    private static void ReportRoutesNobodyHas(UpstreamTrafficSetting setting, Input input, DiagnosticBag diagnostics)
    {
        var identities = input.Services.Where(service => service.Upstream == setting.Settings && service.Name.Fqdn == setting.Host)
            .SelectMany(service => service.Identities).ToHashSet();
        var paths = input.Permissive ? [HttpRouteMatch.Any.PathRegex]
            : input.Inbound.Where(policy => identities.Contains(policy.Identity)).SelectMany(policy => policy.HttpRules).Select(rule => rule.Match.PathRegex).ToHashSet();
        for (var index = 0; index < setting.Settings.RateLimits.Routes.Count; index++)
        {
            if (identities.Count > 0 && setting.Settings.RateLimits.Routes[index].Path is var path && !paths.Contains(path))
            {
                diagnostics.Warning(DiagnosticCodes.DanglingReference, setting, $"spec.httpRoutes[{index}].path",
                    $"no permitted route has the path \"{path}\", so its limit has no effect",
                    input.Permissive ? "In permissive mode the only route has the path .*" : "Repeat the pathRegex of an HTTPRouteGroup that a TrafficTarget names");
            }
        }
    }

    /// <summary>All that it looks at.</summary>
    /// <param name="Services">The services of the namespace.</param>
    /// <param name="Objects">The objects they come from.</param>
    /// <param name="Settings">Its UpstreamTrafficSettings.</param>
    /// <param name="Inbound">What its identities accept; empty where no setting limits single routes.</param>
    /// <param name="Permissive">Whether that does not count.</param>
    internal readonly record struct Input(
        MeshService[] Services, ImmutableSortedDictionary<ResourceKey, Resource> Objects, ImmutableSortedDictionary<ResourceKey, Resource> Settings, InboundPolicy[] Inbound, bool Permissive);
}
