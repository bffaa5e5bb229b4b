using Microsoft.Extensions.Logging;
using OsmExt.ControlPlane.OnCluster;
using OsmExt.ControlPlane.Pipeline;
using OsmExt.Identity;
using OsmExt.Identity.Roots;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;

namespace OsmExt.ControlPlane.Roots;

/// <summary>
/// Takes the mesh from the roots it has to those its objects ask for, one safe step after the other. Used by the pipeline's loop
/// only.
/// </summary>
internal sealed partial class RootRotation(
    MeshRoots roots,
    RootEvidence evidence,
    ScopePublisher scopes,
    WorkloadCertificates certificates,
    XdsServerCredentials credentials,
    IReplicas replicas,
    ReplicaBoard board,
    TimeProvider time,
    ILogger<RootRotation> logger)
{
    // Acknowledgements take milliseconds; looking is cheap, and only done while something is waited for.
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(5);
    private RootDecision _decision = RootDecision.Done;
    private RootIntent? _wanted;
    private string? _failure;
    private long? _lookedAt;

    /// <summary>How long until there is something to look at; null when nothing is waited for that can happen any moment.</summary>
    public TimeSpan? DueIn => Interval is { } interval && _lookedAt is { } looked ? Later(interval - time.GetElapsedTime(looked)) : null;

    // What the xDS port waits for needs new credentials, which come with a new connection and not at any moment.
    private TimeSpan? Interval => _failure is not null || _decision.Step is RootStep.ServeXds or RootStep.RetireXds or RootStep.DropXds ? Retry
        : _decision.Step is RootStep.None ? null : Poll;

    /// <summary>The trust domains proxies are to know at this moment.</summary>
    public TrustDomains TrustDomains => roots.State.Domains.ForProxies;

    /// <summary>Takes the steps that are safe now, and returns the mesh as it is then.</summary>
    public MeshState Turn(MeshState state)
    {
        state = Follow(state);
        var wanted = state.Index.Mesh.Roots;
        if (wanted is null)
        {
            (_wanted, _decision, _failure) = (null, RootDecision.Done, null);
            return state;
        }

        if (wanted == _wanted && DueIn is not { Ticks: <= 0 })
        {
            return state;
        }

        _wanted = wanted;
        _lookedAt = time.GetTimestamp();
        try
        {
            while ((_decision = RootSteps.Next(roots.State, wanted, EvidenceFor(wanted, state))).Next is { } next && MayStep(state))
            {
                state = Take(_decision, next, state);
            }

            _failure = null;
        }
        catch (CertificateAuthorityException failure)
        {
            _failure = failure.Message;
            Log.StepFailed(logger, _decision.Step, _decision.Root, failure);
        }

        return state;
    }

    /// <summary>Follows a step that another replica has taken.</summary>
    public MeshState Adopt(RootState next, MeshState state)
    {
        var before = roots.State;
        if (next == before)
        {
            return state;
        }

        roots.Follow(next);
        Log.Followed(logger, next.Signing, next.Domains.Issuing, string.Join(", ", next.Trusted), string.Join(", ", next.Domains.Accepted));
        if (next.Signing != before.Signing || next.Domains.Issuing != before.Domains.Issuing)
        {
            certificates.Supersede();
        }

        if (next.XdsServer != before.XdsServer || next.Domains.XdsServer != before.Domains.XdsServer)
        {
            credentials.Supersede();
        }

        scopes.SecretsChanged(state);
        return Follow(state);
    }

    /// <summary>What the leader has to know of this replica's proxies while a change is under way.</summary>
    public ReplicaReport Report(MeshState state) => _wanted is not { } wanted || _decision.Step is RootStep.None ? new() : new()
    {
        Roots = RootStateText.Of(roots.State),
        Evidence = [.. evidence.Here(NeedsDomains(wanted)).GroupBy(proxy => proxy with { Proxy = "" }, SameEvidence.Comparer)
            .Select(group => new EvidenceGroup(ProxyMarks.Of(group.Select(proxy => proxy.Proxy)), group.Key)).OrderBy(group => group.Proxies.ToText(), StringComparer.Ordinal)],
        Away = ProxyMarks.Of(evidence.Left(state)),
    };

    // Each replica sees only what its own proxies have acknowledged, and a step too early stops traffic. What the others have said counts if they said it of what is in force.
    private bool MayStep(MeshState state) => replicas.IsLeader && Unheard(state).Count == 0;

    private IReadOnlyList<string> Unheard(MeshState state)
    {
        var inForce = RootStateText.Of(roots.State);
        return [.. replicas.Others(state.Snapshot).Union(board.Reports.Keys).Where(other => board.Reports.GetValueOrDefault(other)?.Roots != inForce).Order(StringComparer.Ordinal)];
    }

    /// <summary>What there is to say about the change under way.</summary>
    public IEnumerable<Diagnostic> Diagnostics(MeshState state)
    {
        if (_failure is not null)
        {
            yield return About(
                DiagnosticCodes.RootNotUsed, Severity.Error, _decision.Root, _failure, "Mend it; it is tried again every few seconds", state);
        }
        else if (_decision.Next is not null && replicas is { IsLeader: true } && Unheard(state) is { Count: > 0 } others)
        {
            yield return About(DiagnosticCodes.RootChangeWaits, Severity.Warning, _decision.Root,
                $"{_decision.Root} waits: {Some([.. others])} {(others.Count == 1 ? "has" : "have")} not said yet what {(others.Count == 1 ? "its" : "their")} proxies have acknowledged",
                "Nothing for a few seconds; otherwise see the logs of these replicas. Proxies go on serving meanwhile", state);
        }
        else if (Waits(_decision.Step) is var (what, missing))
        {
            yield return About(DiagnosticCodes.RootChangeWaits, Severity.Warning, _decision.Root,
                $"{_decision.Root} {what}: {_decision.WaitsFor.Count} proxies have not acknowledged that they {missing}, {Some(_decision.WaitsFor)}",
                "Nothing, if they are starting; otherwise see osm certificate status and the logs of these proxies", state);
        }
    }

    /// <summary>Where it has got to.</summary>
    public RootStatus Status(MeshState state)
    {
        var wanted = state.Index.Mesh.Roots;
        var proxies = evidence.Of(state, withDomains: true);
        return new(roots.State, wanted, wanted is null ? RootDecision.Done : RootSteps.Next(roots.State, wanted, proxies), proxies);
    }

    private IReadOnlyList<ProxyEvidence> EvidenceFor(RootIntent wanted, MeshState state)
        => evidence.Of(state, NeedsDomains(wanted));

    private bool NeedsDomains(RootIntent wanted) => roots.State.Domains.Accepted.Count > 1 || roots.State.Domains.Accepted != wanted.TrustDomains;

    private MeshState Take(RootDecision decision, RootState next, MeshState state)
    {
        roots.Apply(next);
        Log.Step(logger, decision.Step, decision.Root, next.Signing, next.Domains.Issuing, string.Join(", ", next.Trusted), string.Join(", ", next.Domains.Accepted));
        switch (decision.Step)
        {
            case RootStep.Sign:
                certificates.Supersede();
                scopes.SecretsChanged(state);
                break;
            case RootStep.Trust or RootStep.Retire:
                scopes.SecretsChanged(state);
                break;
            case RootStep.ServeXds:
                credentials.Supersede();
                break;
            case RootStep.Accept or RootStep.Reconnect or RootStep.Drop:
                state = Follow(state);
                break;
        }

        return state;
    }

    // What is in force is on disk before it is published, and may have been put there by an earlier attempt that failed.
    private MeshState Follow(MeshState state)
    {
        var mesh = state.Index.Mesh;
        if (mesh.Settings.TrustDomains == TrustDomains)
        {
            return state;
        }

        var next = state with { Index = new(mesh with { Settings = mesh.Settings with { TrustDomains = TrustDomains } }) };
        scopes.PolicyChanged();
        scopes.Finish(next);
        return next;
    }

    // What the xDS port waits for disturbs nobody.
    private static (string What, string Missing)? Waits(RootStep step) => step switch
    {
        RootStep.Sign => ("does not sign yet", "believe it and accept its trust domain"),
        RootStep.Retire => ("goes on to be believed", "have a certificate by another root"),
        RootStep.Reconnect => ("has not replaced all connections yet", "have a certificate of that trust domain"),
        RootStep.Drop => ("goes on to be accepted", "have opened their connections in another trust domain"),
        _ => null,
    };

    private static Diagnostic About(string code, Severity severity, string root, string message, string advice, MeshState state)
    {
        var written = state.Snapshot.All<MeshRootCertificate>().ToArray();
        var key = (Array.Find(written, one => one.Metadata.Name == root) ?? Array.Find(written, one => one.TrustDomain == root))?.Key;
        return new(code, severity, key, "spec.role", message, advice, key is null ? null : state.Snapshot.LocationOf(key.Value));
    }

    private static string Some(EquatableArray<string> proxies)
        => string.Join(", ", proxies.Take(5)) + (proxies.Count > 5 ? " and others" : "");

    private static TimeSpan Later(TimeSpan time) => time > TimeSpan.Zero ? time : TimeSpan.Zero;

    private static partial class Log
    {
        [LoggerMessage(5070, LogLevel.Information, "Roots: {Step} {Root}. {Signing} signs in {Domain}; believed are {Trusted}, accepted are identities of {Accepted}")]
        public static partial void Step(ILogger logger, RootStep step, string root, string signing, string domain, string trusted, string accepted);

        [LoggerMessage(5072, LogLevel.Information, "Roots: another replica has taken a step. {Signing} signs in {Domain}; believed are {Trusted}, accepted are identities of {Accepted}")]
        public static partial void Followed(ILogger logger, string signing, string domain, string trusted, string accepted);

        [LoggerMessage(5071, LogLevel.Error, "Roots: {Step} {Root} failed; what is in force stays")]
        public static partial void StepFailed(ILogger logger, RootStep step, string root, Exception failure);
    }
}

/// <summary>Where a change of roots has got to.</summary>
/// <param name="State">What is in force.</param>
/// <param name="Wanted">What the objects ask for; null when they ask for nothing.</param>
/// <param name="Waiting">The step that waits.</param>
/// <param name="Proxies">What is known of each proxy.</param>
internal sealed record RootStatus(RootState State, RootIntent? Wanted, RootDecision Waiting, IReadOnlyList<ProxyEvidence> Proxies);
