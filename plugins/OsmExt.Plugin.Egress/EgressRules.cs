using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Resources;

namespace OsmExt.Plugin.Egress;

/// <summary>How connections of a rule are made.</summary>
/// <param name="Origin">The object that says so; null for Envoy's defaults without its limits.</param>
/// <param name="Values">What it says.</param>
internal sealed record Connections(ResourceKey? Origin, ConnectionSettings Values)
{
    public static Connections Default { get; } = new(null, new());
}

/// <summary>What one Egress allows on one port.</summary>
/// <param name="Origin">The Egress.</param>
/// <param name="Port">The port dialled.</param>
/// <param name="Ranges">The addresses that may be dialled; null for any.</param>
/// <param name="Connections">How connections are made.</param>
internal abstract record Rule(ResourceKey Origin, int Port, AddressRange[]? Ranges, Connections Connections)
{
    /// <summary>The addresses, where every address has to be written as a range too.</summary>
    public AddressRange[] RangesOrAll => Ranges ?? AddressRange.Everywhere;
}

/// <summary>HTTP requests to a host.</summary>
/// <param name="Host">The host name, in lower case; may begin with a star.</param>
/// <param name="Matches">Which requests; none when the objects that say so are missing.</param>
/// <param name="Groups">The objects that say so.</param>
internal sealed record HttpRule(ResourceKey Origin, int Port, AddressRange[]? Ranges, Connections Connections, string Host, HttpRouteMatch[] Matches, ResourceKey[] Groups)
    : Rule(Origin, Port, Ranges, Connections)
{
    /// <summary>Whether it says something about whatever is called by that host name.</summary>
    public bool Covers(string host) => Host == host || (Host.StartsWith('*') && host.EndsWith(Host[1..], StringComparison.Ordinal));
}

/// <summary>TLS connections that ask for a server name, as they are.</summary>
/// <param name="ServerName">The name, in lower case; may begin with a star.</param>
internal sealed record TlsRule(ResourceKey Origin, int Port, AddressRange[]? Ranges, Connections Connections, string ServerName) : Rule(Origin, Port, Ranges, Connections);

/// <summary>Any connections.</summary>
/// <param name="ServerFirst">Whether the server speaks first.</param>
internal sealed record TcpRule(ResourceKey Origin, int Port, AddressRange[]? Ranges, Connections Connections, bool ServerFirst) : Rule(Origin, Port, Ranges, Connections);
