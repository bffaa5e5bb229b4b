using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OsmExt.ControlPlane.Options;
using OsmExt.ControlPlane.Pipeline;
using OsmExt.Identity;
using OsmExt.Xds.Server;

namespace OsmExt.ControlPlane.Serving;

/// <summary>
/// Has proxies connect again whose credential should have been renewed by now: it was issued by another root or in another trust
/// domain than those of the moment, or most of its time is over. A stream lasts for as long as both sides live, and Envoy presents
/// a renewed credential only on the next. Whoever comes with the same one again is asked less and less often. Used by the
/// pipeline's loop only.
/// </summary>
internal sealed partial class CredentialReview(
    ConnectedProxies proxies, StreamRegistry streams, MeshRoots roots, IOptions<ControlPlaneOptions> options, TimeProvider time, ILogger<CredentialReview> logger)
{
    // Handshakes cost, and after a change of roots all proxies need one.
    private const int MostAtOnce = 32;
    private const int MostDoublings = 6;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, int> _asked = new(StringComparer.Ordinal);
    private Dictionary<ConnectedProxy, long> _outdatedSince = new(ReferenceEqualityComparer.Instance);
    private long? _lookedAt;

    /// <summary>How long until there is something to do; null when every credential is as it should be.</summary>
    public TimeSpan? DueIn => _outdatedSince.Count == 0 || _lookedAt is not { } looked ? null
        : Interval - time.GetElapsedTime(looked) is { Ticks: > 0 } left ? left : TimeSpan.Zero;

    /// <summary>Looks at all streams, once a second at most.</summary>
    public void Turn()
    {
        if (_lookedAt is { } looked && time.GetElapsedTime(looked) < Interval)
        {
            return;
        }

        _lookedAt = time.GetTimestamp();
        var outdated = new Dictionary<ConnectedProxy, long>(ReferenceEqualityComparer.Instance);
        foreach (var client in proxies.Streams.Where(IsOutdated))
        {
            outdated[client] = _outdatedSince.TryGetValue(client, out var since) ? since : _lookedAt.Value;
        }

        _outdatedSince = outdated;
        foreach (var current in _asked.Keys.Except(outdated.Keys.Select(client => client.ProxyId), StringComparer.Ordinal).Where(IsConnected).ToArray())
        {
            _asked.Remove(current);
        }

        foreach (var (client, _) in outdated.Where(entry => time.GetElapsedTime(entry.Value) >= PatienceWith(entry.Key)).Take(MostAtOnce))
        {
            _asked[client.ProxyId] = _asked.GetValueOrDefault(client.ProxyId) + 1;
            Log.Asked(logger, client.ProxyId, client.Credential.Root, client.Credential.TrustDomain, client.Credential.Validity.NotAfter);
            streams.Reconnect(client);
        }
    }

    private bool IsConnected(string proxy) => proxies.ScopeOf(proxy) is not null;

    private bool IsOutdated(ConnectedProxy client)
    {
        // Without a new one it could not come back after the old one's end. It may stay until somebody renews it.
        var (credential, now) = (client.Credential, time.GetUtcNow());
        return now < credential.Validity.NotAfter
            && (credential.Root != roots.State.Signing || credential.TrustDomain != roots.State.Domains.Issuing || now >= credential.Validity.RenewAt);
    }

    private TimeSpan PatienceWith(ConnectedProxy client)
        => options.Value.CredentialPatience * (1 << Math.Min(MostDoublings, _asked.GetValueOrDefault(client.ProxyId)));

    private static partial class Log
    {
        [LoggerMessage(5110, LogLevel.Information,
            "{Proxy} is asked to connect again with a renewed credential; it has one by {Root} in {TrustDomain} that ends at {NotAfter}")]
        public static partial void Asked(ILogger logger, string proxy, string root, string trustDomain, DateTimeOffset notAfter);
    }
}
