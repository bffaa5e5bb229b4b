using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Plugins;

namespace OsmExt.Plugin.Egress;

/// <summary>Turns Egress objects into ways out of the mesh, for each service account that they name.</summary>
public sealed class EgressPlugin : IPlugin
{
    /// <inheritdoc/>
    public PluginOutput Contribute(PluginInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.Mesh.Settings.EnableEgress)
        {
            return new()
            {
                Diagnostics = [.. EgressReader.Unused(input), .. input.Resources.Select(egress => new Diagnostic(DiagnosticCodes.MatchesNothing, Severity.Info, egress.Key, "",
                    "The MeshConfig lets everything out (enableEgress), so this object changes nothing", "Turn enableEgress off to let out only what Egress objects name"))],
            };
        }

        var findings = new List<Diagnostic>();
        var reader = new EgressReader(input, findings);
        // Where two objects want what can only be had once, the older has it, then the first by name.
        var rules = input.Resources.OrderBy(egress => egress.Metadata.Created ?? DateTimeOffset.MaxValue).ThenBy(egress => egress.Key)
            .Select(egress => (Sources: Accounts(egress), Rules: reader.Rules(egress))).ToArray();
        var contributions = rules.SelectMany(entry => entry.Sources).Distinct().OrderBy(account => account.Namespace, StringComparer.Ordinal).ThenBy(account => account.ServiceAccount, StringComparer.Ordinal)
            .SelectMany(account => new AccountEgress(account, [.. rules.Where(entry => entry.Sources.Contains(account)).SelectMany(entry => entry.Rules)], findings).Contributions());
        return new() { Contributions = [.. contributions], Diagnostics = [.. EgressReader.Unused(input), .. findings] };
    }

    private static HashSet<ContributionTarget> Accounts(PluginResource egress)
        => [.. egress.Spec.As<EgressSpec>()!.Sources.Select(source => new ContributionTarget { Namespace = source.Namespace, ServiceAccount = source.Name })];
}
