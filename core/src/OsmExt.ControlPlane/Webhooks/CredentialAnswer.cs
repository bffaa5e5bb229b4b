using System.Net;
using System.Text.Json.Nodes;
using Envoy.Config.Bootstrap.V3;
using OsmExt.Envoy;
using OsmExt.Sdk.Identity;

namespace OsmExt.ControlPlane.Webhooks;

/// <summary>What an agent is told.</summary>
/// <param name="Status">As in HTTP.</param>
/// <param name="Reason">Why not, without anything that is not the asker's own.</param>
/// <param name="Credential">What it is given.</param>
internal sealed record CredentialAnswer(HttpStatusCode Status, string Reason, IssuedCredential? Credential)
{
    public static CredentialAnswer Of(IssuedCredential credential) => new(HttpStatusCode.OK, "", credential);

    /// <summary>Asking again does not help.</summary>
    public static CredentialAnswer Refuse(HttpStatusCode status, string reason) => new(status, reason, null);

    /// <summary>Asking again may help.</summary>
    public static CredentialAnswer Later(string reason) => new(HttpStatusCode.ServiceUnavailable, reason, null);
}

/// <summary>A credential for a key that only the proxy has. Nothing of it is secret.</summary>
/// <param name="Identity">The proxy's SPIFFE id.</param>
/// <param name="ChainPem">Its certificate.</param>
/// <param name="Trust">By what it knows the control plane.</param>
/// <param name="Added">What plugins add to its bootstrap.</param>
/// <param name="RenewAt">When to ask again.</param>
internal sealed record IssuedCredential(string Identity, string ChainPem, TrustBundle Trust, Bootstrap Added, DateTimeOffset RenewAt)
{
    public JsonObject ToJson() => new()
    {
        ["identity"] = Identity,
        ["certificate"] = ChainPem,
        ["trustDomain"] = Trust.TrustDomain,
        ["trustDomains"] = new JsonArray([.. Trust.TrustDomains.Select(domain => (JsonNode)domain)]),
        ["roots"] = new JsonArray([.. Trust.Roots.Select(root => (JsonNode)root)]),
        ["bootstrap"] = JsonNode.Parse(EnvoyJson.ToJson(Added)),
        ["renewAt"] = RenewAt,
    };
}
