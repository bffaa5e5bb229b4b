using Envoy.Config.Route.V3;
using OsmExt.Sdk.Ir;

namespace OsmExt.Compiler.Translation;

/// <summary>
/// Puts virtual hosts into one route configuration. Envoy refuses the whole of it when two hosts share a domain, so a domain
/// goes to the first that claims it, in the order given, and a host left without any is left out.
/// </summary>
internal sealed class VirtualHosts
{
    private readonly Dictionary<string, ServiceName?> _owners = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<VirtualHost> _hosts = [];

    /// <summary>Domains that could not be given, with who has them and who wanted them.</summary>
    public List<DomainConflict> Conflicts { get; } = [];

    /// <param name="host">The virtual host, without domains.</param>
    /// <param name="service">The service it stands for; null for none.</param>
    /// <param name="domains">The domains it should have.</param>
    public void Add(VirtualHost host, ServiceName? service, IEnumerable<string> domains)
    {
        foreach (var domain in domains)
        {
            if (_owners.TryAdd(domain, service))
            {
                host.Domains.Add(domain);
            }
            else if (service is not null && _owners[domain] is { } owner && owner != service)
            {
                Conflicts.Add(new(domain, owner, service));
            }
        }

        if (host.Domains.Count > 0)
        {
            _hosts.Add(host);
        }
    }

    /// <summary>The hosts, sorted by name.</summary>
    public IEnumerable<VirtualHost> All => _hosts.OrderBy(host => host.Name, StringComparer.Ordinal);

    public static RouteConfiguration Empty(string name) => new() { Name = name, ValidateClusters = false };

    /// <summary>The configuration; clusters may arrive after it, so Envoy must not insist on them.</summary>
    public RouteConfiguration Build(string name)
    {
        var configuration = Empty(name);
        configuration.VirtualHosts.AddRange(All);
        return configuration;
    }
}

/// <summary>Two services that claim one host name where it can be one's only.</summary>
internal sealed record DomainConflict(string Domain, ServiceName Owner, ServiceName Loser);
