using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Serving;

/// <summary>The refusals of the server itself, in Kubernetes' words.</summary>
internal static class Refusals
{
    public static Refusal NotFound(ResourceKind kind, string name)
        => new(404, "NotFound", $"{kind.GroupResource} \"{name}\" not found") { About = About(kind, name) };

    public static Refusal NoSuchPath() => new(404, "NotFound", "the server could not find the requested resource") { About = [] };

    public static Refusal AlreadyExists(ResourceKind kind, string name)
        => new(409, "AlreadyExists", $"{kind.GroupResource} \"{name}\" already exists") { About = About(kind, name) };

    public static Refusal Conflict(ResourceKind kind, string name, string why)
        => new(409, "Conflict", $"Operation cannot be fulfilled on {kind.GroupResource} \"{name}\": {why}") { About = About(kind, name) };

    public static Refusal Changed(ResourceKind kind, string name)
        => Conflict(kind, name, "the object has been modified; please apply your changes to the latest version and try again");

    public static Refusal Forbidden(string message, JsonObject? about = null) => new(403, "Forbidden", message) { About = about };

    public static Refusal Unauthorized() => new(401, "Unauthorized", "Unauthorized");

    public static Refusal MethodNotAllowed() => new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource") { About = [] };

    public static Refusal UnsupportedMediaType(string sent, string accepted)
        => new(415, "UnsupportedMediaType", $"the body of the request was in an unknown format - accepted media types include: {accepted}; sent: {sent}");

    public static Refusal NotAcceptable() => new(406, "NotAcceptable", "only the following media types are accepted: application/json");

    public static Refusal Expired(string message) => new(410, "Expired", message);

    public static Refusal TooLargeRevision(long asked, long current) => new(504, "Timeout", $"Too large resource version: {asked}, current: {current}")
    {
        About = new() { ["retryAfterSeconds"] = 1 },
        Causes = [new("ResourceVersionTooLarge", "Too large resource version", "")],
    };

    public static Refusal TooManyRequests(string message, int retryAfterSeconds)
        => new(429, "TooManyRequests", message) { About = new() { ["retryAfterSeconds"] = retryAfterSeconds } };

    public static Refusal Failed(string message) => new(500, "InternalError", $"Internal error occurred: {message}")
    {
        Causes = [new("", message, "")],
    };

    private static JsonObject About(ResourceKind kind, string name) => new() { ["name"] = name, ["group"] = kind.Group, ["kind"] = kind.Plural };
}
