using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Envoy.Config.Core.V3;
using Envoy.Config.Route.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using OsmExt.Compiler.Translation;
using OsmExt.Envoy;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Plugins;

namespace OsmExt.Compiler.Contributions;

/// <summary>
/// The last hand on finished resources. Each patch is all or nothing for a resource, and what comes out is looked at like what the mesh makes itself; where it
/// does not pass, the resource stays as it was before this patch.
/// </summary>
internal static class Patches
{
    /// <summary>The patches among contributions, by order of their slots.</summary>
    public static IReadOnlyList<(PlacedContribution Item, ResourcePatch Patch)> Of(IEnumerable<PlacedContribution> contributions)
        => [.. contributions.Where(item => item.Slot.Point == ContributionPoint.Patch).OrderBy(item => item.Rank).Select(item => (item, ResourcePatch.Read((Struct)item.Message).Patch!))];

    /// <summary>The same resources, changed as plugins want them.</summary>
    /// <param name="passed">What was made.</param>
    /// <param name="frame">Whose.</param>
    /// <param name="known">What became of resources the last time.</param>
    public static List<Passed> Apply(List<Passed> passed, ScopeView frame, ConditionalWeakTable<XdsResource, Patched> known)
    {
        var patches = Of(frame.Contributions.ForProxy(ContributionPoint.Patch));
        if (patches.Count == 0)
        {
            return passed;
        }

        var (result, used, missed) = (new List<Passed>(passed.Count), new HashSet<PlacedContribution>(), new Dictionary<PlacedContribution, string>());
        foreach (var one in passed)
        {
            if (one.Resource is not { } resource)
            {
                result.Add(one);
                continue;
            }

            var patched = known.GetValue(resource, whole => Patch(whole, patches, frame));
            used.UnionWith(patched.By);
            foreach (var (item, problem) in patched.Missed)
            {
                missed.TryAdd(item, problem);
            }

            result.Add(one with { Resource = patched.Resource });
            result.AddRange(patched.Findings.Select(finding => new Passed(null, finding)));
        }

        result.AddRange(patches.Where(entry => !used.Contains(entry.Item)).Select(entry => new Passed(null, Finding(entry.Item, DiagnosticCodes.MatchesNothing, Severity.Warning, "",
            $"for some proxies {missed.GetValueOrDefault(entry.Item) ?? $"there is no {entry.Patch.Kind.Name} called {entry.Patch.Name}"}, so it changes nothing there",
            "Correct it, or aim the object at proxies that have it"))));
        return result;
    }

    private static Patched Patch(XdsResource resource, IReadOnlyList<(PlacedContribution Item, ResourcePatch Patch)> patches, ScopeView frame)
    {
        var (by, missed, findings) = (new List<PlacedContribution>(), new List<(PlacedContribution, string)>(), new List<Diagnostic>());
        foreach (var (item, patch) in patches)
        {
            var whole = resource.Message;
            if (whole is RouteConfiguration routes && patch.Kind == VirtualHost.Descriptor)
            {
                var hosts = routes.VirtualHosts.Select(host => patch.Means(host) ? Changed(host) : host).ToArray();
                if (!hosts.SequenceEqual(routes.VirtualHosts, ReferenceEqualityComparer.Instance))
                {
                    var changed = WithoutHosts(routes);
                    changed.VirtualHosts.AddRange(hosts.Cast<VirtualHost>());
                    resource = Passing(changed) ?? resource;
                }
            }
            else if (patch.Means(whole) && Changed(whole) is var other && !ReferenceEquals(other, whole))
            {
                resource = Passing(other) ?? resource;
            }

            IMessage Changed(IMessage message)
            {
                var (changed, field, problem, isMissing) = patch.Apply(message is RouteConfiguration full ? WithoutHosts(full) : message, item.Granted);
                if (isMissing)
                {
                    missed.Add((item, problem));
                    return message;
                }

                by.Add(item);
                if (changed is null)
                {
                    findings.Add(Finding(item, DiagnosticCodes.ContributionRefused, Severity.Error, field, $"{problem}, so it stays as it was", "Mend the object or the plugin"));
                    return message;
                }

                if (!item.Secrets.IsEmpty)
                {
                    MeshSecrets.Resolve(changed, frame);
                }

                (changed as RouteConfiguration)?.VirtualHosts.AddRange(((RouteConfiguration)message).VirtualHosts);
                var metadata = changed.Descriptor.FindFieldByName("metadata");
                metadata.Accessor.SetValue(changed, Provenance.Beside((Metadata?)metadata.Accessor.GetValue(changed), item.Objects));
                return changed;
            }

            XdsResource? Passing(IMessage message)
            {
                var gone = ResourceGate.Pass(new(message, resource.Name, [.. resource.Origins.Union(item.Objects.Select(key => key.ToString()), StringComparer.Ordinal)]), frame.Scope);
                if (gone.Finding is { } finding)
                {
                    findings.Add(Finding(item, DiagnosticCodes.ContributionRefused, Severity.Error, finding.Field, $"{finding.Message}; the rest of it stays as it was", "Mend the object or the plugin"));
                }

                return gone.Resource;
            }
        }

        return new(resource, [.. by], [.. missed], [.. findings]);
    }

    private static RouteConfiguration WithoutHosts(RouteConfiguration routes)
    {
        var head = routes.Clone();
        head.VirtualHosts.Clear();
        return head;
    }

    private static Diagnostic Finding(PlacedContribution item, string code, Severity severity, string field, string message, string advice)
        => new(code, severity, item.Subject, field, $"Plugin {item.Plugin}, {item.Slot.Name}: {message}", advice);
}

/// <summary>What became of a resource.</summary>
/// <param name="Resource">The resource.</param>
/// <param name="By">Whose patches have something to change in it, whether that could be carried out or not.</param>
/// <param name="Missed">Whose patches mean it, and change something that is not there.</param>
/// <param name="Findings">What could not be carried out.</param>
internal sealed record Patched(XdsResource Resource, ImmutableArray<PlacedContribution> By, ImmutableArray<(PlacedContribution Item, string Problem)> Missed, ImmutableArray<Diagnostic> Findings);
