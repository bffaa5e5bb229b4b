using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Serving;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Authorization;

/// <summary>Nobody gives what they do not have: roles and bindings are only written by those who may do all that is in them, or may <c>escalate</c> or <c>bind</c>.</summary>
internal static class Escalation
{
    private const string Group = "rbac.authorization.k8s.io";

    /// <exception cref="Refusal">The writer would grant more than they may do.</exception>
    public static void Check(WriteRequest write, JsonObject? old, JsonObject value, StoreState state)
    {
        if (write.Kind.Group != Group || write.Caller.IsMaster)
        {
            return;
        }

        var isBinding = write.Kind.Plural.EndsWith("bindings", StringComparison.Ordinal);
        if (old is not null && (isBinding ? JsonNode.DeepEquals(old["subjects"], value["subjects"]) : JsonNode.DeepEquals(old["rules"], value["rules"]) && JsonNode.DeepEquals(old["aggregationRule"], value["aggregationRule"])))
        {
            return;
        }

        var role = isBinding ? RoleBasedAccess.RoleOf(value, state) : value;
        var access = isBinding
            ? new AccessAttributes(write.Caller, "bind") { Group = Group, Resource = value.Object("roleRef")?.Text("kind") == "ClusterRole" ? "clusterroles" : "roles", Namespace = write.Namespace, Name = value.Object("roleRef")?.Text("name") ?? "" }
            : new AccessAttributes(write.Caller, "escalate") { Group = Group, Resource = write.Kind.Plural, Namespace = write.Namespace, Name = value.Name() };
        if (RoleBasedAccess.Decide(access, state).Allowed)
        {
            return;
        }

        if (role is null)
        {
            throw Refusals.NotFound(write.Kind with { Plural = access.Resource }, access.Name);
        }

        var held = RoleBasedAccess.RulesOf(write.Caller, write.Namespace, state);
        // What a role is put together from may be more tomorrow.
        var lacking = value["aggregationRule"] is not null && !isBinding ? [new PolicyRule(["*"], ["*"], ["*"], [], [])]
            : (RoleBasedAccess.RulesOf(role, state) ?? []).Where(rule => !PolicyRule.Cover(held, rule)).ToArray();
        if (lacking.Length > 0)
        {
            throw Refusals.Forbidden(
                $"{write.Kind.GroupResource} \"{value.Name()}\" is forbidden: user \"{write.Caller.Name}\" (groups=[{string.Join(' ', write.Caller.Groups.Select(name => $"\"{name}\""))}]) is attempting to grant RBAC permissions not currently held:\n{string.Join('\n', lacking.Select(rule => rule.ToString()))}",
                new() { ["name"] = value.Name(), ["group"] = Group, ["kind"] = write.Kind.Plural });
        }
    }
}
