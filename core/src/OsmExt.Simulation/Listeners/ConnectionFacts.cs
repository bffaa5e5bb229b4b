using System.Net;
using Envoy.Config.Listener.V3;
using Envoy.Extensions.Filters.Listener.HttpInspector.V3;
using Envoy.Extensions.Filters.Listener.OriginalDst.V3;
using Envoy.Extensions.Filters.Listener.TlsInspector.V3;

namespace OsmExt.Simulation.Listeners;

/// <summary>What listener filters find out about a connection, before a filter chain is chosen by it.</summary>
/// <param name="Connection">The connection.</param>
/// <param name="Local">The destination the proxy sees: the original one where a filter restored it.</param>
internal sealed record ConnectionFacts(Connection Connection, IPEndPoint Local)
{
    public string TransportProtocol { get; init; } = "raw_buffer";

    public string ServerName { get; init; } = "";

    public IReadOnlyList<string> ApplicationProtocols { get; init; } = [];

    /// <summary>Runs a listener's filters.</summary>
    public ConnectionFacts Inspect(Listener listener)
    {
        var facts = this;
        foreach (var filter in listener.ListenerFilters.Where(filter => !IsDisabled(filter.FilterDisabled, facts)))
        {
            facts = filter.ConfigTypeCase != ListenerFilter.ConfigTypeOneofCase.TypedConfig
                ? throw new UndecidedException(filter.Name, $"{filter.ConfigTypeCase} is not known")
                : Packed.Open(filter.TypedConfig, filter.Name) switch
                {
                    OriginalDst => facts with { Local = Connection.Destination },
                    TlsInspector => facts.InspectTls(),
                    HttpInspector => facts.InspectHttp(),
                    var other => throw Packed.NotKnown(other, filter.Name),
                };
        }

        return facts;
    }

    private ConnectionFacts InspectTls() => Connection.Tls is not { } hello
        ? this
        : this with { TransportProtocol = "tls", ServerName = ByteText.Lower(ByteText.Of(hello.ServerName)), ApplicationProtocols = hello.Alpn };

    // It looks at plain text only, and only where TLS was not found before it.
    private ConnectionFacts InspectHttp() => Connection.Tls is not null
        ? this
        : Connection.Payload switch
        {
            Payload.Http1 => this with { ApplicationProtocols = ["http/1.1"] },
            Payload.Http2 => this with { ApplicationProtocols = ["h2c"] },
            _ => this,
        };

    private static bool IsDisabled(ListenerFilterChainMatchPredicate? predicate, ConnectionFacts facts) => predicate?.RuleCase switch
    {
        null or ListenerFilterChainMatchPredicate.RuleOneofCase.None => false,
        ListenerFilterChainMatchPredicate.RuleOneofCase.AnyMatch => predicate.AnyMatch,
        ListenerFilterChainMatchPredicate.RuleOneofCase.NotMatch => !IsDisabled(predicate.NotMatch, facts),
        ListenerFilterChainMatchPredicate.RuleOneofCase.OrMatch => predicate.OrMatch.Rules.Any(rule => IsDisabled(rule, facts)),
        ListenerFilterChainMatchPredicate.RuleOneofCase.AndMatch => predicate.AndMatch.Rules.All(rule => IsDisabled(rule, facts)),
        _ => facts.Local.Port >= predicate.DestinationPortRange.Start && facts.Local.Port < predicate.DestinationPortRange.End,
    };
}
