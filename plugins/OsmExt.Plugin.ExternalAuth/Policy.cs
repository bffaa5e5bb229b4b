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

    /// <summary>Its cluster.</summary>
    public string Cluster => Origin is { } origin ? $"external-auth|{origin.Namespace}/{origin.Name}" : "external-auth|MeshConfig";

    /// <summary>One policy for each target: of several objects the older, then the first by name; an object before the MeshConfig.</summary>
    public static IReadOnlyList<Policy> All(PluginInput input, List<Diagnostic> findings)
    {
        var policies = new List<Policy>();
        foreach (var group in input.Resources.GroupBy(resource => resource.TargetIn(input.OsmNamespace)))
        {
            var claims = group.OrderBy(resource => resource.Metadata.Created ?? DateTimeOffset.MaxValue).ThenBy(resource => resource.Key).ToArray();
            policies.Add(new(group.Key, claims[0].Spec.As<AuthorizationSpec>()!, claims[0].Key));
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

        return [.. policies.OrderBy(policy => policy.Origin)];
    }
}
