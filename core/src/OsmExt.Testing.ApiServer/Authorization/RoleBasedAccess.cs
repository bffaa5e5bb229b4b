using System.Text.Json.Nodes;
using OsmExt.Testing.ApiServer.Serving;
using OsmExt.Testing.ApiServer.Storage;

namespace OsmExt.Testing.ApiServer.Authorization;

/// <summary>Whether somebody may, and why: or why not, when a binding names a role that is not there.</summary>
internal sealed record AccessDecision(bool Allowed, string Reason);

/// <summary>Decides by roles and bindings who may do what (RBAC).</summary>
internal static class RoleBasedAccess
{
    private const string Group = "rbac.authorization.k8s.io";
    private static readonly GroupResource Roles = new(Group, "roles");
    private static readonly GroupResource ClusterRoles = new(Group, "clusterroles");
    private static readonly GroupResource RoleBindings = new(Group, "rolebindings");
    private static readonly GroupResource ClusterRoleBindings = new(Group, "clusterrolebindings");

    public static AccessDecision Decide(AccessAttributes access, StoreState state)
    {
        // Whoever keeps the keys of the cluster needs no role, or could lock themselves out.
        if (access.Caller.IsMaster)
        {
            return new(true, "");
        }

        var missing = new List<string>();
        foreach (var grant in Grants(access.Caller, access.Path is null ? access.Namespace : "", state))
        {
            if (grant.Rules is null)
            {
                missing.Add($"{grant.Role} not found");
            }
            else if (grant.Rules.Any(rule => rule.Allows(access)))
            {
                return new(true, $"RBAC: allowed by {grant.Why}");
            }
        }

        return new(false, missing.Count == 0 ? "" : $"RBAC: {(missing is [var only] ? only : $"[{string.Join(", ", missing)}]")}");
    }

    /// <summary>Everything that somebody may do in a namespace; empty for the whole cluster.</summary>
    public static IReadOnlyList<PolicyRule> RulesOf(Caller caller, string @namespace, StoreState state)
        => caller.IsMaster ? [new(["*"], ["*"], ["*"], [], []), new(["*"], [], [], [], ["*"])] : [.. Grants(caller, @namespace, state).SelectMany(grant => grant.Rules ?? [])];

    /// <summary>The rules of a role, with those of the roles that it is put together from; null when there is none.</summary>
    public static IReadOnlyList<PolicyRule>? RulesOf(JsonObject? role, StoreState state)
    {
        if (role is null)
        {
            return null;
        }

        var rules = role.Objects("rules").Select(PolicyRule.Of);
        var selectors = role.Object("aggregationRule")?.Objects("clusterRoleSelectors").Select(LabelSelector.Of).ToArray() ?? [];
        return [.. rules, .. state.Of(ClusterRoles).Values.Select(stored => stored.Object).Where(other => !ReferenceEquals(other, role) && selectors.Any(selector => selector.Matches(other)))
            .SelectMany(other => other.Objects("rules").Select(PolicyRule.Of))];
    }

    /// <summary>The role that a binding names; null when there is none.</summary>
    public static JsonObject? RoleOf(JsonObject binding, StoreState state)
    {
        var reference = binding.Object("roleRef") ?? [];
        return reference.Text("kind") == "ClusterRole" ? state.Find(ClusterRoles, new("", reference.Text("name") ?? ""))?.Object : state.Find(Roles, new(binding.Namespace(), reference.Text("name") ?? ""))?.Object;
    }

    private static IEnumerable<Grant> Grants(Caller caller, string @namespace, StoreState state)
    {
        var bindings = state.Of(ClusterRoleBindings).Values.Select(stored => stored.Object);
        if (@namespace.Length > 0)
        {
            bindings = bindings.Concat(state.Of(RoleBindings).Values.Select(stored => stored.Object).Where(binding => binding.Namespace() == @namespace));
        }

        foreach (var binding in bindings)
        {
            if (binding.Objects("subjects").FirstOrDefault(subject => Is(caller, subject, binding.Namespace())) is { } subject)
            {
                var role = binding.Object("roleRef") ?? [];
                var (kind, name) = (role.Text("kind") ?? "", role.Text("name") ?? "");
                var where = binding.Namespace() is { Length: > 0 } space ? $"RoleBinding \"{binding.Name()}/{space}\"" : $"ClusterRoleBinding \"{binding.Name()}\"";
                yield return new(
                    $"{kind.ToLowerInvariant()}.{Group} \"{name}\"", RulesOf(RoleOf(binding, state), state),
                    $"{where} of {kind} \"{name}\" to {subject.Text("kind")} \"{(subject.Text("kind") == "ServiceAccount" ? $"{subject.Text("name")}/{subject.Text("namespace") ?? binding.Namespace()}" : subject.Text("name"))}\"");
            }
        }
    }

    private static bool Is(Caller caller, JsonObject subject, string @namespace) => subject.Text("kind") switch
    {
        "User" => subject.Text("name") == caller.Name,
        "Group" => caller.Groups.Contains(subject.Text("name") ?? ""),
        "ServiceAccount" => caller.Name == $"system:serviceaccount:{subject.Text("namespace") ?? @namespace}:{subject.Text("name")}",
        _ => false,
    };

    /// <param name="Role">The role, as messages name it.</param>
    /// <param name="Rules">Null when there is no such role.</param>
    /// <param name="Why">The binding and the subject.</param>
    private sealed record Grant(string Role, IReadOnlyList<PolicyRule>? Rules, string Why);
}
