using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace OsmExt.LocalRuntime.Network;

/// <summary>
/// kube-proxy's job, as netfilter rules of the node: a connection to a virtual address goes to a ready endpoint, each with the
/// same chance. Sidecars send to pods directly, so this serves pods without one and whatever passes through. An address nobody
/// serves has no rule and no route, so dialling it fails at once.
/// </summary>
internal static class ServiceRules
{
    private const string Chain = "OSM_SERVICES";

    /// <summary>The node's whole nat table for one address family, as input of <c>iptables-restore</c>; it replaces the table in one step.</summary>
    public static string For(ServiceTable table, AddressFamily family)
    {
        var rules = new List<string> { "*nat", $":{Chain} - [0:0]", $"-A PREROUTING -j {Chain}", $"-A OUTPUT -j {Chain}" };
        var hairpins = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var service in table.Services)
        {
            foreach (var address in service.VirtualAddresses.Where(address => address.AddressFamily == family))
            {
                foreach (var port in service.Ports.Where(port => port.Transport is "tcp" or "udp"))
                {
                    var backends = port.Backends.Where(backend => backend.AddressFamily == family).ToArray();
                    rules.AddRange(backends.Select((backend, index) => Rule(address, port, backend, backends.Length - index)));
                    hairpins.UnionWith(backends.Select(backend => Single(backend.Address)));
                }
            }
        }

        // A pod that reaches itself through a virtual address would get a packet from its own address and drop it.
        rules.AddRange(hairpins.Select(pod => $"-A POSTROUTING -m conntrack --ctstate DNAT -s {pod} -d {pod} -j MASQUERADE"));
        rules.Add("COMMIT");
        return string.Join('\n', rules) + "\n";
    }

    // Rules are tried in order, so the first of n takes one in n, the next one in n - 1 of what is left, the last all the rest.
    private static string Rule(IPAddress address, ServicePortEntry port, IPEndPoint backend, int remaining)
    {
        var share = remaining == 1
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $" -m statistic --mode random --probability {1.0 / remaining:F10}");
        return $"-A {Chain} -d {Single(address)} -p {port.Transport} -m {port.Transport} --dport {port.Port}{share} -j DNAT --to-destination {backend}";
    }

    private static string Single(IPAddress address) => $"{address}/{(address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128)}";
}
