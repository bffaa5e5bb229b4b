using Envoy.Config.Route.V3;

namespace OsmExt.Compiler.Translation;

/// <summary>
/// Puts virtual hosts into one route configuration. Envoy refuses the whole of it when two hosts share a domain, so a domain
/// goes to the first that claims it, in the order given, and a host left without any is left out.
/// </summary>
internal sealed class VirtualHosts
{
    private readonly Dictionary<string, VirtualHost> _owners = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<VirtualHost> _hosts = [];

    /// <summary>Domains that could not be given, with who has them and who wanted them.</summary>
    public List<(string Domain, string Owner, string Loser)> Conflicts { get; } = [];

    public void Add(VirtualHost host, IEnumerable<string> domains)
    {
        foreach (var domain in domains)
        {
            if (_owners.TryAdd(domain, host))
            {
                host.Domains.Add(domain);
            }
            else if (!ReferenceEquals(_owners[domain], host))
            {
                Conflicts.Add((domain, _owners[domain].Name, host.Name));
            }
        }

        if (host.Domains.Count > 0)
        {
            _hosts.Add(host);
        }
    }

    /// <summary>The configuration; clusters may arrive after it, so Envoy must not insist on them.</summary>
    public RouteConfiguration Build(string name)
    {
        var configuration = new RouteConfiguration { Name = name, ValidateClusters = false };
        configuration.VirtualHosts.AddRange(_hosts.OrderBy(host => host.Name, StringComparer.Ordinal));
        return configuration;
    }
}
