using Envoy.Config.Route.V3;
using OsmExt.Compiler.Translation;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Plugins;

namespace OsmExt.Compiler.Contributions;

/// <summary>Hosts that plugins bring for requests that leave the pod, beside those of the mesh's services.</summary>
internal static class ContributedHosts
{
    /// <summary>The ports that need a listener: those of services, and those that plugins have hosts for; sorted.</summary>
    public static IEnumerable<int> Ports(ScopeView view)
        => view.Reachable.HttpByPort.Keys.Concat(Ports(view.Contributions)).Distinct().Order();

    /// <summary>The ports that plugins have hosts for.</summary>
    public static IEnumerable<int> Ports(ScopeContributions contributions) => On(contributions).Select(item => item.Target.Port!.Value);

    /// <summary>The hosts of a port. A host name belongs to the mesh's services first, then to the first that claims it.</summary>
    /// <param name="view">The scope's view, or its frame.</param>
    /// <param name="port">The port.</param>
    /// <param name="taken">The host names that are taken.</param>
    public static ContributedPort Of(ScopeView view, int port, IEnumerable<string> taken)
    {
        var (hosts, findings) = (new List<Draft>(), new List<Diagnostic>());
        HashSet<string>? owned = null;
        foreach (var item in On(view.Contributions).Where(item => item.Target.Port == port))
        {
            owned ??= new(taken.Concat(view.Guard.Hosts.Where(guarded => guarded.Port == port).Select(guarded => guarded.Domain)), StringComparer.OrdinalIgnoreCase);
            var host = (VirtualHost)ContributedResources.Marked(item, view);
            var lost = host.Domains.Where(domain => !owned.Add(domain)).ToArray();
            foreach (var domain in lost)
            {
                host.Domains.Remove(domain);
                findings.Add(new(DiagnosticCodes.ContributionConflict, Severity.Warning, item.Subject, "",
                    $"For {view.Scope.Identity} the host name \"{domain}\" on port {port} is taken, so plugin {item.Plugin} does not get it for {host.Name}", "Use another host name, or remove the other"));
            }

            if (host.Domains.Count > 0)
            {
                Generation.Mark(host, view.Contributions);
                hosts.Add(new(host, host.Name, [.. item.Objects.Select(key => key.ToString())]));
            }
        }

        return new(hosts, findings.ToEquatableArray());
    }

    internal static IEnumerable<PlacedContribution> On(ScopeContributions contributions)
        => contributions.All.Where(item => item.Slot.Point == ContributionPoint.VirtualHost && item.Target.Port is not null)
            .DistinctBy(item => (item.Target.Port, ContributedResources.NameOf(item.Message)));
}

/// <summary>What plugins bring for one port.</summary>
internal sealed record ContributedPort(IReadOnlyList<Draft> Hosts, EquatableArray<Diagnostic> Findings);
