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

    /// <summary>One policy for each target: of several objects the older, then the first by name; an object before the MeshConfig.</summary>
    public static IReadOnlyList<Policy> All(PluginInput input, List<Diagnostic> findings)
    {
        var policies = new List<Policy>();
        foreach (var group in Judging(input, findings).GroupBy(resource => resource.TargetIn(input.OsmNamespace) with { Route = null }))
        {
            var claims = group.OrderBy(resource => resource.Metadata.Created ?? DateTimeOffset.MaxValue).ThenBy(resource => resource.Key).ToArray();
            policies.Add(new(group.Key, claims[0].Spec.As<AuthorizationSpec>()!, claims[0].Key) { IsLocked = claims.Any(resource => resource.IsLocked) });
            findings.AddRange(claims[1..].Select(loser => new Diagnostic(DiagnosticCodes.ContributionConflict, Severity.Warning, loser.Key, "spec.targetRef",
                $"{claims[0].Key} is for {group.Key} too and is older or first by name, so this one has no effect", "Remove one of them, or aim one at something more specific")));
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
    private static IEnumerable<PluginResource> Judging(PluginInput input, List<Diagnostic> findings)
    {
        foreach (var resource in input.Resources)
        {
            var isOff = resource.Spec.As<AuthorizationSpec>()!.Disabled;
            if (resource.TargetIn(input.OsmNamespace).Route is not null)
            {
                findings.Add(new(DiagnosticCodes.MatchesNothing, Severity.Warning, resource.Key, "spec.targetRef",
                    isOff ? "Requests are not exempted one by one, so this object has no effect" : "Requests are not judged one by one, so all others to the same target are judged too", "Let the object name a service, or nothing"));
            }

            if (resource.TargetIn(input.OsmNamespace).Route is null || !isOff)
            {
                yield return resource;
            }
        }
    }

    // Decided here and not by the host: the authorization server stays exempt, whatever is locked.
    private static bool IsLockedOut(Policy policy, IEnumerable<Policy> all, List<Diagnostic> findings)
    {
        if (all.FirstOrDefault(other => other.IsLocked && other.Contains(policy.Target)) is not { } locked)
        {
            return false;
        }

        findings.Add(new(DiagnosticCodes.Overridden, Severity.Warning, policy.Origin, "spec.targetRef", $"{locked.Origin} is locked for {locked.Target}, so this object does not count",
            "Remove it, or have the lock removed by whoever is responsible for the other"));
        return true;
    }

    private bool Contains(ContributionTarget other) => other != Target && Target switch
    {
        { Service: { } service } => service == other.Service && Target.Port is null,
        { Namespace: { } ns } => Target.ServiceAccount is null && Target.Labels.IsEmpty && string.Equals(ns, other.Service?.Namespace ?? other.Namespace, StringComparison.Ordinal),
        _ => true,
    };
}
