using System.Text.Json.Nodes;
using OsmExt.Kubernetes.Injection;

namespace OsmExt.Kubernetes.Admission;

/// <summary>What an API server asks about one object (<c>admission.k8s.io/v1</c>).</summary>
/// <param name="Uid">The question's id, which the answer repeats.</param>
/// <param name="Kind">The object's kind.</param>
/// <param name="Namespace">Its namespace; what the object itself says may be missing.</param>
/// <param name="Name">Its name; empty while the server has not made one.</param>
/// <param name="Operation">CREATE, UPDATE and so on.</param>
/// <param name="Object">The object as it shall be; null when it shall be deleted.</param>
internal sealed record AdmissionRequest(string Uid, string Kind, string Namespace, string Name, string Operation, JsonObject? Object)
{
    public const string ApiVersion = "admission.k8s.io/v1";
    private const int LongestUid = 200;

    /// <summary>The question, or what is wrong with it.</summary>
    public static (AdmissionRequest? Request, string? Problem) Read(JsonNode? review)
    {
        if (PodObject.Text(review, "apiVersion") != ApiVersion || PodObject.Text(review, "kind") != "AdmissionReview")
        {
            return (null, $"expected an AdmissionReview of {ApiVersion}");
        }

        if (PodObject.Child(review, "request") is not { } request)
        {
            return (null, "request is missing");
        }

        var uid = PodObject.Text(request, "uid");
        return uid.Length is 0 or > LongestUid ? (null, "request.uid is missing or too long")
            : (new(uid, PodObject.Text(PodObject.Child(request, "kind"), "kind"), PodObject.Text(request, "namespace"), PodObject.Text(request, "name"),
                PodObject.Text(request, "operation"), request["object"] as JsonObject), null);
    }

    public JsonObject Allow(IEnumerable<string> warnings, JsonArray? patch = null)
    {
        var response = Response(true);
        if (patch is { Count: > 0 })
        {
            response["patchType"] = "JSONPatch";
            response["patch"] = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(patch.ToJsonString()));
        }

        return Review(response, warnings);
    }

    /// <param name="code">As in HTTP.</param>
    /// <param name="reason">One of Kubernetes' words.</param>
    /// <param name="message">What people read.</param>
    /// <param name="warnings">What people read besides.</param>
    public JsonObject Deny(int code, string reason, string message, params IEnumerable<string> warnings)
    {
        var response = Response(false);
        response["status"] = new JsonObject { ["code"] = code, ["reason"] = reason, ["message"] = message };
        return Review(response, warnings);
    }

    private static JsonObject Review(JsonObject response, IEnumerable<string> warnings)
    {
        // The server cuts what is longer, and counts all of them together.
        var shown = warnings.Take(MostWarnings).Select(warning => (JsonNode)Shorten(warning)).ToArray();
        if (shown.Length > 0)
        {
            response["warnings"] = new JsonArray(shown);
        }

        return new() { ["apiVersion"] = ApiVersion, ["kind"] = "AdmissionReview", ["response"] = response };
    }

    private const int MostWarnings = 10;
    private const int LongestWarning = 256;

    private static string Shorten(string text) => text.Length <= LongestWarning ? text : string.Concat(text.AsSpan(0, LongestWarning - 3), "...");

    private JsonObject Response(bool allowed) => new() { ["uid"] = Uid, ["allowed"] = allowed };
}
