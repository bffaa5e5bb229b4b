using OsmExt.Sdk.Identity;
using OsmExt.Sdk.Ir;

namespace OsmExt.ControlPlane.Pipeline;

/// <summary>
/// Bounds how many different builds of Envoy a proxy, and those of its service account together, may say they are. Each makes a
/// configuration of its own, which takes time and memory, and is kept for a while after its last stream; so it counts for as long. Used by
/// the pipeline's loop only.
/// </summary>
internal sealed class BuildLimits(TimeProvider time)
{
    /// <summary>While one build replaces another in a pod there are two, each perhaps over both variants of the protocol.</summary>
    public const int OfProxy = 4;

    /// <summary>Builds of one service account's proxies, which are upgraded little by little.</summary>
    public const int OfAccount = 16;

    private readonly Dictionary<string, List<Claim>> _byProxy = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Namespace, string Account), Dictionary<ProxyCapabilities, int>> _byAccount = [];
    private long _sweptAt = time.GetTimestamp();

    /// <summary>How many proxies there are something to remember of.</summary>
    public int Count => _byProxy.Count;

    /// <summary>Whether a proxy may be served as this build. If so, it counts as one that it is from now on.</summary>
    public bool TryTake(string proxyId, WorkloadIdentity identity, ProxyCapabilities build)
    {
        Sweep();
        var account = (identity.Namespace, identity.ServiceAccount);
        if (!_byProxy.TryGetValue(proxyId, out var claims))
        {
            claims = [];
        }

        ForgetOver(claims);
        if (claims.Find(claim => claim.Account == account && claim.Build.Equals(build)) is { } known)
        {
            known.SeenAt = time.GetTimestamp();
            return true;
        }

        var ofAccount = _byAccount.GetValueOrDefault(account);
        if (claims.Count >= OfProxy || (ofAccount is { Count: >= OfAccount } && !ofAccount.ContainsKey(build)))
        {
            return false;
        }

        _byAccount[account] = ofAccount ??= [];
        ofAccount[build] = ofAccount.GetValueOrDefault(build) + 1;
        claims.Add(new(account, build) { SeenAt = time.GetTimestamp() });
        _byProxy[proxyId] = claims;
        return true;
    }

    /// <summary>A stream that was taken has begun.</summary>
    public void Connected(string proxyId, ProxyCapabilities build) => Follow(proxyId, build, +1);

    /// <summary>It has ended.</summary>
    public void Disconnected(string proxyId, ProxyCapabilities build) => Follow(proxyId, build, -1);

    private void Follow(string proxyId, ProxyCapabilities build, int change)
    {
        if (_byProxy.GetValueOrDefault(proxyId)?.Find(claim => claim.Build.Equals(build)) is { } claim)
        {
            claim.Streams = Math.Max(0, claim.Streams + change);
            claim.SeenAt = time.GetTimestamp();
        }
    }

    // Proxies that never come back are forgotten, too.
    private void Sweep()
    {
        if (time.GetElapsedTime(_sweptAt) < ScopePublisher.IdleScopeLifetime)
        {
            return;
        }

        _sweptAt = time.GetTimestamp();
        foreach (var (proxyId, claims) in _byProxy.ToArray())
        {
            ForgetOver(claims);
            if (claims.Count == 0)
            {
                _byProxy.Remove(proxyId);
            }
        }
    }

    private void ForgetOver(List<Claim> claims)
    {
        foreach (var over in claims.FindAll(claim => claim.Streams == 0 && time.GetElapsedTime(claim.SeenAt) > ScopePublisher.IdleScopeLifetime))
        {
            claims.Remove(over);
            var ofAccount = _byAccount[over.Account];
            if (--ofAccount[over.Build] == 0 && ofAccount.Remove(over.Build) && ofAccount.Count == 0)
            {
                _byAccount.Remove(over.Account);
            }
        }
    }

    private sealed class Claim((string Namespace, string Account) account, ProxyCapabilities build)
    {
        public (string Namespace, string Account) Account => account;

        public ProxyCapabilities Build => build;

        public int Streams { get; set; }

        public long SeenAt { get; set; }
    }
}
