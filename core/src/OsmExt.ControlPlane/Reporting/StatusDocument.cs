using System.Globalization;
using System.Text.Json.Nodes;
using OsmExt.Sdk.Status;

namespace OsmExt.ControlPlane.Reporting;

/// <summary>Statuses as documents, in the words of Kubernetes. Scripts read them, so their shape is kept.</summary>
internal static class StatusDocument
{
    public static JsonObject Of(IEnumerable<ObjectStatus> statuses) => new() { ["objects"] = new JsonArray([.. statuses.Select(Of)]) };

    public static JsonNode Of(ObjectStatus status)
    {
        var document = new JsonObject { ["kind"] = status.Object.Kind, ["namespace"] = status.Object.Namespace, ["name"] = status.Object.Name };
        var conditions = status.Conditions.Select(condition => (JsonNode)Of(condition, status.ObservedGeneration));
        var fields = new JsonObject { ["conditions"] = new JsonArray([.. conditions]) };
        if (status.Proxies is { } proxies)
        {
            fields["proxies"] = Of(proxies);
        }

        if (!status.Targets.IsEmpty)
        {
            fields["targets"] = new JsonArray([.. status.Targets.Select(target => (JsonNode)new JsonObject { ["target"] = target.Target, ["proxies"] = Of(target.Proxies) })]);
        }

        document["status"] = fields;
        return document;
    }

    /// <summary>What <see cref="Of(ObjectStatus)"/> wrote; null where it is something else.</summary>
    public static ObjectStatus? Read(JsonNode? document)
    {
        try
        {
            var conditions = document!["status"]!["conditions"]!.AsArray().Select(condition => condition!).ToArray();
            return new(new((string)document["kind"]!, (string?)document["namespace"] ?? "", (string)document["name"]!), (long?)conditions.FirstOrDefault()?["observedGeneration"],
                [.. conditions.Select(ReadCondition)])
            {
                Proxies = document["status"]!["proxies"] is { } proxies ? Share(proxies) : null,
                Targets = [.. (document["status"]!["targets"]?.AsArray() ?? []).Select(target => new TargetStatus((string)target!["target"]!, Share(target["proxies"]!)))],
            };
        }
        catch (Exception failure) when (failure is NullReferenceException or InvalidOperationException or FormatException or ArgumentException)
        {
            return null;
        }
    }

    private static JsonObject Of(StatusCondition condition, long? generation)
    {
        var fields = new JsonObject
        {
            ["type"] = condition.Type, ["status"] = condition.Status.ToString(), ["reason"] = condition.Reason, ["message"] = condition.Message,
            ["lastTransitionTime"] = condition.LastTransition.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
        };
        if (generation is { } observed)
        {
            fields["observedGeneration"] = observed;
        }

        return fields;
    }

    private static StatusCondition ReadCondition(JsonNode condition) => new(
        (string)condition["type"]!, Enum.Parse<ConditionStatus>((string)condition["status"]!), (string)condition["reason"]!, (string)condition["message"]!)
    {
        LastTransition = DateTimeOffset.Parse((string)condition["lastTransitionTime"]!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
    };

    private static JsonObject Of(ProxyShare share) => new() { ["selected"] = share.Selected, ["acknowledged"] = share.Acknowledged };

    private static ProxyShare Share(JsonNode share) => new((int)(long)share["selected"]!, (int)(long)share["acknowledged"]!);
}
