using System.Globalization;
using System.Net;
using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Google.Protobuf.WellKnownTypes;
using OsmExt.DataPlane.Tests.Mesh;
using OsmExt.Envoy;
using OsmExt.Simulation;
using OsmExt.Simulation.Http;
using OsmExt.Simulation.Listeners;
using OsmExt.Simulation.Tests.Agreement;
using Xunit.Abstractions;

namespace OsmExt.DataPlane.Tests.Agreement;

/// <summary>
/// Sends the requests that the simulator is compared with Envoy by, byte by byte, to the data plane. It must do as the simulator says, but
/// that Kestrel may find a request broken that Envoy reads.
/// </summary>
public class EmbeddedAgreementTests(ITestOutputHelper output)
{
    private const int Requests = 3_000;

    [Theory]
    [InlineData("stat_prefix: plain")]
    [InlineData("{stat_prefix: careful, normalize_path: true, merge_slashes: true, path_with_escaped_slashes_action: UNESCAPE_AND_REDIRECT, strip_trailing_host_dot: true}")]
    [InlineData("{stat_prefix: forwarding, normalize_path: true, path_with_escaped_slashes_action: UNESCAPE_AND_FORWARD, strip_any_host_port: true}")]
    [InlineData("{stat_prefix: rejecting, merge_slashes: true, path_with_escaped_slashes_action: REJECT_REQUEST, strip_matching_host_port: true}")]
    public async Task The_data_plane_does_what_the_simulator_says(string manager)
    {
        var listener = Listener((HttpConnectionManager)EnvoyReader.Read(manager, HttpConnectionManager.Descriptor).Message!);
        await using var proxy = await OneProxy.StartAsync([XdsResource.Create(listener, "in")]);
        listener = listener.Clone();
        listener.Address.SocketAddress.PortValue = (uint)proxy.Address.Port;
        var simulated = new ProxyConfiguration("one", [XdsResource.Create(listener, "in")], null);
        var generator = new RequestGenerator(manager.Length);
        var (stricter, disagreements) = (new List<string>(), new List<string>());
        for (var index = 0; index < Requests; index++)
        {
            var request = generator.Next();
            var said = Ask(simulated, proxy.Address, request);
            var real = await RawClient.SendAsync(proxy.Address.Port, request);
            if (said is not null && real != said)
            {
                (real.Status is 400 or 405 ? stricter : disagreements).Add($"{request}: data plane {real}, simulator {said}");
            }
        }

        output.WriteLine($"{stricter.Count} of {Requests} requests found broken by Kestrel alone:\n{string.Join('\n', stricter.Take(20))}");
        Assert.True(disagreements.Count == 0, $"{disagreements.Count} disagreements:\n{string.Join('\n', disagreements.Take(50))}");
        Assert.InRange(stricter.Count, 0, Requests / 10);
    }

    private static RawAnswer? Ask(ProxyConfiguration proxy, IPEndPoint at, RawRequest request)
    {
        try
        {
            var http = new HttpRequest(request.Method, request.Host.Trim(' '), request.Target)
            {
                Headers = [.. request.Headers.Select(header => (ByteText.Lower(header.Name), header.Value.Trim(' ')))],
            };
            var outcome = ProxyWalk.Walk(proxy, 0, new(new(IPAddress.Loopback, 40_000), at, Payload.Http1, null), http, Trail.Start("one")).Single();
            var reply = outcome.Reply!;
            var answered = reply.Reason.Contains("answers it", StringComparison.Ordinal) || reply.Reason.Contains("redirects it", StringComparison.Ordinal);
            return new(reply.GrpcStatus is null ? reply.Status ?? 0 : 200,
                answered ? outcome.Trail.Steps.Last(step => step.Element == "route").Name : "", reply.GrpcStatus?.ToString(CultureInfo.InvariantCulture) ?? "");
        }
        catch (UndecidedException)
        {
            return null;
        }
    }

    private static Listener Listener(HttpConnectionManager manager)
    {
        var routes = (RouteConfiguration)EnvoyReader.Read(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Agreement", "routes.yaml")),
            RouteConfiguration.Descriptor).Message!;
        foreach (var route in routes.VirtualHosts.SelectMany(host => host.Routes))
        {
            route.ResponseHeadersToAdd.Add(new HeaderValueOption { Header = new() { Key = "x-route", Value = route.Name } });
        }

        manager.RouteConfig = routes;
        manager.HttpFilters.Add(new HttpFilter { Name = "router", TypedConfig = Any.Pack(new global::Envoy.Extensions.Filters.Http.Router.V3.Router()) });
        return new()
        {
            Name = "in",
            Address = new() { SocketAddress = new() { Address = "127.0.0.1", PortValue = 0 } },
            FilterChains = { new FilterChain { Name = "chain", Filters = { new Filter { Name = "http", TypedConfig = Any.Pack(manager) } } } },
        };
    }
}
