using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Serving;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Reviews;

/// <summary>Answers what somebody may do, and who they are: objects that are sent, completed with a status, and forgotten.</summary>
internal sealed class AccessReviews(IObjectRules rules, ServiceAccountTokens tokens)
{
    public JsonObject Answer(ResourceKind kind, JsonObject sent, Caller caller, StoreState state)
    {
        var spec = sent.Object("spec") ?? [];
        var status = kind.Kind switch
        {
            "SelfSubjectReview" => new JsonObject { ["userInfo"] = User(caller) },
            "TokenReview" => Token(spec, state),
            "SelfSubjectAccessReview" => Access(spec, caller, state),
            "SubjectAccessReview" or "LocalSubjectAccessReview" => Access(spec, CallerOf(spec), state),
            _ => throw Refusals.MethodNotAllowed(),
        };
        return sent.With(("apiVersion", kind.ApiVersion), ("kind", kind.Kind), ("metadata", sent.Metadata().Copy()), ("status", status));
    }

    private JsonObject Token(JsonObject spec, StoreState state)
    {
        string[] audiences = [.. spec.Texts("audiences")];
        if (tokens.Read(spec.Text("token") ?? "", state) is not { } read)
        {
            return new() { ["user"] = new JsonObject(), ["error"] = "[invalid bearer token, Token has been invalidated]" };
        }

        var shared = read.Audiences.Intersect(audiences is [] ? [ServiceAccountTokens.Issuer] : audiences).ToArray();
        return shared is []
            ? new() { ["user"] = new JsonObject(), ["error"] = $"[token audiences [{string.Join(", ", read.Audiences)}] is invalid for the target audiences [{string.Join(", ", audiences)}]]" }
            : new() { ["authenticated"] = true, ["user"] = User(read.Caller), ["audiences"] = Words(shared) };
    }

    private JsonObject Access(JsonObject spec, Caller caller, StoreState state)
    {
        var access = spec.Object("resourceAttributes") is { } resource
            ? new AccessAttributes(caller, resource.Text("verb") ?? "")
            {
                Group = resource.Text("group") ?? "",
                Version = resource.Text("version") ?? "",
                Resource = resource.Text("resource") ?? "",
                Subresource = resource.Text("subresource") ?? "",
                Namespace = resource.Text("namespace") ?? "",
                Name = resource.Text("name") ?? "",
            }
            : new AccessAttributes(caller, spec.Object("nonResourceAttributes")?.Text("verb") ?? "") { Path = spec.Object("nonResourceAttributes")?.Text("path") ?? "" };
        return rules.Authorize(access, state) is { } why ? new() { ["allowed"] = false, ["reason"] = why } : new() { ["allowed"] = true };
    }

    private static Caller CallerOf(JsonObject spec) => new(spec.Text("user") ?? "", [.. spec.Texts("groups")]) { Uid = spec.Text("uid") ?? "" };

    private static JsonObject User(Caller caller)
    {
        var user = new JsonObject { ["username"] = caller.Name, ["groups"] = Words(caller.Groups) };
        if (caller.Uid.Length > 0)
        {
            user["uid"] = caller.Uid;
        }

        if (!caller.Extra.IsEmpty)
        {
            user["extra"] = new JsonObject(caller.Extra.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)Words(entry.Value))));
        }

        return user;
    }

    private static JsonArray Words(IEnumerable<string> words) => new([.. words.Select(word => (JsonNode)word)]);
}
