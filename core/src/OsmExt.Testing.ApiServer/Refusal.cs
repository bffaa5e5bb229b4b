using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace OsmExt.Testing.ApiServer;

/// <summary>One of the reasons for a refusal, as <c>status.details.causes</c> lists them.</summary>
/// <param name="Reason">What kind of mistake it is, like <c>FieldValueRequired</c>.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Field">The path of the field.</param>
internal sealed record Cause(string Reason, string Message, string Field);

/// <summary>What a request cannot be done for; the client gets it as a Status.</summary>
/// <param name="code">The code of HTTP.</param>
/// <param name="reason">In Kubernetes' word, like <c>Invalid</c>.</param>
/// <param name="message">For people.</param>
internal sealed class Refusal(int code, string reason, string message) : Exception(message)
{
    public int Code => code;

    public string Reason => reason;

    public ImmutableArray<Cause> Causes { get; init; } = [];

    /// <summary>The details beside the causes: name, group, kind, uid.</summary>
    public JsonObject? About { get; init; }

    /// <summary>The token a list can go on with all the same.</summary>
    public string? Continue { get; init; }

    public static Refusal BadRequest(string message) => new(400, "BadRequest", message);

    /// <summary>An object that must not be as it is.</summary>
    public static Refusal Invalid(string group, string kind, string name, IReadOnlyList<FieldError> errors)
    {
        var texts = errors.Select(error => error.ToString()).Distinct(StringComparer.Ordinal).ToArray();
        var which = group.Length > 0 ? $"{kind}.{group}" : kind;
        return new(422, "Invalid", $"{which} \"{name}\" is invalid: {(texts is [var only] ? only : $"[{string.Join(", ", texts)}]")}")
        {
            Causes = [.. errors.Select(error => new Cause(error.Reason, error.Body, error.Field))],
            About = new() { ["name"] = name, ["group"] = group, ["kind"] = kind },
        };
    }

    public JsonObject ToStatus()
    {
        var details = About?.DeepClone().AsObject() ?? [];
        if (!Causes.IsEmpty)
        {
            details["causes"] = new JsonArray([.. Causes.Select(cause => new JsonObject { ["reason"] = cause.Reason, ["message"] = cause.Message, ["field"] = cause.Field })]);
        }

        var result = new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = Continue is null ? new JsonObject() : new JsonObject { ["continue"] = Continue },
            ["status"] = "Failure",
            ["message"] = Message,
            ["reason"] = reason,
        };
        if (details.Count > 0)
        {
            result["details"] = details;
        }

        result["code"] = code;
        return result;
    }
}
