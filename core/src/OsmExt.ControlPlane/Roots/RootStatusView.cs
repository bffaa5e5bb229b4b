using System.Globalization;
using System.Text.Json.Nodes;
using OsmExt.Identity;
using OsmExt.Identity.Roots;

namespace OsmExt.ControlPlane.Roots;

/// <summary>
/// The roots as JSON, for <c>osm certificate status</c> and scripts: each root with what it does and who has acknowledged it, and the
/// step that waits. No keys.
/// </summary>
internal static class RootStatusView
{
    public static JsonObject Of(RootStatus status, MeshRoots roots)
    {
        var connected = status.Proxies.Where(proxy => proxy.Presence is ProxyPresence.Connected).ToArray();
        return new()
        {
            ["step"] = StepOf(status.Waiting.Step),
            ["root"] = status.Waiting.Root,
            ["waits_for"] = List(status.Waiting.WaitsFor),
            ["signing"] = status.State.Signing,
            ["xds_server"] = status.State.XdsServer,
            ["trust_domain"] = status.State.Domains.Issuing,
            ["xds_server_trust_domain"] = status.State.Domains.XdsServer,
            ["proxies"] = connected.Select(proxy => proxy.Proxy).Distinct(StringComparer.Ordinal).Count(),
            ["away"] = List(status.Proxies.Where(proxy => proxy.Presence is ProxyPresence.Away).Select(proxy => proxy.Proxy)),
            ["roots"] = new JsonArray([.. status.State.All.Union(status.Wanted?.Trusted ?? [], StringComparer.Ordinal).Order(StringComparer.Ordinal)
                .Select(root => (JsonNode)Of(root, status, connected, roots.Find(root)))]),
            ["trust_domains"] = new JsonArray([.. status.State.Domains.All.Union(status.Wanted?.TrustDomains ?? [], StringComparer.Ordinal).Order(StringComparer.Ordinal)
                .Select(domain => (JsonNode)Of(domain, status, connected))]),
        };
    }

    /// <summary>What a waiting step is called.</summary>
    public static string StepOf(RootStep step) => step switch
    {
        RootStep.None => "settled",
        RootStep.Trust => "trusting",
        RootStep.Accept => "accepting",
        RootStep.Sign => "waiting-to-sign",
        RootStep.Reconnect => "waiting-to-reconnect",
        RootStep.Retire => "waiting-to-retire",
        RootStep.Drop => "waiting-to-drop",
        RootStep.ServeXds => "waiting-to-serve-xds",
        RootStep.RetireXds => "waiting-to-retire-from-xds",
        _ => "waiting-to-drop-from-xds",
    };

    private static JsonObject Of(string root, RootStatus status, ProxyEvidence[] connected, RootCertificate? certificate) => new()
    {
        ["name"] = root,
        ["trust_domain"] = status.Wanted?.Domains.FirstOrDefault(one => one.Root == root)?.TrustDomain ?? "",
        ["role"] = status.Wanted is not { } wanted ? "" : wanted.Active.Contains(root) ? "active" : wanted.Passive.Contains(root) ? "passive" : "inactive",
        ["signs"] = status.State.Signing == root,
        ["trusted"] = status.State.Trusted.Contains(root),
        ["xds_trusted"] = status.State.XdsTrusted.Contains(root),
        ["fingerprint"] = certificate?.Fingerprint,
        ["not_before"] = Time(certificate?.Window.NotBefore),
        ["not_after"] = Time(certificate?.Window.NotAfter),
        ["trusted_by"] = Names(connected, proxy => proxy.Believes(root)).Count,
        ["not_trusted_by"] = Names(connected, proxy => !proxy.Believes(root)),
        ["presented_by"] = Names(connected, proxy => proxy.MayPresent(root)),
        ["xds_credentials_of"] = Names(connected, proxy => proxy.MayHaveCredentialBy(root)),
    };

    private static JsonObject Of(string domain, RootStatus status, ProxyEvidence[] connected) => new()
    {
        ["name"] = domain,
        ["issuing"] = status.State.Domains.Issuing == domain,
        ["accepted"] = status.State.Domains.Accepted.Contains(domain),
        ["xds_accepted"] = status.State.Domains.XdsAccepted.Contains(domain),
        ["accepted_by"] = Names(connected, proxy => proxy.AcceptsIdentitiesOf(domain)).Count,
        ["not_accepted_by"] = Names(connected, proxy => !proxy.AcceptsIdentitiesOf(domain)),
        ["used_by"] = Names(connected, proxy => MayUse(proxy, domain, status.State.Domains)),
        ["xds_credentials_of"] = Names(connected, proxy => proxy.MayHaveCredentialIn(domain)),
    };

    // With connections from before the last change of the domain, any domain may be one of theirs.
    private static bool MayUse(ProxyEvidence proxy, string domain, DomainState domains)
        => proxy.PresentsIn?.Contains(domain) != false || (domain != domains.Issuing && !proxy.ConnectsOnlyAfter(domains.Changes));

    private static JsonArray Names(IEnumerable<ProxyEvidence> proxies, Func<ProxyEvidence, bool> which)
        => List(proxies.Where(which).Select(proxy => proxy.Proxy));

    private static JsonArray List(IEnumerable<string> names)
        => new([.. names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(name => (JsonNode)name)]);

    private static string? Time(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
