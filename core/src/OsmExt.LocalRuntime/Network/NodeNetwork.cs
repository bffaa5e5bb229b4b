using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using OsmExt.LocalRuntime.Pods;
using OsmExt.LocalRuntime.State;

namespace OsmExt.LocalRuntime.Network;

/// <summary>
/// The mesh's network: a namespace for the node with a bridge, one namespace per pod with a link to it. Pods have their address
/// alone, without a subnet, so that whatever they say passes the node, which routes it and answers for virtual addresses.
/// Nothing is added to the machine's own network.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class NodeNetwork(LocalMeshOptions options, RunJournal journal)
{
    private const string Gateway6 = "fe80::1";
    private const string BridgeAddress = "02:6f:73:6d:00:01";
    private const int LocalTable = 100;

    private readonly Dictionary<AddressFamily, string> _rules = [];

    public string Name { get; } = NetworkNames.Node(options.Name);

    /// <summary>The address families of this machine.</summary>
    public static IReadOnlyList<AddressFamily> Families { get; } = Directory.Exists("/proc/sys/net/ipv6")
        ? [AddressFamily.InterNetwork, AddressFamily.InterNetworkV6]
        : [AddressFamily.InterNetwork];

    public async Task CreateAsync(CancellationToken cancellation)
    {
        await AddNamespaceAsync(Name, cancellation).ConfigureAwait(false);
        await NetworkNamespaces.SetAsync(Name,
        [
            ("ipv4/ip_forward", "1"), ("ipv6/conf/all/forwarding", "1"),
            ("ipv4/conf/all/send_redirects", "0"), ("ipv4/conf/default/send_redirects", "0"),
            // The bridge's frames are the node's packets: rules apply when it routes them, not twice.
            ("bridge/bridge-nf-call-iptables", "0"), ("bridge/bridge-nf-call-ip6tables", "0"),
        ]).ConfigureAwait(false);
        await NetworkNamespaces.ConfigureAsync(Name,
        [
            // A bridge without a hardware address of its own has the lowest of its links', and another one when that pod goes: for as long as
            // pods remember the old one, nothing of theirs arrives anywhere.
            $"link add {NetworkNames.Bridge} address {BridgeAddress} type bridge",
            $"addr add {options.NodeAddress}/32 dev {NetworkNames.Bridge}",
            .. NodeAddressesV6().Select(address => $"addr add {address} dev {NetworkNames.Bridge} nodad"),
            $"link set {NetworkNames.Bridge} up",
            // The node's own programs dial virtual addresses too; without any route they would fail before the rules see them.
            $"route add default dev {NetworkNames.Bridge} table {LocalTable}",
            $"rule add pref 40000 iif lo lookup {LocalTable}",
        ], cancellation).ConfigureAwait(false);
    }

    public async Task AddPodAsync(PodPlan pod, CancellationToken cancellation)
    {
        await AddNamespaceAsync(pod.NetworkNamespace!, cancellation).ConfigureAwait(false);
        await NetworkNamespaces.SetAsync(pod.NetworkNamespace!,
        [
            // Without rules of its own, IPv6 on the link would be a way around the sidecar.
            ("ipv6/conf/default/disable_ipv6", pod.HasIpv6 ? "0" : "1"), ("ipv6/conf/default/accept_ra", "0"),
            // As container runtimes have it: a port below 1024 needs no privilege inside a pod.
            ("ipv4/ip_unprivileged_port_start", "0"),
        ]).ConfigureAwait(false);
        var link = NetworkNames.NodeInterface(pod.Key.Namespace, pod.Key.Name);
        const string Eth = NetworkNames.PodInterface;
        await NetworkNamespaces.ConfigureAsync(pod.NetworkNamespace!,
        [
            $"link add {Eth} type veth peer name {link} netns {Name}",
            .. pod.Addresses.Select(address => $"addr add {Single(address)} dev {Eth}{(IsV6(address) ? " nodad" : "")}"),
            $"link set {Eth} up",
            $"route add {options.NodeAddress} dev {Eth} scope link",
            $"route add default via {options.NodeAddress} dev {Eth}",
            .. pod.HasIpv6 ? (string[])[$"route add default via {Gateway6} dev {Eth}"] : [],
        ], cancellation).ConfigureAwait(false);
        await NetworkNamespaces.ConfigureAsync(
            Name,
            [$"link set {link} master {NetworkNames.Bridge} up", .. pod.Addresses.Select(address => $"route add {Single(address)} dev {NetworkNames.Bridge}")],
            cancellation).ConfigureAwait(false);
    }

    public async Task RemovePodAsync(PodPlan pod, CancellationToken cancellation)
    {
        // The link first, by hand: the kernel ends a namespace when it finds the time, and the address may be given out again.
        var link = NetworkNames.NodeInterface(pod.Key.Namespace, pod.Key.Name);
        await NetworkNamespaces.ForceAsync(
            Name,
            [$"link del {link}", .. pod.Addresses.Select(address => $"route del {Single(address)} dev {NetworkNames.Bridge}")],
            cancellation).ConfigureAwait(false);
        await RemoveNamespaceAsync(pod.NetworkNamespace!, cancellation).ConfigureAwait(false);
    }

    /// <summary>Sends virtual addresses to the endpoints given, if that changes anything.</summary>
    public async Task SetServicesAsync(ServiceTable table, CancellationToken cancellation)
    {
        foreach (var family in Families)
        {
            var rules = ServiceRules.For(table, family);
            if (!string.Equals(_rules.GetValueOrDefault(family), rules, StringComparison.Ordinal))
            {
                await NetworkNamespaces.ReplaceRulesAsync(Name, family, rules, cancellation).ConfigureAwait(false);
                _rules[family] = rules;
            }
        }
    }

    public Task DeleteAsync(CancellationToken cancellation) => RemoveNamespaceAsync(Name, cancellation);

    private string[] NodeAddressesV6()
        => Families.Contains(AddressFamily.InterNetworkV6) ? [$"{Gateway6}/64", $"{options.NodeAddressV6}/128"] : [];

    private async Task AddNamespaceAsync(string name, CancellationToken cancellation)
    {
        if (NetworkNamespaces.Exists(name))
        {
            throw new InvalidOperationException(
                $"There already is a network namespace '{name}', and this mesh did not make it. Choose another mesh name, or remove it.");
        }

        journal.AddNamespace(name);
        try
        {
            await NetworkNamespaces.AddAsync(name, cancellation).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // Somebody else took the name in between; it is not ours to remove.
            journal.RemoveNamespace(name);
            throw;
        }

        await NetworkNamespaces.ConfigureAsync(name, ["link set lo up"], cancellation).ConfigureAwait(false);
    }

    private async Task RemoveNamespaceAsync(string name, CancellationToken cancellation)
    {
        if (!journal.Owns(name))
        {
            return;
        }

        await NetworkNamespaces.DeleteAsync(name, cancellation).ConfigureAwait(false);
        journal.RemoveNamespace(name);
    }

    private static string Single(IPAddress address) => $"{address}/{(IsV6(address) ? 128 : 32)}";

    private static bool IsV6(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6;
}
