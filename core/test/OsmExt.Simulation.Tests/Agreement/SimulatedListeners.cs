using System.Globalization;
using System.Net;
using Envoy.Config.Listener.V3;
using OsmExt.Envoy;
using OsmExt.Simulation.Http;
using OsmExt.Simulation.Listeners;

namespace OsmExt.Simulation.Tests.Agreement;

/// <summary>What the simulator says of requests to listeners that are bound to ports.</summary>
internal sealed class SimulatedListeners(IEnumerable<Listener> listeners, IReadOnlyDictionary<string, int> ports, string version)
{
    private readonly Dictionary<string, ProxyConfiguration> _proxies = listeners.ToDictionary(
        listener => listener.Name, listener => Simulated(listener, ports[listener.Name], version), StringComparer.Ordinal);

    /// <summary>The answer, and why; no answer where it is undecided.</summary>
    public (RawAnswer? Answer, string Why) Ask(string name, RawRequest request) => Ask(_proxies[name], ports[name], request);

    private static (RawAnswer? Answer, string Why) Ask(ProxyConfiguration proxy, int port, RawRequest request)
    {
        try
        {
            var http = new HttpRequest(request.Method, request.Host.Trim(' '), request.Target)
            {
                Headers = [.. request.Headers.Select(header => (ByteText.Lower(header.Name), header.Value.Trim(' ')))],
            };
            var connection = new Connection(new(IPAddress.Loopback, 40_000), new(IPAddress.Loopback, port), Payload.Http1, null);
            var outcome = Assert.Single(ProxyWalk.Walk(proxy, 0, connection, http, Trail.Start(proxy.Name)));
            var route = outcome.Trail.Steps.LastOrDefault(step => step.Element == "route")?.Name ?? "";
            var reply = Assert.IsType<Reply>(outcome.Reply);
            var answered = reply.Reason.Contains("answers it", StringComparison.Ordinal)
                || reply.Reason.Contains("redirects it", StringComparison.Ordinal);
            return (new(reply.GrpcStatus is null ? reply.Status
                ?? 0 : 200, answered ? route : "", reply.GrpcStatus?.ToString(CultureInfo.InvariantCulture) ?? ""), reply.Reason);
        }
        catch (UndecidedException unknown)
        {
            return (null, unknown.Message);
        }
    }

    private static ProxyConfiguration Simulated(Listener listener, int port, string version)
    {
        var bound = listener.Clone();
        bound.Address = AgreementListeners.Loopback(port);
        return new(listener.Name, [XdsResource.Create(bound, listener.Name)], null) { Release = EnvoyRelease.Parse(version) };
    }
}
