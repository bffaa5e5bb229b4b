using OsmExt.Compiler;
using OsmExt.Compiler.Policy;
using OsmExt.Compiler.Translation;
using OsmExt.ControlPlane.Pipeline;
using OsmExt.PluginHost;
using OsmExt.PluginHost.Loading;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Ir;

namespace OsmExt.ControlPlane.Plugins;

/// <summary>
/// Runs new versions of plugins against the mesh as it is, beside the ones in force and without any effect: every object they
/// read and every kind of proxy there is. A new version that fails where the one before did not is not put in force; that one
/// stays, unless the operator's policy does not allow it any longer.
/// </summary>
internal sealed class PluginTrial(CompilerOptions compiler, TimeProvider time)
{
    /// <summary>The set without the new versions that failed.</summary>
    public PluginSet Run(PluginSet next, PluginSet before, MeshState state, IReadOnlyList<ProxyScope> scopes)
    {
        var known = before.Loads.ToDictionary(load => load.Folder, StringComparer.Ordinal);
        foreach (var load in next.Loads)
        {
            if (load.Plugin is not { } plugin || known.GetValueOrDefault(load.Folder)?.Plugin is not { } predecessor || ReferenceEquals(plugin, predecessor))
            {
                continue;
            }

            if (Problems(load, before, state, scopes) is { Count: > 0 } problems)
            {
                next = next.Instead(load, predecessor, problems);
                plugin.Dispose();
            }
        }

        return next;
    }

    private IReadOnlyList<Diagnostic> Problems(PluginLoad load, PluginSet before, MeshState state, IReadOnlyList<ProxyScope> scopes)
    {
        var contributions = PluginSet.Alone(load, time).Contribute(state.Asked, state.Snapshot, compiler);
        var policy = PluginTraffic.Apply(new(state.Asked, []), contributions, state.Snapshot);
        var (plain, index) = (new MeshIndex(state.Asked), new MeshIndex(policy.Mesh));
        var problems = new SortedSet<Diagnostic>(contributions.Diagnostics.Concat(policy.Diagnostics).Where(IsFailure));
        foreach (var scope in scopes)
        {
            var without = XdsTranslator.Policy(ScopeView.Of(plain, scope)).Diagnostics;
            problems.UnionWith(XdsTranslator.Policy(ScopeView.Of(index, scope, contributions)).Diagnostics.Where(IsFailure).Except(without));
        }

        // What was wrong before is not the new version's doing; its lines in the template may have moved. What an earlier trial found does not count.
        var old = state.Contributions.Diagnostics.Except(before.Diagnostics).Concat(state.PolicyDiagnostics).Concat(scopes.SelectMany(scope => state.Contributions.For(scope).Findings)).Select(finding => (finding.Code, finding.Object)).ToHashSet();
        // Secrets that nobody was allowed to read are read once the new version may be given them.
        return [.. problems.Where(finding => !old.Contains((finding.Code, finding.Object)) && (before.MayHaveSecrets || finding.Code != DiagnosticCodes.SecretNotUsable))];
    }

    private static bool IsFailure(Diagnostic finding) => finding.Severity == Severity.Error;
}
