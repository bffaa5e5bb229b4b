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

    /// <summary>Let another root sign.</summary>
    Sign,

    /// <summary>Tell proxies to believe a root no longer.</summary>
    Retire,

    /// <summary>Let the root that signs issue the xDS port's own certificate, too.</summary>
    ServeXds,

    /// <summary>Believe a root's certificates no longer on the xDS port.</summary>
    RetireXds,
}

/// <summary>A step that can be taken, or that waits.</summary>
/// <param name="Step">Which kind.</param>
/// <param name="Root">The root it is about.</param>
/// <param name="Next">The state after it; null while it waits.</param>
/// <param name="WaitsFor">The proxies it waits for, sorted.</param>
internal sealed record RootDecision(RootStep Step, string Root, RootState? Next, EquatableArray<string> WaitsFor)
{
    /// <summary>Everything is as it shall be.</summary>
    public static RootDecision Done { get; } = new(RootStep.None, "", null, []);
}

/// <summary>
/// The order in which roots are changed without a connection failing: a root signs only when every proxy believes it, and is
/// believed as long as a proxy may present a certificate by it. One step at a time: what the next one needs to know has to be
/// found out after this one was published.
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
        foreach (var root in wanted.Trusted.Except(state.Trusted, StringComparer.Ordinal))
        {
            // To believe more breaks nothing.
            yield return new(RootStep.Trust, root, state with { Trusted = With(state.Trusted, root), XdsTrusted = With(state.XdsTrusted, root) }, []);
        }

        // Proxies that have been gone for long are not waited for: they would hold up everything, and get what is new when they come.
        var here = proxies.Where(proxy => proxy.Presence is not ProxyPresence.Gone).ToArray();
        var signing = wanted.SigningAfter(state.Signing);
        if (signing != state.Signing && state.Trusted.Contains(signing))
        {
            yield return Decide(RootStep.Sign, signing, state with { Signing = signing }, here.Where(proxy => !proxy.Believes(signing)));
        }

        foreach (var root in state.Trusted.Except(wanted.Trusted, StringComparer.Ordinal).Where(root => root != state.Signing))
        {
            var next = state with { Trusted = Without(state.Trusted, root) };
            yield return Decide(RootStep.Retire, root, next, here.Where(proxy => proxy.MayPresent(root)));
        }

        foreach (var decision in signing == state.Signing ? DueForXds(state, proxies) : [])
        {
            yield return decision;
        }
    }

    // A proxy that cannot reach the control plane any more can be told nothing any more, so here all are waited for.
    private static IEnumerable<RootDecision> DueForXds(RootState state, IReadOnlyCollection<ProxyEvidence> proxies)
    {
        if (state.XdsServer != state.Signing)
        {
            var next = state with { XdsServer = state.Signing };
            yield return Decide(RootStep.ServeXds, state.Signing, next, proxies.Where(proxy => !proxy.HasCredentialBy(state.Signing)));
        }

        foreach (var root in state.XdsTrusted.Except(state.Trusted, StringComparer.Ordinal).Where(root => root != state.XdsServer))
        {
            var next = state with { XdsTrusted = Without(state.XdsTrusted, root) };
            yield return Decide(RootStep.RetireXds, root, next, proxies.Where(proxy => proxy.MayHaveCredentialBy(root)));
        }
    }

    private static RootDecision Decide(RootStep step, string root, RootState next, IEnumerable<ProxyEvidence> waitsFor)
    {
        EquatableArray<string> waiting = [.. waitsFor.Select(proxy => proxy.Proxy).Distinct().Order(StringComparer.Ordinal)];
        return new(step, root, waiting.IsEmpty ? next : null, waiting);
    }

    private static EquatableArray<string> With(EquatableArray<string> roots, string root)
        => [.. roots.Append(root).Distinct().Order(StringComparer.Ordinal)];

    private static EquatableArray<string> Without(EquatableArray<string> roots, string root) => [.. roots.Where(one => one != root)];
}
