using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;

namespace OsmExt.Compiler.Policy;

/// <summary>Looks at the finished policy for what is legal but surely not meant.</summary>
internal static class PolicyReview
{
    public static void Report(Mesh mesh, ResourceSnapshot snapshot, DiagnosticBag diagnostics)
    {
        foreach (var service in mesh.Services.Where(service => service.Name.Subdomain.Length == 0))
        {
            var key = new ResourceKey(nameof(Service), service.Name.Namespace, service.Name.Name);
            if (snapshot.Find<Service>(key) is not { } written || service.IsSplit)
            {
                continue;
            }

            if (written.Selector.IsEmpty)
            {
                diagnostics.Warning(DiagnosticCodes.AdmitsNobody, written, "spec.selector",
                    "it selects no pods, so no identity can answer for it and clients refuse to connect", "Give it a selector");
            }
        }

        foreach (var port in mesh.Services.Where(service => service.Name.Subdomain.Length == 0 && service.TargetPort > 0)
            .GroupBy(service => (service.Name, service.TargetPort))
            .Where(port => port.Any(service => service.Protocol.IsHttp() != port.First().Protocol.IsHttp())))
        {
            ReportOnePortAsTwo([.. port], snapshot, diagnostics);
        }

        foreach (var setting in snapshot.All<UpstreamTrafficSetting>().Where(setting => !setting.Settings.RateLimits.Routes.IsEmpty))
        {
            ReportRoutesNobodyHas(setting, mesh, diagnostics);
        }
    }

    private static void ReportOnePortAsTwo(MeshService[] ports, ResourceSnapshot snapshot, DiagnosticBag diagnostics)
    {
        var first = ports[0];
        if (snapshot.Find<Service>(new(nameof(Service), first.Name.Namespace, first.Name.Name)) is { } written)
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

    private static void ReportRoutesNobodyHas(UpstreamTrafficSetting setting, Mesh mesh, DiagnosticBag diagnostics)
    {
        var identities = mesh.Services.Where(service => service.Upstream == setting.Settings && service.Name.Fqdn == setting.Host)
            .SelectMany(service => service.Identities).ToHashSet();
        var paths = mesh.Settings.Permissive ? [HttpRouteMatch.Any.PathRegex]
            : mesh.Inbound.Where(policy => identities.Contains(policy.Identity)).SelectMany(policy => policy.HttpRules).Select(rule => rule.Match.PathRegex).ToHashSet();
        for (var index = 0; index < setting.Settings.RateLimits.Routes.Count; index++)
        {
            if (identities.Count > 0 && setting.Settings.RateLimits.Routes[index].Path is var path && !paths.Contains(path))
            {
                diagnostics.Warning(DiagnosticCodes.DanglingReference, setting, $"spec.httpRoutes[{index}].path",
                    $"no permitted route has the path \"{path}\", so its limit has no effect",
                    mesh.Settings.Permissive ? "In permissive mode the only route has the path .*" : "Repeat the pathRegex of an HTTPRouteGroup that a TrafficTarget names");
            }
        }
    }
}
