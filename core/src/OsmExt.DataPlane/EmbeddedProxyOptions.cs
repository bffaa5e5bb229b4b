using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace OsmExt.DataPlane;

/// <summary>What an <see cref="EmbeddedProxy"/> begins with. Nothing of it is shared: any number of them run in one process.</summary>
internal sealed record EmbeddedProxyOptions
{
    /// <summary>An Envoy bootstrap in YAML or JSON, as <c>osm bootstrap</c> prints it.</summary>
    public required string Bootstrap { get; init; }

    /// <summary>Where the admin endpoint listens instead of where the bootstrap says; null for there.</summary>
    public IPEndPoint? Admin { get; init; }

    /// <summary>Whether there is an admin endpoint at all.</summary>
    public bool HasAdmin { get; init; } = true;

    /// <summary>How traffic comes in and goes out. Its clock and log are this one's, and its sink is the access logs and statistics.</summary>
    public TrafficOptions Traffic { get; init; } = new();

    /// <summary>What <c>%ENVIRONMENT(NAME)%</c> finds.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>What <c>%HOSTNAME%</c> says.</summary>
    public string Hostname { get; init; } = "";

    /// <summary>Where access logs for standard output go.</summary>
    public TextWriter Output { get; init; } = TextWriter.Null;

    /// <summary>Where access logs for standard error go.</summary>
    public TextWriter Error { get; init; } = TextWriter.Null;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public ILoggerFactory Logs { get; init; } = NullLoggerFactory.Instance;
}
