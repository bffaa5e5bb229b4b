using System.Security.Cryptography.X509Certificates;

namespace OsmExt.Testing.Xds;

/// <summary>How an <see cref="AdsTestClient"/> connects. Without certificates it speaks HTTP/2 in plaintext.</summary>
public sealed class AdsTestClientOptions
{
    /// <summary>Presented to the server; null to present none.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>The only authorities whose server certificates are believed. Needed for <c>https</c> addresses.</summary>
    public X509Certificate2Collection? TrustedRoots { get; init; }

    /// <summary>The node id of requests made with the convenience methods.</summary>
    public string NodeId { get; init; } = "test-client";

    /// <summary>Default for methods that wait. Generous, since it only matters when a test fails.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);
}
