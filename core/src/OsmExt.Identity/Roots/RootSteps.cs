using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Ir;

namespace OsmExt.Identity.Roots;

/// <summary>What kind of step is due.</summary>
internal enum RootStep
{
    /// <summary>Nothing is.</summary>
    None,

    /// <summary>Tell proxies to believe another root.</summary>
    Trust,

    /// <summary>Tell proxies to accept identities of another trust domain.</summary>
    Accept,

    /// <summary>Let another root sign, or in another trust domain.</summary>
    Sign,

    /// <summary>Tell proxies to open their connections anew, with the certificates they now have.</summary>
    Reconnect,

    /// <summary>Tell proxies to believe a root no longer.</summary>
    Retire,

    /// <summary>Tell proxies to accept identities of a trust domain no longer.</summary>
    Drop,

    /// <summary>Let the root that signs issue the xDS port's own certificate, too, and in the same trust domain.</summary>
    ServeXds,

    /// <summary>Believe a root's certificates no longer on the xDS port.</summary>
    RetireXds,

    /// <summary>Let in proxies of a trust domain no longer.</summary>
    DropXds,
}

/// <summary>A step that can be taken, or that waits.</summary>
/// <param name="Step">Which kind.</param>
/// <param name="Root">The root or, where the step is about one, the trust domain.</param>
/// <param name="Next">The state after it; null while it waits.</param>
/// <param name="WaitsFor">The proxies it waits for, sorted.</param>
internal sealed record RootDecision(RootStep Step, string Root, RootState? Next, EquatableArray<string> WaitsFor)
{
    /// <summary>Everything is as it shall be.</summary>
    public static RootDecision Done { get; } = new(RootStep.None, "", null, []);
}

/// <summary>
/// The order in which roots and trust domains are changed without a connection failing: a root signs in a domain only when every
/// proxy believes the root and accepts the domain; a root is believed as long as a proxy may present a certificate by it, and a
/// domain accepted as long as a connection may exist that was opened in it. One step at a time: what the next one needs to know
/// has to be found out after this one was published.
/// </summary>
internal static class RootSteps
{
    /// <summary>The next step, or the first one that waits.</summary>
    public static RootDecision Next(RootState state, RootIntent wanted, IReadOnlyCollection<ProxyEvidence> proxies)
    {
        var decisions = Due(state, wanted, proxies).ToArray();
        return Array.Find(decisions, decision => decision.Next is not null) ?? decisions.FirstOrDefault() ?? RootDecision.Done;
    }

    private static IEnumerable<RootDecision> Due(RootState state, RootIntent wanted, IReadOnlyCollection<ProxyEvidence> proxies)
    {
        // Proxies that have been gone for long are not waited for: they would hold up everything, and get what is new when they come.
        var here = proxies.Where(proxy => proxy.Presence is not ProxyPresence.Gone).ToArray();
        var signing = wanted.SigningAfter(state.Signing);
        var issuing = wanted.TrustDomainOf(signing);
        var signs = (signing, issuing) == (state.Signing, state.Domains.Issuing);
        return
        [
            .. DueToBelieve(state, wanted),
            .. signs ? [] : DueToSign(state, signing, issuing, here),
            .. DueToForgetRoots(state, wanted, here),
            .. DomainSteps.DueToForget(state, wanted, here),
            .. signs ? DueForXds(state, proxies) : [],
        ];
    }

    // To believe more breaks nothing.
    private static IEnumerable<RootDecision> DueToBelieve(RootState state, RootIntent wanted)
    {
        foreach (var root in wanted.Trusted.Except(state.Trusted, StringComparer.Ordinal))
        {
            yield return new(RootStep.Trust, root, state with { Trusted = With(state.Trusted, root), XdsTrusted = With(state.XdsTrusted, root) }, []);
        }

        foreach (var domain in wanted.TrustDomains.Except(state.Domains.Accepted, StringComparer.Ordinal))
        {
            var domains = state.Domains with { Accepted = With(state.Domains.Accepted, domain), XdsAccepted = With(state.Domains.XdsAccepted, domain) };
            yield return new(RootStep.Accept, domain, state with { Domains = domains }, []);
        }
    }

    private static IEnumerable<RootDecision> DueToSign(RootState state, string signing, string issuing, ProxyEvidence[] here)
    {
        if (state.Trusted.Contains(signing) && state.Domains.Accepted.Contains(issuing))
        {
            // Where certificates are issued now, everybody accepts already.
            var moves = issuing != state.Domains.Issuing;
            var next = state with { Signing = signing, Domains = state.Domains.Issue(issuing) };
            yield return Decide(RootStep.Sign, signing, next, here.Where(proxy => !proxy.Believes(signing) || (moves && !proxy.AcceptsIdentitiesOf(issuing))));
        }
    }

    private static IEnumerable<RootDecision> DueToForgetRoots(RootState state, RootIntent wanted, ProxyEvidence[] here)
    {
        foreach (var root in state.Trusted.Except(wanted.Trusted, StringComparer.Ordinal).Where(root => root != state.Signing))
        {
            var next = state with { Trusted = Without(state.Trusted, root) };
            yield return Decide(RootStep.Retire, root, next, here.Where(proxy => proxy.MayPresent(root)));
        }
    }

    // A proxy that cannot reach the control plane any more can be told nothing any more, so here all are waited for.
    private static IEnumerable<RootDecision> DueForXds(RootState state, IReadOnlyCollection<ProxyEvidence> proxies)
    {
        var domains = state.Domains;
        if ((state.XdsServer, domains.XdsServer) != (state.Signing, domains.Issuing))
        {
            var next = state with { XdsServer = state.Signing, Domains = domains with { XdsServer = domains.Issuing } };
            yield return Decide(RootStep.ServeXds, state.Signing, next,
                proxies.Where(proxy => !proxy.HasCredentialBy(state.Signing) || !proxy.HasCredentialIn(domains.Issuing)));
        }

        foreach (var root in state.XdsTrusted.Except(state.Trusted, StringComparer.Ordinal).Where(root => root != state.XdsServer))
        {
            var next = state with { XdsTrusted = Without(state.XdsTrusted, root) };
            yield return Decide(RootStep.RetireXds, root, next, proxies.Where(proxy => proxy.MayHaveCredentialBy(root)));
        }

        foreach (var domain in domains.XdsAccepted.Except(domains.Accepted, StringComparer.Ordinal).Where(domain => domain != domains.XdsServer))
        {
            var next = state with { Domains = domains with { XdsAccepted = Without(domains.XdsAccepted, domain) } };
            yield return Decide(RootStep.DropXds, domain, next, proxies.Where(proxy => proxy.MayHaveCredentialIn(domain)));
        }
    }

    internal static RootDecision Decide(RootStep step, string about, RootState next, IEnumerable<ProxyEvidence> waitsFor)
    {
        EquatableArray<string> waiting = [.. waitsFor.Select(proxy => proxy.Proxy).Distinct().Order(StringComparer.Ordinal)];
        return new(step, about, waiting.IsEmpty ? next : null, waiting);
    }

    internal static EquatableArray<string> Without(EquatableArray<string> names, string name) => [.. names.Where(one => one != name)];

    private static EquatableArray<string> With(EquatableArray<string> names, string name)
        => [.. names.Append(name).Distinct().Order(StringComparer.Ordinal)];
}
