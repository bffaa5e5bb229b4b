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

    public ImmutableArray<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>Headers that the proxies before this one have set to something not followed here.</summary>
    public ImmutableHashSet<string> Unknown { get; init; } = [];

    public bool IsGrpc => Values("content-type").FirstOrDefault() is { } type
        && (string.Equals(type, "application/grpc", StringComparison.Ordinal) || type.StartsWith("application/grpc+", StringComparison.Ordinal)
            || type.StartsWith("application/grpc;", StringComparison.Ordinal));

    /// <summary>All values of a header joined by commas; null when it is missing.</summary>
    /// <exception cref="UndecidedException">A proxy sets it to something not followed here.</exception>
    public string? Header(string name)
    {
        switch (name)
        {
            case ":method":
                return Method;
            case ":path":
                return Path;
            case ":authority" or "host":
                return Authority;
        }

        if (Rewritten.Contains(name) || Unknown.Contains(name) || name.StartsWith("x-envoy-", StringComparison.Ordinal))
        {
            throw new UndecidedException($"header {name}", "proxies change it in ways that are not followed");
        }

        string? joined = null;
        foreach (var (candidate, value) in Headers)
        {
            if (string.Equals(candidate, name, StringComparison.Ordinal))
            {
                joined = joined is null ? value : $"{joined},{value}";
            }
        }

        return joined;
    }

    public IEnumerable<string> Values(string name)
        => Headers.Where(header => string.Equals(header.Name, name, StringComparison.Ordinal)).Select(header => header.Value);
}
