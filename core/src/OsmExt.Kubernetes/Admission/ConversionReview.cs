using System.Text.Json.Nodes;
using OsmExt.Kubernetes.Injection;

namespace OsmExt.Kubernetes.Admission;

/// <summary>What an API server asks of a conversion webhook (<c>apiextensions.k8s.io/v1</c>), and the answer.</summary>
internal static class ConversionReview
{
    public const string ApiVersion = "apiextensions.k8s.io/v1";

    /// <summary>The answer, or what is wrong with the question.</summary>
    public static (JsonObject? Answer, string? Problem) Answer(JsonNode? review)
    {
        if (PodObject.Text(review, "apiVersion") != ApiVersion || PodObject.Text(review, "kind") != "ConversionReview")
        {
            return (null, $"expected a ConversionReview of {ApiVersion}");
        }

        if (PodObject.Child(review, "request") is not { } request || PodObject.Text(request, "uid") is not { Length: > 0 } uid || request["objects"] is not JsonArray objects)
        {
            return (null, "request, request.uid or request.objects is missing");
        }

        var converted = new JsonArray();
        foreach (var item in objects)
        {
            var (result, problem) = item is JsonObject source ? VersionConversion.Convert(source, PodObject.Text(request, "desiredAPIVersion")) : (null, "an object is none");
            if (result is null)
            {
                return (Response(uid, null, problem), null);
            }

            converted.Add((JsonNode)result);
        }

        return (Response(uid, converted, null), null);
    }

    private static JsonObject Response(string uid, JsonArray? converted, string? problem) => new()
    {
        ["apiVersion"] = ApiVersion,
        ["kind"] = "ConversionReview",
        ["response"] = new JsonObject
        {
            ["uid"] = uid,
            ["convertedObjects"] = converted,
            ["result"] = problem is null ? new JsonObject { ["status"] = "Success" } : new JsonObject { ["status"] = "Failed", ["message"] = problem },
        },
    };
}
