using OsmExt.Identity.Roots;
using OsmExt.Sdk.Ir;

namespace OsmExt.Identity.Tests.Roots;

/// <summary>
/// A mesh whose proxies answer when the test says so, and the control plane that changes its roots and its trust domain. What a
/// proxy was sent may be in force from that moment, and is surely in force when it has acknowledged it.
/// </summary>
internal sealed class RotatingMesh(int proxies)
{
    public const string First = "osm-mesh-root-certificate";
    public const string Home = TestMesh.TrustDomain;

    private readonly ModelProxy[] _proxies = [.. Enumerable.Range(0, proxies).Select(number => new ModelProxy($"shop/pod-{number}"))];

    public RootState State { get; private set; } = RootState.Initial(Home);

    public RootIntent Wanted { get; set; } = new([First], [], [new(First, Home)]);

    public RootDecision Decision { get; private set; } = RootDecision.Done;

    public IReadOnlyList<ModelProxy> Proxies => _proxies;

    public bool IsSettled => State.Signing == Wanted.SigningAfter(State.Signing) && State.Trusted == Wanted.Trusted
        && State.Domains.Issuing == Wanted.TrustDomainOf(State.Signing) && State.Domains.Accepted == Wanted.TrustDomains;

    public void Turn()
    {
        Decision = RootSteps.Next(State, Wanted, [.. _proxies.Select(proxy => proxy.Evidence())]);
        State = Decision.Next ?? State;
    }

    /// <summary>
    /// Whoever presents a certificate must be believed by everybody who may verify it, and accepted by name as long as a connection
    /// that it opened may exist; and everybody must reach the control plane.
    /// </summary>
    public string? Fault()
    {
        var serving = _proxies.Where(proxy => proxy.Presence is not ProxyPresence.Gone).ToArray();
        foreach (var root in serving.SelectMany(proxy => proxy.Certificate.Possible).Select(certificate => certificate.Root).Distinct())
        {
            if (serving.FirstOrDefault(proxy => proxy.Bundle.Possible.Any(bundle => !bundle.Contains(root))) is { } unbelieving)
            {
                return $"{unbelieving.Name} may not believe {root}, by which somebody may have a certificate";
            }
        }

        foreach (var domain in serving.SelectMany(proxy => proxy.ConnectionsIn).Distinct())
        {
            if (serving.FirstOrDefault(proxy => proxy.Names.Possible.Any(names => !names.Contains(domain))) is { } refusing)
            {
                return $"{refusing.Name} may refuse {domain}, in which somebody may have a connection";
            }
        }

        return _proxies.Select(proxy => proxy.ShutOutBy(State)).OfType<string>().FirstOrDefault();
    }
}
