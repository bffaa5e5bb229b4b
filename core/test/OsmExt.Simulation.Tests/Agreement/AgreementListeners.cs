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
using EscapedSlashes = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager.Types.PathWithEscapedSlashesAction;
using HttpRbac = Envoy.Extensions.Filters.Http.Rbac.V3.RBAC;

namespace OsmExt.Simulation.Tests.Agreement;

/// <summary>The listeners that generated requests are sent to: the same routes under connection managers that treat hosts and paths differently.</summary>
internal static class AgreementListeners
{
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

    public static Listener[] All() => [.. Managers.Select(entry => Listener(entry.Key, entry.Value.Clone()))];

    public static Bootstrap Bootstrap(IEnumerable<Listener> listeners, params IEnumerable<global::Envoy.Config.Cluster.V3.Cluster> clusters) => new()
    {
        Admin = new() { Address = Loopback(0) },
        StaticResources = new() { Listeners = { listeners }, Clusters = { clusters } },
    };

    public static Address Loopback(int port) => new() { SocketAddress = new() { Address = "127.0.0.1", PortValue = (uint)port } };

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
}
