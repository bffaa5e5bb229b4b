using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Envoy.Admin.V3;
using Envoy.Config.Listener.V3;
using Google.Protobuf.WellKnownTypes;
using OsmExt.DataPlane.Discovery;
using OsmExt.DataPlane.Observation.Statistics;
using OsmExt.Envoy;
using Prometheus;

namespace OsmExt.DataPlane.Admin;

/// <summary>An answer of the admin endpoint.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Body">The text.</param>
/// <param name="ContentType">Its type.</param>
internal sealed record AdminAnswer(int Status, string Body, string ContentType = "text/plain; charset=UTF-8")
{
    public static AdminAnswer Json(string body) => new(200, body + "\n", "application/json");
}

/// <summary>The admin endpoint's pages, in Envoy's shapes under Envoy's paths. What changes something asks for POST, as Envoy does.</summary>
internal sealed class AdminPages(SidecarState state, StatFamilies families, ServerStatistics server, CollectorRegistry registry)
{
    private static readonly System.Text.Json.JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n" };
    private static readonly TimeSpan RegexLimit = TimeSpan.FromSeconds(1);

    private static readonly (string Path, bool Changes, string About)[] Known =
    [
        ("/certs", false, "the certificates it has"),
        ("/clusters", false, "clusters and their endpoints; format=json"),
        ("/config_dump", false, "what it has been told; include_eds, resource=LIST, name_regex=PATTERN"),
        ("/drain_listeners", true, "close listeners; inboundonly"),
        ("/healthcheck/fail", true, "pass for unhealthy"),
        ("/healthcheck/ok", true, "cease to pass for unhealthy"),
        ("/listeners", false, "listeners and their addresses; format=json"),
        ("/ready", false, "LIVE, or 503 and why not"),
        ("/server_info", false, "version, state and node"),
        ("/stats", false, "statistics; filter=PATTERN, format=json|prometheus"),
        ("/stats/prometheus", false, "the same for Prometheus"),
    ];

    public async Task<AdminAnswer> AnswerAsync(string method, string path, IReadOnlyDictionary<string, string> query, CancellationToken stop)
    {
        if (Known.FirstOrDefault(page => page.Path == path) is not { Path: not null } known)
        {
            return new(path is "/" or "/help" ? 200 : 404, Help(path));
        }

        if (known.Changes && method != "POST")
        {
            return new(405, $"Method Not Allowed: {path} changes something; use POST\n");
        }

        try
        {
            return path switch
            {
                "/certs" => AdminAnswer.Json(EnvoyJson.ToJson(CertificateReport.Of(state.Keeper.Current, state.Now))),
                "/clusters" => query.GetValueOrDefault("format") == "json" ? AdminAnswer.Json(EnvoyJson.ToJson(ClustersPage.Json(state))) : new(200, ClustersPage.Text(state)),
                "/config_dump" => ConfigDump(query),
                "/drain_listeners" => await DrainAsync(query.ContainsKey("inboundonly"), stop).ConfigureAwait(false),
                "/healthcheck/fail" => Health(failing: true),
                "/healthcheck/ok" => Health(failing: false),
                "/listeners" => ListenersPage(query.GetValueOrDefault("format") == "json"),
                "/ready" => new(state.State == ServerInfo.Types.State.Live ? 200 : 503, $"{NameOf(state.State)}\n"),
                "/server_info" => About(),
                _ => await StatsAsync(path == "/stats/prometheus" ? "prometheus" : query.GetValueOrDefault("format", ""), Pattern(query, "filter"), stop).ConfigureAwait(false),
            };
        }
        catch (Exception failure) when (failure is ArgumentException or RegexMatchTimeoutException)
        {
            return new(400, $"{failure.Message}\n");
        }
    }

    private static string Help(string path) => (path is "/" or "/help" ? "" : $"There is nothing at {path}.\n") + "admin commands are:\n"
        + string.Concat(Known.Select(page => $"  {page.Path}{(page.Changes ? " (POST)" : "")}: {page.About}\n"));

    private static Regex? Pattern(IReadOnlyDictionary<string, string> query, string name)
        => query.GetValueOrDefault(name) is { Length: > 0 } pattern ? new(pattern, RegexOptions.CultureInvariant, RegexLimit) : null;

    private AdminAnswer ConfigDump(IReadOnlyDictionary<string, string> query)
    {
        var whole = ConfigDumpPage.Of(state, query.ContainsKey("include_eds"), Pattern(query, "name_regex"));
        if (query.GetValueOrDefault("resource") is not { Length: > 0 } list)
        {
            return AdminAnswer.Json(EnvoyJson.ToJson(whole));
        }

        return ConfigDumpPage.Only(whole, list) is { } part ? AdminAnswer.Json(EnvoyJson.ToJson(part))
            : new(404, $"{list} not found in config dump\n");
    }

    private async Task<AdminAnswer> DrainAsync(bool inboundOnly, CancellationToken stop)
    {
        await state.Keeper.DrainAsync(inboundOnly, stop).ConfigureAwait(false);
        return new(200, "OK\n");
    }

    private AdminAnswer Health(bool failing)
    {
        state.IsFailing = failing;
        return new(200, "OK\n");
    }

    private AdminAnswer ListenersPage(bool json)
    {
        var listeners = state.Keeper.Configuration?.Listeners ?? [];
        if (!json)
        {
            return new(200, string.Concat(listeners.Select(listener => $"{listener.Name}::{AddressOf(listener)}\n")));
        }

        var page = new global::Envoy.Admin.V3.Listeners();
        page.ListenerStatuses.AddRange(listeners.Select(listener => new ListenerStatus { Name = listener.Name, LocalAddress = listener.Address }));
        return AdminAnswer.Json(EnvoyJson.ToJson(page));
    }

    private static string AddressOf(Listener listener)
        => listener.Address?.SocketAddress is { } socket ? $"{(socket.Address.Contains(':', StringComparison.Ordinal) ? $"[{socket.Address}]" : socket.Address)}:{socket.PortValue}" : "";

    private AdminAnswer About()
    {
        // The state of a sidecar that lives is the value that JSON leaves out, and the one that people look for.
        var about = EnvoyJson.ToNode(ServerInfoNow())!.AsObject();
        about["state"] = NameOf(state.State);
        return AdminAnswer.Json(about.ToJsonString(Indented));
    }

    private ServerInfo ServerInfoNow() => new()
    {
        Version = $"{NodeIdentity.Version}/{NodeIdentity.EnvoyVersion}/{NodeIdentity.UserAgent}",
        State = state.State,
        UptimeCurrentEpoch = Duration.FromTimeSpan(TimeSpan.FromSeconds(Math.Floor(state.Uptime.TotalSeconds))),
        UptimeAllEpochs = Duration.FromTimeSpan(TimeSpan.FromSeconds(Math.Floor(state.Uptime.TotalSeconds))),
        HotRestartVersion = "disabled",
        CommandLineOptions = new() { ServiceNode = state.Node.Id, ServiceCluster = state.Node.Cluster, DisableHotRestart = true },
        Node = state.Node,
    };

    private async Task<AdminAnswer> StatsAsync(string format, Regex? filter, CancellationToken stop)
    {
        server.Refresh(state.View());
        if (format == "prometheus")
        {
            using var body = new MemoryStream();
            await registry.CollectAndExportAsTextAsync(body, stop).ConfigureAwait(false);
            return new(200, Encoding.UTF8.GetString(body.GetBuffer(), 0, (int)body.Length), "text/plain; version=0.0.4; charset=utf-8");
        }

        var stats = families.Read().Where(stat => filter?.IsMatch(stat.Name) ?? true);
        return format == "json"
            ? AdminAnswer.Json(new System.Text.Json.Nodes.JsonObject
            {
                ["stats"] = new System.Text.Json.Nodes.JsonArray([.. stats.Select(stat => new System.Text.Json.Nodes.JsonObject { ["name"] = stat.Name, ["value"] = stat.Value })]),
            }.ToJsonString())
            : new(200, string.Concat(stats.Select(stat => string.Create(CultureInfo.InvariantCulture, $"{stat.Name}: {stat.Value}\n"))));
    }

    private static string NameOf(ServerInfo.Types.State state) => state switch
    {
        ServerInfo.Types.State.Live => "LIVE",
        ServerInfo.Types.State.Draining => "DRAINING",
        ServerInfo.Types.State.PreInitializing => "PRE_INITIALIZING",
        _ => "INITIALIZING",
    };
}
