using System.Text.Json.Nodes;

namespace OsmExt.Chart.Tests.Definitions;

/// <summary>Mistakes that the API server tells, before anything is stored or anybody else is asked.</summary>
public class RefusalTests
{
    [Theory]
    [InlineData("TrafficTarget", "spec.rules.0.kind", "\"UDPRoute\"", "spec.rules[0].kind: Unsupported value: \"UDPRoute\": supported values: \"HTTPRouteGroup\", \"TCPRoute\"")]
    [InlineData("TrafficTarget", "spec.sources.0.kind", "\"User\"", "spec.sources: Invalid value: \"array\": each source must have kind ServiceAccount")]
    [InlineData("TrafficTarget", "spec.destination.kind", "\"Service\"", "spec.destination.kind: Invalid value: \"object\": kind must be ServiceAccount")]
    [InlineData("TrafficTarget", "spec.rules.1.matches", "[\"a\"]", "spec.rules[1].matches: Invalid value: \"object\": a TCPRoute has no named matches")]
    [InlineData("TrafficTarget", "spec.sorces", "[]", "unknown field \"spec.sorces\"")]
    [InlineData("TrafficTarget", "spec.sources", null, "spec.sources: Required value")]
    [InlineData("HTTPRouteGroup", "spec.matches.1.name", "\"read\"", "spec.matches[1]: Duplicate value: {\"name\":\"read\"}")]
    [InlineData("HTTPRouteGroup", "spec.matches.0.methods", "[\"FETCH\"]", "spec.matches[0].methods[0]: Unsupported value: \"FETCH\"")]
    [InlineData("TCPRoute", "spec.matches.ports", "[0]", "spec.matches.ports[0]: Invalid value: 0")]
    [InlineData("TrafficSplit", "spec.backends.0.weight", "-1", "spec.backends[0].weight: Invalid value: -1")]
    [InlineData("Retry", "spec.destinations.0.namespace", null, "spec.destinations: Invalid value: \"array\": each destination must have kind Service and a namespace")]
    [InlineData("Retry", "spec.source.namespace", null, "spec.source.namespace: Invalid value: \"object\": namespace must be set")]
    [InlineData("Retry", "spec.retryPolicy.perTryTimeout", "\"1 second\"", "spec.retryPolicy.perTryTimeout: Invalid value: \"1 second\"")]
    [InlineData("UpstreamTrafficSetting", "spec.rateLimit.global", null, "rateLimit.global.http must name the service that counts the routes' descriptors")]
    [InlineData("UpstreamTrafficSetting", "spec.rateLimit.local.http.unit", "\"day\"", "spec.rateLimit.local.http.unit: Unsupported value: \"day\"")]
    [InlineData("UpstreamTrafficSetting", "spec.rateLimit.global.http.descriptors.0.entries.0.remoteAddress", "{}", "exactly one of genericKey, remoteAddress, requestHeader and headerValueMatch must be set")]
    [InlineData("UpstreamTrafficSetting", "spec.rateLimit.global.http.descriptors.1.entries.0.headerValueMatch.headers.0.prefix", "\"a\"", "exactly one of exact, prefix, suffix, regex, contains and present must be set")]
    [InlineData("MeshConfig", "spec.sidecar.tlsMaxProtocolVersion", "\"TLSv1_2\"", "spec.sidecar.tlsMaxProtocolVersion: Invalid value: \"object\": the highest TLS version is below the lowest")]
    [InlineData("MeshConfig", "spec.traffic.outboundIPRangeExclusionList", "[\"10.0.0.0\"]", "spec.traffic.outboundIPRangeExclusionList[0]: Invalid value: \"10.0.0.0\"")]
    [InlineData("MeshConfig", "spec.traffic.networkInterfaceExclusionList", "[\"eth0; reboot\"]", "spec.traffic.networkInterfaceExclusionList[0]: Invalid value")]
    [InlineData("MeshConfig", "spec.traffic.inboundExternalAuthorization", "{\"enable\":true,\"address\":\"opa\"}", "address and port must be set while enable is true")]
    [InlineData("MeshConfig", "spec.certificate.certKeyBitSize", "1024", "spec.certificate.certKeyBitSize: Unsupported value: 1024")]
    [InlineData("MeshRootCertificate", "spec.role", null, "role must be set: active, passive or inactive")]
    [InlineData("MeshRootCertificate", "spec.provider", "{}", "exactly one of tresor, vault and certManager must be set")]
    [InlineData("MeshRootCertificate", "spec.trustDomain", "\"\"", "spec.trustDomain: Invalid value: \"\"")]
    public void A_mistake_is_told_with_its_place(string kind, string path, string? json, string expected)
    {
        var value = Example(kind);
        Set(value, path, json is null ? null : JsonNode.Parse(json));

        Assert.Contains(Definition.Of(value)!.Refusals(value), refusal => refusal.Contains(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void A_roots_provider_stays_and_its_role_and_trust_domain_may_change()
    {
        var (before, after) = (Example("MeshRootCertificate"), Example("MeshRootCertificate"));
        Set(after, "spec.role", "active");
        Set(after, "spec.trustDomain", "other.example");
        Assert.Empty(Definition.Of(after)!.Refusals(after, before));

        Set(after, "spec.provider", JsonNode.Parse("""{"certManager": {"issuerName": "ca", "issuerKind": "Issuer", "issuerGroup": "cert-manager.io"}}"""));
        Assert.Contains("another root", Assert.Single(Definition.Of(after)!.Refusals(after, before)), StringComparison.Ordinal);
    }

    [Fact]
    public void An_older_version_does_not_know_what_came_later()
    {
        var value = Example("MeshConfig");
        value["apiVersion"] = "config.openservicemesh.io/v1alpha1";

        Assert.Equal(["unknown field \"spec.sidecar.tlsMinProtocolVersion\""], Definition.Of(value)!.Refusals(value));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"sidecar\":{\"configResyncInterval\":\"0s\",\"maxDataPlaneConnections\":0},\"certificate\":{\"serviceCertValidityDuration\":\"2h45m\",\"certKeyBitSize\":2048}}")]
    public void What_OSMs_installer_wrote_is_accepted(string spec)
    {
        var value = new JsonObject { ["apiVersion"] = "config.openservicemesh.io/v1alpha2", ["kind"] = "MeshConfig", ["metadata"] = new JsonObject(), ["spec"] = JsonNode.Parse(spec) };

        Assert.Empty(Definition.Of(value)!.Refusals(value));
    }

    private static JsonObject Example(string kind)
    {
        var document = File.ReadAllText(Checkout.In("core/docs/kinds.md"));
        var start = document.IndexOf("```yaml\n", StringComparison.Ordinal) + "```yaml\n".Length;
        return YamlText.Objects(document[start..document.LastIndexOf("```", StringComparison.Ordinal)]).Single(value => value.Kind() == kind);
    }

    private static void Set(JsonObject root, string path, JsonNode? value)
    {
        var steps = path.Split('.');
        var parent = root.At(string.Join('.', steps[..^1]));
        if (parent is JsonArray list)
        {
            list.Insert(int.Parse(steps[^1], System.Globalization.CultureInfo.InvariantCulture), value);
        }
        else if (parent is null)
        {
            // A second match, to be like the first.
            var items = root.At(string.Join('.', steps[..^2]))!.AsArray();
            items.Add((JsonNode)new JsonObject { [steps[^1]] = value });
        }
        else if (value is null)
        {
            parent.AsObject().Remove(steps[^1]);
        }
        else
        {
            parent.AsObject()[steps[^1]] = value;
        }
    }
}
