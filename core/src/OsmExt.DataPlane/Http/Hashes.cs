using System.Numerics;
using Envoy.Config.Route.V3;
using OsmExt.DataPlane.Upstream;

namespace OsmExt.DataPlane.Http;

/// <summary>What a route's hash policies make of a request: equal values go to one endpoint.</summary>
internal static class Hashes
{
    public static ulong? Of(RouteAction action, Exchange exchange)
    {
        ulong? hash = null;
        foreach (var policy in action.HashPolicy)
        {
            if (One(policy, exchange) is { } value)
            {
                hash = hash is { } before ? BitOperations.RotateLeft(before, 1) ^ value : value;
            }

            if (policy.Terminal && hash is not null)
            {
                break;
            }
        }

        return hash;
    }

    private static ulong? One(RouteAction.Types.HashPolicy policy, Exchange exchange)
    {
        var text = policy.PolicySpecifierCase switch
        {
            RouteAction.Types.HashPolicy.PolicySpecifierOneofCase.Header => exchange.Request.Header(policy.Header.HeaderName.ToLowerInvariant()),
            RouteAction.Types.HashPolicy.PolicySpecifierOneofCase.ConnectionProperties when policy.ConnectionProperties.SourceIp =>
                exchange.Session.Served.Source.Address.ToString(),
            RouteAction.Types.HashPolicy.PolicySpecifierOneofCase.Cookie => Cookie(policy.Cookie, exchange),
            _ => null,
        };
        return text is null ? null : LoadBalancing.Hash(text);
    }

    private static string? Cookie(RouteAction.Types.HashPolicy.Types.Cookie cookie, Exchange exchange)
    {
        if (exchange.Context.Request.Cookies.TryGetValue(cookie.Name, out var value) || cookie.Ttl is null)
        {
            return value;
        }

        var served = exchange.Session.Served;
        var made = LoadBalancing.Hash($"{served.Source}{served.Facts.Local}").ToString("x16", System.Globalization.CultureInfo.InvariantCulture);
        var age = cookie.Ttl.ToTimeSpan().TotalSeconds;
        var path = cookie.Path.Length > 0 ? $"; Path={cookie.Path}" : "";
        exchange.ResponseChanges.Add((new() { Header = new() { Key = "set-cookie", Value = $"{cookie.Name}=\"{made}\"{(age > 0 ? $"; Max-Age={age:0}" : "")}{path}; HttpOnly" } }, null));
        return made;
    }
}
