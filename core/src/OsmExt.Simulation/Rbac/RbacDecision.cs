using System.Runtime.CompilerServices;
using Envoy.Config.Rbac.V3;

namespace OsmExt.Simulation.Rbac;

/// <summary>Whether rules let something pass, and the policy that said so; empty when none matched.</summary>
internal readonly record struct RbacDecision(bool Allowed, string Policy)
{
    // The same rules judge every request, until others are configured.
    private static readonly ConditionalWeakTable<RBAC, KeyValuePair<string, Policy>[]> Ordered = [];

    /// <summary>Judges by one set of rules. Policies are tried in order of name; the first that matches is the one named.</summary>
    public static RbacDecision Of(RBAC rules, AccessContext context, string element)
    {
        Understood.Check(rules, element);
        var policies = Ordered.GetValue(rules, static rules => [.. rules.Policies.OrderBy(policy => policy.Key, StringComparer.Ordinal)]);
        var matched = Array.Find(policies, policy => Matches(policy.Value, context, element, policy.Key));
        return rules.Action switch
        {
            RBAC.Types.Action.Allow => new(matched.Key is not null, matched.Key ?? ""),
            RBAC.Types.Action.Deny => new(matched.Key is null, matched.Key ?? ""),
            RBAC.Types.Action.Log => new(true, matched.Key ?? ""),
            _ => throw new UndecidedException(element, $"the action {rules.Action} is not known"),
        };
    }

    private static bool Matches(Policy policy, AccessContext context, string element, string name)
    {
        if (!policy.Permissions.Any(permission => PermissionMatch.Matches(permission, context))
            || !policy.Principals.Any(principal => PrincipalMatch.Matches(principal, context)))
        {
            return false;
        }

        return policy.Condition is null && policy.CheckedCondition is null
            ? true : throw new UndecidedException($"{element} policy {name}", "conditions in CEL are not followed");
    }
}
