using Envoy.Config.Accesslog.V3;
using Google.Protobuf.WellKnownTypes;
using Connection = Envoy.Extensions.Filters.Network.HttpConnectionManager.V3.HttpConnectionManager;

namespace OsmExt.Compiler.Translation;

/// <summary>
/// Counts requests by source and destination workload, on the caller's side, with Envoy's own stats access logger. Nothing is
/// added to requests, so applications cannot forge what is counted.
/// </summary>
internal static class TrafficMetrics
{
    /// <summary>Newer than the API we compile, so it travels as a TypedStruct.</summary>
    public const string TypeUrl = "type.googleapis.com/envoy.extensions.access_loggers.stats.v3.Config";

    // Label values come from requests in part (the response code), so their number is bounded.
    private const int MaxSeries = 10_000;

    /// <summary>The logger exists from 1.37, with the fields used here from 1.39.</summary>
    public static bool Offered(ScopeView view) => view.Scope.Capabilities.Offers(TypeUrl) && view.Scope.Capabilities.IsAtLeast(1, 39);

    public static bool Wanted(ScopeView view) => view.Settings.TrafficMetrics;

    public static void AddTo(Connection connection, ScopeView view)
    {
        if (Wanted(view) && Offered(view))
        {
            connection.AccessLog.Add(new AccessLog { Name = "osm_traffic_metrics", TypedConfig = Protos.Pack(Logger(view)) });
        }
    }

    private static Xds.Type.V3.TypedStruct Logger(ScopeView view)
    {
        var workloads = new[]
        {
            Tag("source_namespace", view.Scope.Identity.Namespace),
            Tag("source_kind", view.Scope.Workload.Kind),
            Tag("source_name", view.Scope.Workload.Name),
            Tag("source_pod", "%ENVIRONMENT(POD_NAME)%"),
            Tag("destination_namespace", "%UPSTREAM_METADATA(osm:namespace)%"),
            Tag("destination_kind", "%UPSTREAM_METADATA(osm:kind)%"),
            Tag("destination_name", "%UPSTREAM_METADATA(osm:name)%"),
            Tag("destination_pod", "%UPSTREAM_METADATA(osm:pod)%"),
        };
        return new()
        {
            TypeUrl = TypeUrl,
            Value = Object(
                ("stats_scope", Value.ForStruct(Object(
                    ("prefix", Value.ForString("osm")), ("sharing_name", Value.ForString("osm")), ("max_counters", Value.ForNumber(MaxSeries))))),
                ("counters", Value.ForList(Value.ForStruct(Object(
                    ("stat", Stat("request_total", [Tag("response_code", "%RESPONSE_CODE%"), .. workloads])), ("value_fixed", Value.ForNumber(1)))))),
                ("histograms", Value.ForList(Value.ForStruct(Object(
                    ("stat", Stat("request_duration_ms", workloads)), ("unit", Value.ForString("Milliseconds")), ("value_format", Value.ForString("%DURATION%"))))))),
        };
    }

    private static Value Stat(string name, Value[] tags)
        => Value.ForStruct(Object(("name", Value.ForString(name)), ("tags", Value.ForList(tags))));

    private static Value Tag(string name, string format)
        => Value.ForStruct(Object(("name", Value.ForString(name)), ("value_format", Value.ForString(format))));

    private static Struct Object(params (string Name, Value Value)[] fields)
    {
        var result = new Struct();
        foreach (var (name, value) in fields)
        {
            result.Fields[name] = value;
        }

        return result;
    }
}
