using System.Collections.Immutable;
using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Serving;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Authorization;

/// <summary>Answers who may do what: SubjectAccessReview and its like.</summary>
internal static class AccessReviews
{
    /// <summary>The review with its answer; null when it is none of these.</summary>
    public static JsonObject? Answer(WriteRequest write, JsonObject review, StoreState state) => write.Kind.Kind switch
    {
        "SelfSubjectAccessReview" => Decided(review, write.Caller, "", state),
        "SubjectAccessReview" => Decided(review, Subject(review), "", state),
        "LocalSubjectAccessReview" => Decided(review, Subject(review), write.Namespace, state),
        "SelfSubjectRulesReview" => Rules(review, write.Caller, state),
        "SelfSubjectReview" => review.With(("status", new JsonObject { ["userInfo"] = UserOf(write.Caller) })),
        _ => null,
    };

    /// <summary>Somebody, as reviews and webhooks are told of them.</summary>
    public static JsonObject UserOf(Caller caller)
    {
        var result = new JsonObject { ["username"] = caller.Name };
        if (caller.Uid.Length > 0)
        {
            result["uid"] = caller.Uid;
        }

        result["groups"] = new JsonArray([.. caller.Groups.Select(group => (JsonNode)group)]);
        if (!caller.Extra.IsEmpty)
        {
            result["extra"] = new JsonObject(caller.Extra.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => KeyValuePair.Create(one.Key, (JsonNode?)new JsonArray([.. one.Value.Select(value => (JsonNode)value)]))));
        }

        return result;
    }

    private static JsonObject Decided(JsonObject review, Caller caller, string @namespace, StoreState state)
    {
        var spec = review.Object("spec") ?? [];
        if ((spec.Object("resourceAttributes") is null) == (spec.Object("nonResourceAttributes") is null))
        {
            throw Refusal.Invalid("authorization.k8s.io", review.Text("kind") ?? "", "", [FieldError.Invalid("spec.resourceAttributes", spec["resourceAttributes"], "exactly one of nonResourceAttributes or resourceAttributes must be specified")]);
        }

        if (@namespace.Length > 0 && spec.Object("resourceAttributes")?.Text("namespace") != @namespace)
        {
            throw Refusal.Invalid("authorization.k8s.io", review.Text("kind") ?? "", "", [FieldError.Invalid("spec.resourceAttributes.namespace", spec.Object("resourceAttributes")?["namespace"], "must match metadata.namespace")]);
        }

        var decision = RoleBasedAccess.Decide(Access(spec, caller), state);
        var status = new JsonObject { ["allowed"] = decision.Allowed };
        if (decision.Reason.Length > 0)
        {
            status["reason"] = decision.Reason;
        }

        return review.With(("status", status));
    }

    private static AccessAttributes Access(JsonObject spec, Caller caller)
    {
        if (spec.Object("nonResourceAttributes") is { } path)
        {
            return new(caller, path.Text("verb") ?? "") { Path = path.Text("path") ?? "" };
        }

        var resource = spec.Object("resourceAttributes")!;
        return new(caller, resource.Text("verb") ?? "")
        {
            Group = resource.Text("group") ?? "",
            Version = resource.Text("version") ?? "",
            Resource = resource.Text("resource") ?? "",
            Subresource = resource.Text("subresource") ?? "",
            Namespace = resource.Text("namespace") ?? "",
            Name = resource.Text("name") ?? "",
        };
    }

    private static Caller Subject(JsonObject review)
    {
        var spec = review.Object("spec") ?? [];
        ImmutableArray<string> groups = [.. spec.Texts("groups")];
        return spec.Text("user") is not { Length: > 0 } && groups.IsEmpty
            ? throw Refusal.Invalid("authorization.k8s.io", review.Text("kind") ?? "", "", [FieldError.Invalid("spec.user", spec["user"] ?? "", "at least one of user or group must be specified")])
            : new(spec.Text("user") ?? "", groups) { Uid = spec.Text("uid") ?? "" };
    }

    private static JsonObject Rules(JsonObject review, Caller caller, StoreState state)
    {
        var rules = RoleBasedAccess.RulesOf(caller, review.Object("spec")?.Text("namespace") ?? "", state);
        return review.With(("status", new JsonObject
        {
            ["resourceRules"] = new JsonArray([.. rules.Where(rule => rule.Paths.Count == 0).Select(rule => rule.ToJson())]),
            ["nonResourceRules"] = new JsonArray([.. rules.Where(rule => rule.Paths.Count > 0).Select(rule => rule.ToJson())]),
            ["incomplete"] = false,
        }));
    }
}
