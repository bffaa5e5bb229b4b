using System.Net;
using Envoy.Config.Bootstrap.V3;
using Envoy.Config.Core.V3;

namespace OsmExt.DataPlane.Bootstraps;

/// <summary>What a sidecar starts with: who it is, where the control plane is and how to know it.</summary>
/// <param name="Message">All of it, as it was written.</param>
/// <param name="Node">Who it is.</param>
/// <param name="ControlPlane">Where everything else comes from.</param>
internal sealed record SidecarBootstrap(Bootstrap Message, Node Node, ControlPlaneAddress ControlPlane)
{
    /// <summary>Where the admin endpoint listens; null when there is to be none.</summary>
    public IPEndPoint? Admin { get; init; }

    /// <summary>How large a regular expression may become (<c>re2.max_program_size.error_level</c>).</summary>
    public int MaxRegexProgram { get; init; } = OsmExt.Envoy.Re2.DefaultProgramSize;

    /// <summary>What all statistics are tagged with (<c>stats_config.stats_tags</c> of fixed values).</summary>
    public IReadOnlyDictionary<string, string> Tags { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>How many connections it takes at most; null for as many as come.</summary>
    public long? MaxConnections { get; init; }
}

/// <summary>The cluster that the aggregated stream goes to.</summary>
/// <param name="Cluster">Its name.</param>
/// <param name="Host">A name or an address.</param>
/// <param name="Port">The port.</param>
internal sealed record ControlPlaneAddress(string Cluster, string Host, int Port)
{
    /// <summary>How it is known, and whom it is shown; null for plaintext.</summary>
    public ControlPlaneTls? Tls { get; init; }

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a silent connection is asked whether it is alive, and how long the answer may take; null for never.</summary>
    public (TimeSpan Interval, TimeSpan Timeout)? KeepAlive { get; init; }

    /// <summary>The shortest pause between two attempts, and the longest.</summary>
    public (TimeSpan Base, TimeSpan Most) Reconnect { get; init; } = (TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(30));
}

/// <summary>TLS towards the control plane.</summary>
/// <param name="ServerName">The name asked for (SNI); empty for none.</param>
/// <param name="Certificate">What the sidecar proves itself with; null for nothing.</param>
/// <param name="Trust">Who is believed.</param>
internal sealed record ControlPlaneTls(string ServerName, SecretSource? Certificate, SecretSource Trust);
