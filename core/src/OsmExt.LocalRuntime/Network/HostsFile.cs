using System.Net;
using System.Net.Sockets;

namespace OsmExt.LocalRuntime.Network;

/// <summary>
/// The mesh's DNS, as an <c>/etc/hosts</c> file per pod: every name cluster DNS would answer there, and what it would answer.
/// </summary>
internal static class HostsFile
{
    private const string Suffix = "svc.cluster.local";

    /// <summary>The file of a pod, or of the node.</summary>
    /// <param name="table">The services.</param>
    /// <param name="ownNamespace">Where short names count; empty on the node.</param>
    /// <param name="hostName">The pod's own name.</param>
    /// <param name="addresses">The pod's own addresses.</param>
    public static string For(ServiceTable table, string ownNamespace, string hostName, IReadOnlyCollection<IPAddress> addresses)
    {
        var lines = new List<string> { "127.0.0.1 localhost" };
        if (addresses.Any(address => address.AddressFamily == AddressFamily.InterNetworkV6))
        {
            lines.Add("::1 localhost ip6-localhost ip6-loopback");
        }

        lines.AddRange(addresses.Select(address => $"{address} {hostName}"));
        // The first line with a name wins. In a cluster the own namespace is searched first, so its services come first here.
        foreach (var service in table.Services.OrderBy(service => IsOwn(service, ownNamespace) ? 0 : 1))
        {
            lines.AddRange(Lines(service, IsOwn(service, ownNamespace)));
        }

        return string.Join('\n', lines) + "\n";
    }

    /// <summary>The addresses of a name in such a file, in its order.</summary>
    public static IReadOnlyList<IPAddress> Find(string text, string name)
    {
        var found = new List<IPAddress>();
        foreach (var line in text.Split('\n'))
        {
            var fields = line.Split('#')[0].Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (fields.Skip(1).Contains(name.TrimEnd('.'), StringComparer.OrdinalIgnoreCase) && IPAddress.TryParse(fields[0], out var address))
            {
                found.Add(address);
            }
        }

        return found;
    }

    /// <summary>All names of such a file with their addresses, in its order.</summary>
    public static IReadOnlyDictionary<string, string[]> Names(string text) => text.Split('\n')
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .SelectMany(fields => fields.Skip(1).Select(name => (Name: name, Address: fields[0])))
        .GroupBy(entry => entry.Name, StringComparer.OrdinalIgnoreCase)
        .ToDictionary(group => group.Key, group => group.Select(entry => entry.Address).ToArray(), StringComparer.OrdinalIgnoreCase);

    private static IEnumerable<string> Lines(ServiceEntry service, bool own)
    {
        if (!service.VirtualAddresses.IsEmpty)
        {
            return service.VirtualAddresses.Select(address => $"{address} {Names(service.Name, service.Namespace, own)}");
        }

        // Headless: the service's name means all members, and a member with a hostname has a name of its own.
        return service.Members.Select(member => member.Hostname.Length == 0
            ? $"{member.Address} {Names(service.Name, service.Namespace, own)}"
            : $"{member.Address} {Names($"{member.Hostname}.{service.Name}", service.Namespace, own)} {Names(service.Name, service.Namespace, own)}");
    }

    private static string Names(string name, string ns, bool own) => $"{name}.{ns}.{Suffix} {name}.{ns}.svc {name}.{ns}{(own ? $" {name}" : "")}";

    private static bool IsOwn(ServiceEntry service, string ownNamespace) => string.Equals(service.Namespace, ownNamespace, StringComparison.Ordinal);
}
