using System.Security.Cryptography.X509Certificates;
using Envoy.Config.Core.V3;

namespace OsmExt.Testing.Xds;

/// <summary>How an <see cref="AdsTestClient"/> connects. Without certificates it speaks HTTP/2 in plaintext.</summary>
public sealed class AdsTestClientOptions
{
    /// <summary>Presented to the server; null to present none.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>The only authorities whose server certificates are believed. Needed for <c>https</c> addresses.</summary>
    public X509Certificate2Collection? TrustedRoots { get; init; }

    /// <summary>The name the server's certificate must carry, where that is not the host of the address; null if it is.</summary>
    public string? ServerName { get; init; }

    /// <summary>The node id of requests made with the convenience methods.</summary>
    public string NodeId { get; init; } = "test-client";

    /// <summary>What such requests say about the client besides its id, for example version and extensions.</summary>
    public Node Node { get; init; } = new();

    /// <summary>Default for methods that wait. Generous, since it only matters when a test fails.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);
}
