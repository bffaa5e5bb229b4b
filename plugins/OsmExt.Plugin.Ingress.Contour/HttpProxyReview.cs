using System.Globalization;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Plugins;
using OsmExt.Sdk.Resources;

namespace OsmExt.Plugin.Ingress.Contour;

/// <summary>Says of Contour's HTTPProxies where a call to a service of the mesh cannot succeed, or is not checked.</summary>
internal sealed class HttpProxyReview(PluginInput input, IReadOnlyList<OpenBackend> backends)
{
    private static readonly string[] SecureAnnotations = ["projectcontour.io/upstream-protocol.tls", "projectcontour.io/upstream-protocol.h2"];
    private readonly Dictionary<ResourceKey, Service> _services = input.Objects.OfType<Service>().ToDictionary(service => service.Key);

    public IEnumerable<Diagnostic> Findings() => input.Resources.Where(resource => resource.Kind == "HTTPProxy")
        .SelectMany(proxy => proxy.Spec.As<HttpProxySpec>()!.Routes.SelectMany((route, number) => route.Services
            .SelectMany((service, index) => Of(proxy, service, route.Host, string.Create(CultureInfo.InvariantCulture, $"spec.routes[{number}].services[{index}]")))));

    private IEnumerable<Diagnostic> Of(PluginResource proxy, HttpProxyService called, string? host, string field)
    {
        var ns = proxy.Metadata.Namespace;
        if (input.Mesh.Services.FirstOrDefault(service => service.Name == new Sdk.Ir.ServiceName(ns, called.Name) && service.Port == called.Port) is not { } service)
        {
            return [];
        }

        if (backends.FirstOrDefault(open => open.Service.Name == service.Name && open.Service.TargetPort == service.TargetPort) is not { } backend)
        {
            return [Finding("", $"No IngressBackend lets anybody outside the mesh call port {service.TargetPort} of {service.Name}, so Contour cannot", "Create one")];
        }

        var isSecure = called.Protocol is "tls" or "h2" || (called.Protocol.Length == 0 && Annotated(ns, called));
        if (isSecure != backend.IsSecure)
        {
            return [Finding(".protocol", isSecure ? $"Contour speaks TLS and {backend.Origin} lets in plain text" : $"Contour speaks plain text and {backend.Origin} lets in https",
                isSecure ? "Remove protocol, or let the IngressBackend say https" : "Write protocol: tls, or let the IngressBackend say http")];
        }

        string[] names = [.. service.Identities.Select(identity => identity.DnsName).Distinct(StringComparer.Ordinal)];
        string[] wanted = called.Validation is { } validation ? [.. validation.SubjectNames.Append(validation.SubjectName).Where(name => name.Length > 0).Distinct(StringComparer.Ordinal)] : [];
        if (isSecure && called.Validation is null)
        {
            return [Finding(".validation", $"Contour does not check whether it called {service.Name}", $"Add validation with the mesh's CA and the subjectName {string.Join(" or ", names)}")];
        }

        if (isSecure && names.FirstOrDefault(name => !wanted.Contains(name, StringComparer.Ordinal)) is { } missing)
        {
            return [Finding(".validation.subjectName", $"Pods of {service.Name} prove to be {missing}, which is not among the names that Contour takes, so it refuses them", $"Write subjectName: {missing}")];
        }

        // Contour asks for the server that the route sets as Host, and for none without.
        return backend.Serves(host)
            ? []
            : [Finding("", $"Contour asks for {(host is null ? "no server name" : $"the server {host}")}, and {backend.Origin} lets in {string.Join(", ", backend.ServerNames)} only",
                $"Let requestHeadersPolicy of the route set Host to one of these, or remove sniHosts")];

        Diagnostic Finding(string at, string message, string advice) => new(DiagnosticCodes.InvalidPolicy, Severity.Warning, proxy.Key, field + at, message, advice);
    }

    // Contour takes the protocol from the Service too: the ports, by number or name, that its annotation lists.
    private bool Annotated(string ns, HttpProxyService called)
    {
        if (!_services.TryGetValue(new(nameof(Service), ns, called.Name), out var service))
        {
            return false;
        }

        var names = service.Ports.Where(port => port.Port == called.Port).Select(port => port.Name).Append(called.Port.ToString(CultureInfo.InvariantCulture)).ToArray();
        return SecureAnnotations.Any(annotation => (service.Metadata.Annotations[annotation] ?? "").Split(',').Any(port => names.Contains(port.Trim(), StringComparer.Ordinal)));
    }
}
