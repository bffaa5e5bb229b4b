using System.Globalization;
using System.Net;
using Envoy.Config.Bootstrap.V3;
using Envoy.Config.Core.V3;
using Envoy.Config.Listener.V3;
using Envoy.Config.Rbac.V3;
using Envoy.Config.Route.V3;
using Envoy.Extensions.Filters.Http.Router.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using OsmExt.Envoy;
using OsmExt.Simulation.Http;
using OsmExt.Simulation.Listeners;
using Xunit.Abstractions;
using EscapedSlashes = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager.Types.PathWithEscapedSlashesAction;
using HttpRbac = Envoy.Extensions.Filters.Http.Rbac.V3.RBAC;

namespace OsmExt.Simulation.Tests.Agreement;

/// <summary>Sends generated requests to a real Envoy and compares what it does with what the simulator says.</summary>
public class AgreementTests(ITestOutputHelper output)
{
    // More when asked for; the seed moves along with the number, so that a longer run is also another one.
    private static readonly int Requests = int.TryParse(Environment.GetEnvironmentVariable("OSM_AGREEMENT_REQUESTS"), out var asked) ? asked : 3_000;

    private static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("OSM_AGREEMENT_SEED"), out var seed) ? seed : 0;

    private static readonly Dictionary<string, HttpConnectionManager> Managers = new(StringComparer.Ordinal)
    {
        ["plain"] = new(),
        ["careful"] = new() { NormalizePath = true, MergeSlashes = true, PathWithEscapedSlashesAction = EscapedSlashes.UnescapeAndRedirect,
            StripTrailingHostDot = true },
        ["forwarding"] = new() { NormalizePath = true, PathWithEscapedSlashesAction = EscapedSlashes.UnescapeAndForward, StripAnyHostPort = true,
            StripTrailingHostDot = true },
        ["rejecting"] = new() { MergeSlashes = true, PathWithEscapedSlashesAction = EscapedSlashes.RejectRequest, StripMatchingHostPort = true },
        ["guarded"] = new() { NormalizePath = true, HttpFilters = { Filter("guard", Guard()) } },
        ["shut"] = new() { HttpFilters = { Filter("guard", new HttpRbac { Rules = new() { Action = RBAC.Types.Action.Allow } }) } },
    };

    public static TheoryData<string> Versions => [.. Envoys.Versions];

    [EnvoyTheory]
    [MemberData(nameof(Versions))]
    public async Task Simulator_and_Envoy_agree_on_hosts_paths_methods_and_headers(string version)
    {
        var path = Envoys.Find(version).Path;
        Assert.NotNull(path);
        var listeners = Managers.Select(entry => Listener(entry.Key, entry.Value.Clone())).ToArray();
        await using var envoy = await RunningEnvoy.StartAsync(path, new Bootstrap
        {
            Admin = new() { Address = Loopback(0) },
            StaticResources = new() { Listeners = { listeners } },
        });
        var proxies = listeners.ToDictionary(listener => listener.Name, listener => Simulated(listener, envoy.Ports[listener.Name], version),
            StringComparer.Ordinal);
        var generator = new RequestGenerator(Seed + Requests + version[2]);
        var (disagreements, undecided) = (new List<string>(), new List<string>());
        for (var index = 0; index < Requests; index++)
        {
            var name = listeners[index % listeners.Length].Name;
            var request = generator.Next();
            var (said, why) = Ask(proxies[name], envoy.Ports[name], request);
            if (said is null)
            {
                undecided.Add($"{name}: {request}: {why}");
                continue;
            }

            var real = await RawClient.SendAsync(envoy.Ports[name], request);
            if (real != said)
            {
                disagreements.Add($"{name}: {request}: Envoy {real}, simulator {said} ({why})");
            }
        }

        output.WriteLine($"{Requests} requests of seed {Seed}, {undecided.Count} undecided");
        Assert.True(disagreements.Count == 0, $"{disagreements.Count} disagreements:\n{string.Join('\n', disagreements)}");
        Assert.True(undecided.Count == 0, string.Join('\n', undecided));
    }

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
        bound.Address = Loopback(port);
        return new(listener.Name, [XdsResource.Create(bound, listener.Name)], null) { Release = EnvoyRelease.Parse(version) };
    }

    private static Listener Listener(string name, HttpConnectionManager manager)
    {
        manager.StatPrefix = name;
        manager.RouteConfig = Routes();
        manager.HttpFilters.Add(Filter("router", new Router()));
        return new()
        {
            Name = name,
            Address = Loopback(0),
            FilterChains = { new FilterChain { Filters = { new Filter { Name = "hcm", TypedConfig = Any.Pack(manager) } } } },
        };
    }

    private static RouteConfiguration Routes()
    {
        var read = EnvoyReader.Read(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Agreement", "routes.yaml")),
            RouteConfiguration.Descriptor);
        Assert.Empty(read.Problems);
        var routes = (RouteConfiguration)read.Message!;
        foreach (var route in routes.VirtualHosts.SelectMany(host => host.Routes))
        {
            route.ResponseHeadersToAdd.Add(new HeaderValueOption { Header = new() { Key = "x-route", Value = route.Name } });
        }

        return routes;
    }

    private static HttpRbac Guard() => new()
    {
        Rules = new()
        {
            Action = RBAC.Types.Action.Allow,
            Policies =
            {
                ["safe"] = new Policy
                {
                    Permissions = { new Permission { Header = new() { Name = ":method",
                        StringMatch = new() { SafeRegex = new() { Regex = "GET|HEAD" } } } } },
                    Principals = { new Principal { Any = true } },
                },
                ["not-said-no"] = new Policy
                {
                    Permissions = { new Permission { UrlPath = new() { Path = new() { Prefix = "/h" } } } },
                    Principals = { new Principal { Header = new() { Name = "x-b", InvertMatch = true, StringMatch = new() { Exact = "no" } } } },
                },
                ["trusted"] = new Policy
                {
                    Permissions = { new Permission { OrRules = new() { Rules = { new Permission { UrlPath = new() { Path = new() { Prefix = "/method" } } }, new Permission { DestinationPort = 1 } } } } },
                    Principals = { new Principal { Header = new() { Name = "x-a", StringMatch = new() { Exact = "1" } } } },
                },
            },
        },
    };

    private static HttpFilter Filter(string name, IMessage config) => new() { Name = name, TypedConfig = Any.Pack(config) };

    private static Address Loopback(int port) => new() { SocketAddress = new() { Address = "127.0.0.1", PortValue = (uint)port } };
}
