using System.Net.Sockets;
using OsmExt.Sdk.Collections;

namespace OsmExt.Interception;

/// <summary>
/// The netfilter rules that put a sidecar into a pod's TCP traffic, as input of <c>iptables-restore --noflush</c>. Chains and
/// order are OSM's, so that tools which look at a pod's rules find what they expect. Only TCP is redirected.
/// </summary>
internal static class InterceptionRules
{
    private const string Inbound = "OSM_PROXY_INBOUND";
    private const string InboundRedirect = "OSM_PROXY_IN_REDIRECT";
    private const string Outbound = "OSM_PROXY_OUTBOUND";
    private const string OutboundRedirect = "OSM_PROXY_OUT_REDIRECT";

    // The multiport match takes no more.
    private const int PortsPerRule = 15;

    private static readonly int[] AlwaysOpen =
        [SidecarPorts.Prometheus, SidecarPorts.LivenessProbe, SidecarPorts.ReadinessProbe, SidecarPorts.StartupProbe, SidecarPorts.TcpProbe];

    /// <summary>The rules for one address family; IPv6 ones are for <c>ip6tables-restore</c>.</summary>
    /// <param name="options">What goes around the sidecar.</param>
    /// <param name="family">The family.</param>
    /// <param name="podAddress">What stands for the pod's address where it is not known yet, in proxy mode <c>PodIP</c>; null for the address among the options.</param>
    public static string For(InterceptionOptions options, AddressFamily family = AddressFamily.InterNetwork, string? podAddress = null)
    {
        var rules = new List<string>
        {
            "*nat",
            $":{Inbound} - [0:0]",
            $":{InboundRedirect} - [0:0]",
            $":{Outbound} - [0:0]",
            $":{OutboundRedirect} - [0:0]",
        };
        rules.AddRange(InboundRules(options));
        rules.AddRange(OutboundRules(options, family, podAddress));
        rules.Add("COMMIT");
        return string.Join('\n', rules) + "\n";
    }

    private static IEnumerable<string> InboundRules(InterceptionOptions options)
    {
        yield return $"-A {InboundRedirect} -p tcp -j REDIRECT --to-ports {SidecarPorts.Inbound}";
        yield return $"-A PREROUTING -p tcp -j {Inbound}";
        foreach (var port in AlwaysOpen)
        {
            yield return $"-A {Inbound} -p tcp --dport {port} -j RETURN";
        }

        yield return $"-A {Inbound} -p tcp -j {InboundRedirect}";
        foreach (var name in options.InterfaceExclusions)
        {
            yield return $"-I {Inbound} -i {CheckedInterface(name)} -j RETURN";
        }

        foreach (var ports in PortLists(options.InboundPortExclusions))
        {
            yield return $"-I {Inbound} -p tcp -m multiport --dports {ports} -j RETURN";
        }
    }

    private static IEnumerable<string> OutboundRules(InterceptionOptions options, AddressFamily family, string? podAddress)
    {
        var loopback = family == AddressFamily.InterNetwork ? "127.0.0.1/32" : "::1/128";
        yield return $"-A {OutboundRedirect} -p tcp -j REDIRECT --to-ports {SidecarPorts.Outbound}";
        yield return $"-A OUTPUT -p tcp -j {Outbound}";
        // The proxy answers for its own pod: a call through a service address back into the pod is received like any other.
        yield return $"-A {Outbound} -o lo ! -d {loopback} -m owner --uid-owner {SidecarPorts.ProxyUser} -j {InboundRedirect}";
        yield return $"-A {Outbound} -o lo -m owner ! --uid-owner {SidecarPorts.ProxyUser} -j RETURN";
        yield return $"-A {Outbound} -m owner --uid-owner {SidecarPorts.ProxyUser} -j RETURN";
        yield return $"-A {Outbound} -d {loopback} -j RETURN";
        if ((podAddress ?? options.PodAddresses.FirstOrDefault(address => address.AddressFamily == family)?.ToString()) is { } pod)
        {
            yield return $"-I OUTPUT -p tcp -o lo -d {loopback} -m owner --uid-owner {SidecarPorts.ProxyUser} -j DNAT --to-destination {pod}";
        }

        foreach (var name in options.InterfaceExclusions)
        {
            yield return $"-A {Outbound} -o {CheckedInterface(name)} -j RETURN";
        }

        foreach (var range in Ranges(options.OutboundRangeExclusions, family))
        {
            yield return $"-A {Outbound} -d {range} -j RETURN";
        }

        foreach (var ports in PortLists(options.OutboundPortExclusions))
        {
            yield return $"-A {Outbound} -p tcp -m multiport --dports {ports} -j RETURN";
        }

        if (options.OutboundRangeInclusions.IsEmpty)
        {
            yield return $"-A {Outbound} -j {OutboundRedirect}";
            yield break;
        }

        foreach (var range in Ranges(options.OutboundRangeInclusions, family))
        {
            yield return $"-A {Outbound} -d {range} -j {OutboundRedirect}";
        }

        yield return $"-A {Outbound} -j RETURN";
    }

    private static IEnumerable<string> PortLists(EquatableArray<int> ports)
        => ports.Select(Checked).Chunk(PortsPerRule).Select(chunk => string.Join(',', chunk));

    private static IEnumerable<AddressRange> Ranges(EquatableArray<string> ranges, AddressFamily family)
        => ranges.Select(Checked).Where(range => range.Family == family);

    // The text is read by a tool that runs as root, one rule a line: a value that is not exactly what it claims is our bug.
    private static int Checked(int port)
        => port is > 0 and <= ushort.MaxValue ? port : throw new ArgumentException($"{port} is not a port.");

    private static AddressRange Checked(string range)
        => AddressRange.TryParse(range, out var parsed) ? parsed : throw new ArgumentException($"'{range}' is not a CIDR block.");

    private static string CheckedInterface(string name)
        => IsInterface(name) ? name : throw new ArgumentException($"'{name}' is not the name of a network interface.");

    /// <summary>Whether the kernel would take the name, and no tool would read it as something else.</summary>
    public static bool IsInterface(string name)
        => name.Length is > 0 and <= 15 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or '@') && name[0] != '-';
}
