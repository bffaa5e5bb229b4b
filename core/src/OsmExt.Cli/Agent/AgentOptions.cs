using System.Net;

namespace OsmExt.Cli.Agent;

/// <summary>What an agent is told by the pod it is in.</summary>
internal sealed record AgentOptions
{
    /// <summary>Where the sidecar's Envoy finds the control plane.</summary>
    public required DnsEndPoint Controller { get; init; }

    /// <summary>Who issues credentials.</summary>
    public required DnsEndPoint Issuer { get; init; }

    /// <summary>By what the issuer is known the first time, PEM.</summary>
    public required string Roots { get; init; }

    /// <summary>The token that the node keeps there and renews.</summary>
    public required string TokenFile { get; init; }

    /// <summary>Where Envoy's bootstrap and credentials are written; as Envoy sees it.</summary>
    public required string Directory { get; init; }

    /// <summary>What the node was to ask of the pod's containers.</summary>
    public required string Probes { get; init; }

    /// <summary>Where Envoy is asked whether it is ready.</summary>
    public Uri EnvoyReady { get; init; } = new("http://127.0.0.1:15000/ready");
}
