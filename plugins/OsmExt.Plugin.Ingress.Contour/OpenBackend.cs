using System.Globalization;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Plugins;
using OsmExt.Sdk.Resources;

namespace OsmExt.Plugin.Ingress.Contour;

/// <summary>A port of a service that gateways may call.</summary>
/// <param name="Origin">The IngressBackend.</param>
/// <param name="Service">The service's port.</param>
/// <param name="IsSecure">Whether gateways speak TLS.</param>
/// <param name="Sources">Who may call.</param>
/// <param name="Tls">How TLS is spoken.</param>
internal sealed record OpenBackend(ResourceKey Origin, MeshService Service, bool IsSecure, Sources Sources, BackendTls Tls)
{
    /// <summary>Which requests are let in.</summary>
    public HttpRouteMatch[] Matches { get; init; } = [];

    /// <summary>The objects that say so.</summary>
    public ResourceKey[] Groups { get; init; } = [];

    private bool IsAuthenticated => IsSecure && !Tls.SkipClientCertValidation;

    /// <summary>The only server names that gateways may ask for; any, or none, when there are none.</summary>
    public string[] ServerNames { get; } = [.. Tls.SniHosts.Select(host => host.ToLowerInvariant()).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>Whether a gateway that asks for that server, or for none when it is null, is let in.</summary>
    public bool Serves(string? serverName) => !IsSecure || ServerNames.Length == 0
        || (serverName?.ToLowerInvariant() is { } asked && ServerNames.Any(name => name == asked || (name.StartsWith("*.", StringComparison.Ordinal) && asked.EndsWith(name[1..], StringComparison.Ordinal))));

    /// <summary>
    /// The filter chains. Envoy chooses by server name first, and a mesh service's own name leads to the chain for the mesh unless
    /// another chain has it too. So where any name will do, and Contour mostly asks for none, there is one more for that name.
    /// </summary>
    public IEnumerable<Contribution> Chains() => (IsSecure, ServerNames) switch
    {
        (false, _) => [Chain("http", [])],
        (_, []) => [Chain("https", []), Chain("https|service", [Service.Name.Fqdn])],
        _ => [Chain("https|names", ServerNames)],
    };

    private Contribution Chain(string what, string[] serverNames)
        => new("backends", new() { Service = Service.Name, Port = Service.Port })
        {
            Origin = Origin,
            AlsoFrom = [.. Groups.Order()],
            Model = ConfigValue.From(new
            {
                name = string.Create(CultureInfo.InvariantCulture, $"ingress-contour|{Origin.Namespace}/{Origin.Name}|{Service.Name.Name}|{Service.TargetPort}|{what}"),
                port = Service.TargetPort,
                ranges = Sources.Ranges ?? [],
                serverNames,
                secure = IsSecure,
                authenticated = IsAuthenticated,
                routes = Matches.SelectMany(Routes),
                cluster = Service.LocalCluster,
                policy = $"{Origin.Namespace}/{Origin.Name}",
                principals = IsAuthenticated ? Sources.Principals.Select(name => (object)new { authenticated = new { principalName = new { exact = name } } }) : [new { any = true }],
            }),
        };

    private static IEnumerable<object> Routes(HttpRouteMatch match) => match.Methods.DefaultIfEmpty("").Select(method => new
    {
        path = match.PathRegex,
        headers = (method.Length == 0 ? [] : new object[] { new { name = ":method", stringMatch = new { exact = method } } })
            .Concat(match.Headers.Select(header => (object)new { name = header.Key, stringMatch = new { safeRegex = new { regex = header.Value } } })),
    });
}
