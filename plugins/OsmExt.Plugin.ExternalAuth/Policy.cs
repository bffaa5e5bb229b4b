using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Plugins;
using OsmExt.Sdk.Resources;

namespace OsmExt.Plugin.ExternalAuth;

/// <summary>What is wanted for a target, by an object or by the MeshConfig.</summary>
/// <param name="Target">Whose requests.</param>
/// <param name="Spec">What is to be done with them.</param>
/// <param name="Origin">The object; null for the MeshConfig.</param>
internal sealed record Policy(ContributionTarget Target, AuthorizationSpec Spec, ResourceKey? Origin)
{
    /// <summary>The namespace that services without one are in.</summary>
    public string Namespace => Origin?.Namespace ?? "";

    /// <summary>What statistics of its filter begin with.</summary>
    public string StatPrefix { get; init; } = Origin is { } origin ? $"{origin.Namespace}.{origin.Name}" : "";

    /// <summary>Whether more specific ones do not count.</summary>
    public bool IsLocked { get; init; }

    /// <summary>Its cluster.</summary>
    public string Cluster => Origin is { } origin ? $"external-auth|{origin.Namespace}/{origin.Name}" : "external-auth|MeshConfig";

    /// <summary>
    /// One policy for each target: of several objects a locked one, then one for all requests, then one of the namespace itself, then the older, then the first by name; an
    /// object before the MeshConfig.
    /// </summary>
    public static IReadOnlyList<Policy> All(PluginInput input, List<Diagnostic> findings)
    {
        var policies = new List<Policy>();
        foreach (var group in Judging(input, findings).GroupBy(claim => claim.Target with { Route = null }))
        {
            var claims = group.OrderBy(claim => !claim.Resource.IsLocked).ThenBy(claim => claim.Target.Route is not null)
                .ThenBy(claim => claim.Resource.AimsElsewhere).ThenBy(claim => claim.Resource.Metadata.Created ?? DateTimeOffset.MaxValue).ThenBy(claim => claim.Resource.Key).ToArray();
            var first = claims[0];
            policies.Add(new(group.Key, first.Spec, first.Resource.Key) { IsLocked = first.Resource.IsLocked });
            findings.AddRange(claims[1..].Select(loser => new Diagnostic(DiagnosticCodes.ContributionConflict, Severity.Warning, loser.Resource.Key, "spec.targetRef",
                $"{first.Resource.Key} is for {group.Key} too and is {first.Before(loser)}, so this one has no effect", "Remove one of them, or aim one at something more specific")));
        }

        if (input.Mesh.Settings.InboundAuthorization is { } server)
        {
            if (policies.Find(policy => policy.Target == ContributionTarget.Mesh) is { } instead)
            {
                findings.Add(new(DiagnosticCodes.ContributionConflict, Severity.Warning, instead.Origin, "",
                    "It is for the whole mesh, so inboundExternalAuthorization of the MeshConfig has no effect", "Remove one of them"));
            }
            else
            {
                policies.Add(new(ContributionTarget.Mesh, AuthorizationSpec.Of(server), null) { StatPrefix = server.StatPrefix });
            }
        }

        return [.. policies.Where(policy => !IsLockedOut(policy, policies, findings)).OrderBy(policy => policy.Origin)];
    }

    // Envoy's filter is put on whole services. Requests that cannot be judged alone are judged with the others, and never let in for the sake of these.
    private static IEnumerable<Claim> Judging(PluginInput input, List<Diagnostic> findings)
    {
        foreach (var resource in input.Resources)
        {
            var (spec, target) = (resource.Spec.As<AuthorizationSpec>()!, resource.TargetIn(input.OsmNamespace));
            if (target.Route is null)
            {
                yield return new(resource, target, spec);
                continue;
            }

            findings.Add(new(DiagnosticCodes.MatchesNothing, Severity.Warning, resource.Key, "spec.targetRef", OfRoutes(spec), "Let the object name a service, or nothing"));
            if (!spec.IsExemption)
            {
                yield return new(resource, target, spec with { FailureMode = "closed" });
            }
        }
    }

    private static string OfRoutes(AuthorizationSpec spec) => spec switch
    {
        { Disabled: true } => "Requests are not exempted one by one, so this object has no effect",
        { Shadow: true } => "Requests are not judged one by one, and shadow: true must not let all others in, so this object has no effect",
        { IsOpen: true } => "Requests are not judged one by one, so all others to the same target are judged too, and without an answer none is let in: failureMode: open does not count here",
        _ => "Requests are not judged one by one, so all others to the same target are judged too",
    };

    // Decided here and not by the host: the authorization server stays exempt, whatever is locked.
    private static bool IsLockedOut(Policy policy, IEnumerable<Policy> all, List<Diagnostic> findings)
    {
        if (all.FirstOrDefault(other => other.IsLocked && other.Contains(policy.Target)) is { } locked)
        {
            findings.Add(LockedBy(locked, policy));
            return true;
        }

        foreach (var reached in all.Where(other => other is { IsLocked: true, Spec.IsExemption: false } && other.Reaches(policy.Target)))
        {
            if (policy.Spec.IsExemption)
            {
                findings.Add(LockedBy(reached, policy));
                return true;
            }

            findings.Add(new(DiagnosticCodes.Overridden, Severity.Warning, reached.Origin, "spec.lock",
                $"{policy.Origin} judges {policy.Target} in its own way, and counts there: a lock for {reached.Target} keeps exemptions and shadow mode out, and nothing else",
                "Lock an object for the namespace, the mesh or the service"));
        }

        return false;
    }

    private static Diagnostic LockedBy(Policy locked, Policy policy) => new(DiagnosticCodes.Overridden, Severity.Warning, policy.Origin, "spec.targetRef",
        $"{locked.Origin} is locked for {locked.Target}, so this object does not count", "Remove it, or have the lock removed by whoever is responsible for the other");

    private bool Contains(ContributionTarget other) => other != Target && Target switch
    {
        { Service: { } service } => service == other.Service && Target.Port is null,
        { Namespace: { } ns } => Target.ServiceAccount is null && Target.Labels.IsEmpty && string.Equals(ns, other.Service?.Namespace ?? other.Namespace, StringComparison.Ordinal),
        _ => true,
    };

    // Whether the other takes the place of this one, for a service account or pods, at proxies of both. Which services these have is
    // not asked, since it changes: any of the namespace may be theirs.
    private bool Reaches(ContributionTarget other) => other != Target && Target is { Service: null, Namespace: { } ns } && !IsWhole(Target)
        && string.Equals(ns, other.Service?.Namespace ?? other.Namespace, StringComparison.Ordinal)
        && (other.Service is not null || (!IsWhole(other) && !(Target.Labels.IsEmpty && other.Labels.IsEmpty)));

    private static bool IsWhole(ContributionTarget target) => target.ServiceAccount is null && target.Labels.IsEmpty;

    // What an object says of a target.
    private sealed record Claim(PluginResource Resource, ContributionTarget Target, AuthorizationSpec Spec)
    {
        /// <summary>Why it comes before another for the same.</summary>
        public string Before(Claim other)
            => Resource.IsLocked && !other.Resource.IsLocked ? "locked" : Target.Route is null && other.Target.Route is not null ? "for all requests"
                : !Resource.AimsElsewhere && other.Resource.AimsElsewhere ? "of its namespace" : "older or first by name";
    }
}
