using System.Collections.Frozen;
using System.Collections.Immutable;

namespace OsmExt.Simulation.Http;

/// <summary>
/// A request as one proxy sees it, in bytes (<see cref="ByteText"/>). Header names are in lower case; a name may stand several times.
/// </summary>
internal sealed record HttpRequest(string Method, string Authority, string Path)
{
    // Proxies write these themselves, from settings that are not followed here.
    private static readonly FrozenSet<string> Rewritten = FrozenSet.ToFrozenSet(
    [
        "connection", "keep-alive", "proxy-connection", "transfer-encoding", "te", "upgrade", "via", "x-forwarded-for", "x-forwarded-proto",
        "x-forwarded-client-cert", "x-forwarded-host", "x-forwarded-port", "x-request-id", ":scheme",
    ], StringComparer.Ordinal);

    // Envoy keeps one value of these and appends any other to it.
    private static readonly FrozenSet<string> Joined = FrozenSet.ToFrozenSet(
    [
        "accept", "accept-encoding", "access-control-request-headers", "access-control-request-method",
        "access-control-request-private-network", "authorization", "cache-control", "content-encoding", "content-length", "content-type",
        "expect", "grpc-accept-encoding", "grpc-timeout", "if-match", "if-modified-since", "if-none-match", "if-range",
        "if-unmodified-since", "origin", "pragma", "referer", "user-agent",
    ], StringComparer.Ordinal);

    public ImmutableArray<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>Headers that the proxies before this one have set to something not followed here.</summary>
    public ImmutableHashSet<string> Unknown { get; init; } = [];

    /// <summary>Whether every header is what this very proxy sees: a request that is served, not one that is thought of.</summary>
    public bool IsServed { get; init; }

    public bool IsGrpc => Header("content-type") is { } type
        && (string.Equals(type, "application/grpc", StringComparison.Ordinal) || type.StartsWith("application/grpc+", StringComparison.Ordinal));

    /// <summary>The Envoy that looks at it.</summary>
    public EnvoyRelease Release { get; init; } = EnvoyRelease.Newest;

    /// <summary>What authorization servers are taken to answer.</summary>
    public AuthorizerAnswer Authorizer { get; init; }

    /// <summary>All values of a header joined by commas; null when it is missing.</summary>
    /// <exception cref="UndecidedException">A proxy sets it to something not followed here.</exception>
    public string? Header(string name) => Fields(name) is { Length: > 0 } values ? values.Length == 1 ? values[0] : string.Join(',', values) : null;

    /// <summary>The values of a header or pseudo-header, one by one.</summary>
    /// <exception cref="UndecidedException">A proxy sets it to something not followed here.</exception>
    public string[] Fields(string name)
    {
        switch (name)
        {
            case ":method":
                return [Method];
            case ":path":
                return [Path];
            case ":authority" or "host":
                return [Authority];
        }

        if (!IsServed && (Rewritten.Contains(name) || Unknown.Contains(name) || name.StartsWith("x-envoy-", StringComparison.Ordinal)))
        {
            throw new UndecidedException($"header {name}", "proxies change it in ways that are not followed");
        }

        var values = Values(name).ToArray();
        return values.Length > 1 && Joined.Contains(name) ? [string.Join(',', values)] : values;
    }

    public IEnumerable<string> Values(string name)
        => Headers.Where(header => string.Equals(header.Name, name, StringComparison.Ordinal)).Select(header => header.Value);
}
