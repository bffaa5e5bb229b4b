using Envoy.Config.Rbac.V3;
using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Identity;
using OsmExt.Sdk.Ir;
using AccessPolicy = Envoy.Config.Rbac.V3.Policy;
using HttpRbac = Envoy.Extensions.Filters.Http.Rbac.V3;
using NetworkRbac = Envoy.Extensions.Filters.Network.Rbac.V3;

namespace OsmExt.Compiler.Translation;

/// <summary>
/// Who is let in. Rules name what is allowed; whatever no rule names is refused, and no rule admits an empty list of sources.
/// </summary>
internal static class Rbac
{
    /// <summary>The HTTP filter of every inbound connection manager: refuses whatever no virtual host allows.</summary>
    public static HttpRbac.RBAC DenyAll() => new() { Rules = new() { Action = RBAC.Types.Action.Allow } };

    /// <summary>
    /// The rules of a virtual host. They stand together in one place, not one by one on the routes they resemble: a request is
    /// allowed when any rule allows it, whichever route it happens to match first.
    /// </summary>
    public static HttpRbac.RBACPerRoute PerVirtualHost(IEnumerable<HttpAccessRule> rules, TrustDomains domains)
    {
        var allowed = new RBAC { Action = RBAC.Types.Action.Allow };
        foreach (var rule in rules.Where(rule => !rule.Sources.IsEmpty).OrderBy(rule => rule.Name, StringComparer.Ordinal))
        {
            allowed.Policies[rule.Name] = new AccessPolicy { Permissions = { Matching(rule.Match) }, Principals = { Are(rule.Sources, domains) } };
        }

        return new() { Rbac = new() { Rules = allowed } };
    }

    /// <summary>Permissive mode: any identity of the mesh; the handshake has already proved that it is one.</summary>
    public static HttpRbac.RBACPerRoute AnyIdentity() => new()
    {
        Rbac = new()
        {
            Rules = new()
            {
                Action = RBAC.Types.Action.Allow,
                Policies = { ["permissive"] = new AccessPolicy { Permissions = { new Permission { Any = true } }, Principals = { new Principal { Any = true } } } },
            },
        },
    };

    /// <summary>
    /// The second layer of a TCP port; the first is the handshake, which pins the same identities. It cannot be the only one:
    /// Envoy decides it on the client's first bytes, when a server that speaks first has already spoken.
    /// </summary>
    public static NetworkRbac.RBAC ForPort(int port, IEnumerable<TcpAccessRule> rules, TrustDomains domains)
    {
        var allowed = new RBAC { Action = RBAC.Types.Action.Allow };
        foreach (var rule in rules.Where(rule => !rule.Sources.IsEmpty).OrderBy(rule => rule.Name, StringComparer.Ordinal))
        {
            allowed.Policies[rule.Name] = new AccessPolicy
            {
                Permissions = { new Permission { DestinationPort = (uint)port } },
                Principals = { Are(rule.Sources, domains) },
            };
        }

        return new() { StatPrefix = "network-", Rules = allowed };
    }

    /// <summary>The rules that open a port of a workload: those that name it, and those that name no port.</summary>
    public static EquatableArray<TcpAccessRule> Opening(int port, InboundPolicy policy)
        => [.. policy.TcpRules.Where(rule => rule.Ports.IsEmpty || rule.Ports.Contains(port))];

    private static IEnumerable<Principal> Are(EquatableArray<WorkloadIdentity> identities, TrustDomains domains)
        => identities.SelectMany(domains.NamesOf).Select(Is);

    private static Principal Is(WorkloadIdentity identity)
        => new() { Authenticated = new() { PrincipalName = new() { Exact = identity.SpiffeId } } };

    private static Permission Matching(HttpRouteMatch match)
    {
        var all = new Permission.Types.Set();
        if (!string.Equals(match.PathRegex, HttpRouteMatch.Any.PathRegex, StringComparison.Ordinal))
        {
            all.Rules.Add(new Permission { UrlPath = new() { Path = new() { SafeRegex = RouteMatches.Regex(match.PathRegex) } } });
        }

        if (!match.Methods.IsEmpty)
        {
            var any = new Permission.Types.Set { Rules = { match.Methods.Select(method => new Permission { Header = RouteMatches.Method(method) }) } };
            all.Rules.Add(any.Rules.Count == 1 ? any.Rules[0] : new Permission { OrRules = any });
        }

        all.Rules.AddRange(match.Headers.Select(header => new Permission { Header = RouteMatches.Header(header.Key, header.Value) }));
        return all.Rules.Count switch
        {
            0 => new() { Any = true },
            1 => all.Rules[0],
            _ => new() { AndRules = all },
        };
    }
}
