using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;

namespace OsmExt.Sdk.Plugins;

/// <summary>Whom a contribution is for. What is not set restricts nothing; an empty target is the whole mesh.</summary>
public sealed record ContributionTarget
{
    /// <summary>The whole mesh.</summary>
    public static ContributionTarget Mesh { get; } = new();

    /// <summary>Proxies of this namespace.</summary>
    public string? Namespace { get; init; }

    /// <summary>Of these, proxies that run as this service account.</summary>
    public string? ServiceAccount { get; init; }

    /// <summary>Of these, proxies of pods with all of these labels; empty restricts nothing.</summary>
    public LabelSet Labels { get; init; } = LabelSet.Empty;

    /// <summary>Traffic to this service: at its own proxies when inbound, at its clients' when outbound.</summary>
    public ServiceName? Service { get; init; }

    /// <summary>Of this, traffic to one port of the service.</summary>
    public int? Port { get; init; }

    /// <summary>Of this, requests that a match of an HTTPRouteGroup means.</summary>
    public RouteReference? Route { get; init; }

    /// <summary>How specific it is: a more specific contribution takes the place of a less specific one.</summary>
    public int Specificity
        => (Namespace is null ? 0 : 1) + (ServiceAccount is null && Labels.IsEmpty ? 0 : 2) + (Service is null ? 0 : 4) + (Port is null ? 0 : 8)
            + (Route is null ? 0 : 16) + (Route is null or { Match: "" } ? 0 : 32);

    /// <summary>Whether proxies of that scope are meant at all; the service is looked at place by place.</summary>
    public bool Covers(ProxyScope scope)
    {
        ArgumentNullException.ThrowIfNull(scope);
        return (Namespace is null || string.Equals(Namespace, scope.Identity.Namespace, StringComparison.Ordinal))
            && (ServiceAccount is null || string.Equals(ServiceAccount, scope.Identity.ServiceAccount, StringComparison.Ordinal))
            && (Labels.IsEmpty || scope.Selections.Contains(Labels));
    }

    /// <summary>Whether traffic to that service port is meant; null for traffic to no service in particular.</summary>
    public bool Covers(MeshService? service)
        => (Service is null || (service is not null && service.Name with { Subdomain = "" } == Service)) && (Port is null || service?.Port == Port);

    /// <summary>In words.</summary>
    public override string ToString() => Route is { } route ? $"requests of {route} to {Place}" : Place;

    private string Place
        => (Service, Namespace) switch
        {
            ({ } service, _) => $"service {service}{(Port is { } port ? $" port {port}" : "")}",
            (null, { } ns) when !Labels.IsEmpty => $"pods of namespace {ns} with {string.Join(", ", Labels.Select(label => $"{label.Key}={label.Value}"))}",
            (null, { } ns) => ServiceAccount is { } account ? $"service account {ns}/{account}" : $"namespace {ns}",
            _ => "the mesh",
        };
}

/// <summary>Names requests: those that one match of an HTTPRouteGroup means, or any of its matches.</summary>
/// <param name="Namespace">The group's namespace.</param>
/// <param name="Group">The group's name.</param>
/// <param name="Match">The match's name; empty for all.</param>
public sealed record RouteReference(string Namespace, string Group, string Match = "")
{
    /// <summary>The group.</summary>
    public ResourceKey Key => new("HTTPRouteGroup", Namespace, Group);

    /// <summary>In words.</summary>
    public override string ToString() => Match.Length == 0 ? $"{Key}" : $"{Key} match {Match}";
}
