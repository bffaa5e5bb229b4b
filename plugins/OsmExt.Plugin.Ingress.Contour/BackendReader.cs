using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Plugins;
using OsmExt.Sdk.Resources;

namespace OsmExt.Plugin.Ingress.Contour;

/// <summary>Reads what IngressBackends open. What cannot be understood opens nothing, and is said.</summary>
internal sealed class BackendReader(PluginInput input, List<Diagnostic> findings)
{
    private readonly SourceReader _sources = new(input, findings);
    private readonly Dictionary<ResourceKey, RouteGroup> _groups = input.RouteGroups.ToDictionary(group => group.Key);
    private readonly Dictionary<(string Namespace, string Service, int Port), ResourceKey> _claimed = [];

    /// <summary>What one object opens. Objects have to be asked in the order in which they count.</summary>
    public IReadOnlyList<OpenBackend> Backends(PluginResource ingress)
    {
        var spec = ingress.Spec.As<IngressBackendSpec>()!;
        var sources = _sources.Of(ingress, spec);
        if (spec.Sources.Length == 0)
        {
            Error(ingress, DiagnosticCodes.AdmitsNobody, "spec.sources", "It names no source, so it lets nobody in", "Name the gateway: a Service, an IPRange or an AuthenticatedPrincipal");
        }

        var (matches, groups) = Matches(ingress, spec);
        return [.. spec.Backends.Select((backend, index) => Backend(ingress, backend, $"spec.backends[{index}]", sources, spec.Sources.Length > 0))
            .OfType<OpenBackend>().Select(open => open with { Matches = matches, Groups = groups })];
    }

    private OpenBackend? Backend(PluginResource ingress, IngressBackend backend, string field, Sources sources, bool hasSources)
    {
        var (ns, number) = (ingress.Metadata.Namespace, backend.Port.Number);
        var protocol = backend.Port.Protocol.ToLowerInvariant();
        if (protocol is not ("http" or "https"))
        {
            return Refuse(DiagnosticCodes.InvalidPolicy, "port.protocol", $"There is no protocol \"{backend.Port.Protocol}\", so port {number} stays closed", "Use http or https");
        }

        var service = input.Mesh.Services.FirstOrDefault(service => service.Name == new ServiceName(ns, backend.Name) && service.TargetPort == number);
        if (service is null)
        {
            return Refuse(DiagnosticCodes.DanglingReference, "port.number", $"No port of a Service {ns}/{backend.Name} leads to port {number} of its pods, so it opens nothing",
                "Write the port that the pods listen on (the Service's targetPort), or correct the name");
        }

        if (!_claimed.TryAdd((ns, backend.Name, number), ingress.Key))
        {
            var owner = _claimed[(ns, backend.Name, number)];
            return Refuse(DiagnosticCodes.Conflict, "port.number", owner == ingress.Key ? $"It speaks of port {number} of {backend.Name} twice; the first counts" : $"{owner} already says who may call port {number} of {backend.Name}",
                "Remove one of them");
        }

        return hasSources && IsReachable() ? new(ingress.Key, service, protocol == "https", sources, backend.Tls) : null;

        bool IsReachable()
        {
            if (sources.Ranges is { Length: 0 })
            {
                return Refuse(DiagnosticCodes.AdmitsNobody, "", "None of its sources has an address, so it lets nobody in", "See what is said of the sources") is not null;
            }

            var isAuthenticated = protocol == "https" && !backend.Tls.SkipClientCertValidation;
            if (isAuthenticated && sources.Principals.Length == 0)
            {
                return Refuse(DiagnosticCodes.AdmitsNobody, "tls.skipClientCertValidation", "Gateways prove who they are, and no source says who may call, so it lets nobody in",
                    "Add a source of kind AuthenticatedPrincipal with a name in the gateway's certificate, or set skipClientCertValidation") is not null;
            }

            if (!isAuthenticated && sources.Ranges is null)
            {
                return Refuse(DiagnosticCodes.AdmitsNobody, protocol == "https" ? "tls.skipClientCertValidation" : "port.protocol",
                    "Gateways do not prove who they are here, and no source says from where they call, so it lets nobody in", "Add a source of kind Service or IPRange") is not null;
            }

            if (!isAuthenticated && sources.Principals.Length > 0)
            {
                findings.Add(new(DiagnosticCodes.InvalidPolicy, Severity.Warning, ingress.Key, $"{field}.port.protocol",
                    $"Gateways do not prove who they are on port {number}, so its sources of kind AuthenticatedPrincipal restrict nobody there", "Use https with client certificates, or remove them"));
            }

            return true;
        }

        OpenBackend? Refuse(string code, string at, string message, string advice)
        {
            Error(ingress, code, at.Length == 0 ? field : $"{field}.{at}", message, advice);
            return null;
        }
    }

    private (HttpRouteMatch[] Matches, ResourceKey[] Groups) Matches(PluginResource ingress, IngressBackendSpec spec)
    {
        if (spec.Matches.Length == 0)
        {
            return ([HttpRouteMatch.Any], []);
        }

        var found = new List<RouteGroup>();
        for (var index = 0; index < spec.Matches.Length; index++)
        {
            var match = spec.Matches[index];
            var key = new ResourceKey("HTTPRouteGroup", ingress.Metadata.Namespace, match.Name);
            if (match.ApiGroup != "specs.smi-spec.io/v1alpha4" || match.Kind != "HTTPRouteGroup")
            {
                Error(ingress, DiagnosticCodes.InvalidPolicy, $"spec.matches[{index}]", $"It cannot refer to a {match.Kind} of {match.ApiGroup}, so that lets no request in", "Refer to a HTTPRouteGroup of specs.smi-spec.io/v1alpha4");
            }
            else if (_groups.TryGetValue(key, out var group))
            {
                found.Add(group);
            }
            else
            {
                Error(ingress, DiagnosticCodes.DanglingReference, $"spec.matches[{index}].name", $"There is no {key}, so it lets no request in", "Create it, or correct its name");
            }
        }

        return ([.. found.SelectMany(group => group.Matches).Distinct()], [.. found.Select(group => group.Key)]);
    }

    private void Error(PluginResource ingress, string code, string field, string message, string advice)
        => findings.Add(new(code, Severity.Error, ingress.Key, field, message, advice));
}
