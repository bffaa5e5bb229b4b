using Envoy.Config.Accesslog.V3;
using Envoy.Config.Listener.V3;
using Envoy.Extensions.Filters.Http.Router.V3;
using Envoy.Extensions.Filters.Network.HttpConnectionManager.V3;
using Google.Protobuf;
using OsmExt.Compiler.Contributions;
using OsmExt.Sdk.Ir;
using OsmExt.Sdk.Plugins;
using OsmExt.Sdk.Resources;
using Connection = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager;

namespace OsmExt.Compiler.Translation;

/// <summary>HTTP connection managers: towards services, and towards the proxy's own application.</summary>
internal static class HttpConnections
{
    /// <summary>For requests that leave the pod.</summary>
    public static Filter Outbound(ScopeView view, int port)
    {
        var connection = Common(Names.OutboundRoutes(port));
        connection.HttpFilters.AddRange(FilterOrder.Http(
            [(FilterStage.Terminal, Router())], view.Contributions.At(ContributionPoint.HttpFilter, Direction.Outbound)));
        Observe(connection, view.Contributions, Direction.Outbound, null);
        return Filter(connection);
    }

    /// <summary>
    /// For requests that reach the pod. Paths are normalized before anything is decided on them, whatever could hide a slash is
    /// sent back, and the caller's identity replaces any that the request claims.
    /// </summary>
    public static Filter Inbound(ScopeView view, MeshService service)
    {
        var connection = Common(Names.InboundRoutes(service.TargetPort));
        connection.NormalizePath = true;
        connection.MergeSlashes = true;
        connection.PathWithEscapedSlashesAction = Connection.Types.PathWithEscapedSlashesAction.UnescapeAndRedirect;
        connection.ForwardClientCertDetails = Connection.Types.ForwardClientCertDetails.SanitizeSet;
        connection.SetCurrentClientCertDetails = new() { Uri = true };
        // The application is spoken to in plain text, and some (Kestrel for one) reset a stream that then claims to be https.
        connection.SchemeHeaderTransformation = new() { MatchUpstream = true };
        List<(FilterStage, HttpFilter)> own =
        [
            (FilterStage.Authorization, HttpFilter(Names.HttpRbac, Rbac.DenyAll())),
            .. RateLimiting.Requests(service).Select(filter => (FilterStage.RateLimit, filter)),
            (FilterStage.Terminal, Router()),
        ];
        if (Resilience.IsProbed(view.Settings, service))
        {
            own.Add((FilterStage.Edge, HttpFilter(Names.HealthCheck, Resilience.ProbeAnswer())));
        }

        connection.HttpFilters.AddRange(FilterOrder.Http(own, view.Contributions.At(ContributionPoint.HttpFilter, Direction.Inbound, service)));
        Observe(connection, view.Contributions, Direction.Inbound, service);
        return Filter(connection);
    }

    /// <summary>What plugins put into a connection manager, and so the objects it was made from too.</summary>
    public static IEnumerable<ResourceKey> ContributedTo(ScopeView view, Direction direction, MeshService? service = null)
        => FilterOrder.ObjectsOf(new[] { ContributionPoint.HttpFilter, ContributionPoint.AccessLog, ContributionPoint.Tracing }
            .Select(point => view.Contributions.At(point, direction, service).Take(point == ContributionPoint.Tracing ? 1 : int.MaxValue)));

    /// <summary>What plugins put into a connection manager that one of them brings for requests from outside the mesh.</summary>
    public static IEnumerable<ResourceKey> ContributedFromOutside(ScopeView view, MeshService? service) => FilterOrder.ObjectsOf([
        service is null ? [] : view.Contributions.At(ContributionPoint.HttpFilter, Direction.Inbound, service),
        view.Contributions.At(ContributionPoint.AccessLog, Direction.Ingress, service),
        [.. view.Contributions.At(ContributionPoint.Tracing, Direction.Ingress, service).Take(1)]]);

    /// <summary>Puts what plugins contribute into a connection manager that one of them brings: its own filters stand where access is decided.</summary>
    /// <param name="connection">The connection manager; it is changed.</param>
    /// <param name="view">Whose.</param>
    /// <param name="service">The service it is for; null for none in particular, which nobody guards.</param>
    public static void Contribute(Connection connection, ScopeView view, MeshService? service)
    {
        if (service is not null)
        {
            HttpFilter[] own = [.. connection.HttpFilters];
            connection.HttpFilters.Clear();
            connection.HttpFilters.AddRange(FilterOrder.Http(
                own.Select((filter, index) => (index == own.Length - 1 ? FilterStage.Terminal : FilterStage.Authorization, filter)),
                view.Contributions.At(ContributionPoint.HttpFilter, Direction.Inbound, service)));
        }

        Observe(connection, view.Contributions, Direction.Ingress, service);
    }

    private static void Observe(Connection connection, ScopeContributions contributions, Direction direction, MeshService? service)
    {
        foreach (var (item, name) in FilterOrder.Named(contributions.At(ContributionPoint.AccessLog, direction, service)))
        {
            var log = ((AccessLog)item.Message).Clone();
            log.Name = name;
            connection.AccessLog.Add(log);
        }

        if (contributions.At(ContributionPoint.Tracing, direction, service) is [var tracing, ..])
        {
            connection.Tracing = (Connection.Types.Tracing)tracing.Message;
        }
    }

    public static HttpFilter HttpFilter(string name, IMessage config) => new() { Name = name, TypedConfig = Protos.Pack(config) };

    public static HttpFilter Router() => HttpFilter(Names.Router, new Router());

    public static Filter Filter(Connection connection) => new() { Name = Names.Hcm, TypedConfig = Protos.Pack(connection) };

    private static Connection Common(string routes) => new()
    {
        CodecType = Connection.Types.CodecType.Auto,
        StatPrefix = $"mesh-http-conn-manager.{routes}",
        Rds = new() { ConfigSource = Protos.Ads, RouteConfigName = routes },
        UpgradeConfigs = { new Connection.Types.UpgradeConfig { UpgradeType = "websocket" } },
        // Streams may be silent for longer than Envoy's five minutes; applications set their own limits.
        StreamIdleTimeout = Protos.Seconds(0),
        StripTrailingHostDot = true,
    };
}
