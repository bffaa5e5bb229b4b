using System.Globalization;
using System.Text.Json.Nodes;
using OsmExt.ControlPlane.Observability;
using OsmExt.Envoy;
using OsmExt.Xds.Observability;

namespace OsmExt.ControlPlane.Http;

/// <summary>A proxy's stream as JSON for people: versions only, never content.</summary>
internal static class ProxyView
{
    public static JsonNode Summary(XdsStreamView stream, TimeProvider time) => new JsonObject
    {
        ["proxy"] = stream.ProxyId,
        ["variant"] = stream.Variant.ToString(),
        ["envoy"] = stream.NodeVersion,
        ["connected_since"] = stream.ConnectedSince.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
        ["revision"] = stream.Revision,
        ["in_sync"] = stream.Types.All(type => type.Pending == 0 && !type.Unanswered),
        ["lag"] = stream.Lag.Backlog is { IsEmpty: false } backlog ? new JsonObject
        {
            ["revision"] = backlog.Unanswered,
            ["since"] = backlog.Since is { } since ? (time.GetUtcNow() - time.GetElapsedTime(since)).UtcDateTime.ToString("O", CultureInfo.InvariantCulture) : null,
            ["detail"] = Receipts.Why(stream.Lag),
        } : null,
        ["rejected"] = stream.Types.Sum(type => type.Rejections.Count),
    };

    public static JsonNode Detail(XdsStreamView stream, TimeProvider time)
    {
        var view = Summary(stream, time).AsObject();
        view["types"] = new JsonArray([.. stream.Types.Select(Type)]);
        return view;
    }

    private static JsonNode Type(XdsTypeView type) => new JsonObject
    {
        ["type"] = TypeUrls.ShortName(type.TypeUrl),
        ["wildcard"] = type.Wildcard,
        ["names"] = new JsonArray([.. type.Names.Select(name => (JsonNode)name)]),
        ["pending"] = type.Pending,
        ["unanswered"] = type.Unanswered,
        ["last_error"] = type.LastError,
        ["rejections"] = new JsonArray([.. type.Rejections.Select(rejection => (JsonNode)new JsonObject
        {
            ["name"] = rejection.Name,
            ["version"] = rejection.Version,
            ["message"] = rejection.Message,
            ["at"] = rejection.Time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
        })]),
        ["resources"] = new JsonArray([.. type.Resources.Select(resource => (JsonNode)new JsonObject
        {
            ["name"] = resource.Name,
            ["sent"] = resource.Sent,
            ["acknowledged"] = resource.Acknowledged,
        })]),
    };
}
